// Ctrl-C and SIGTERM ask a training to end before its next step; a second one, later,
// ends the program at once.
#pragma once

#include <atomic>

namespace descent {

// Installs the handlers; the flag becomes true when a signal has come.
const std::atomic<bool>& watch_for_interrupts();

// The signal that came, or 0.
int interrupting_signal();

}  // namespace descent
