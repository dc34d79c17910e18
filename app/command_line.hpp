// From argv to a command and its exit code.
#pragma once

namespace descent {

// Prints what goes wrong as one message on stderr; never throws.
int run_command_line(int argc, char** argv);

}  // namespace descent
