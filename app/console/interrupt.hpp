// Ctrl-C, SIGTERM and a reader of our output that goes away (SIGPIPE) ask a training to end before its next
// step, so that its model is kept; a second Ctrl-C or SIGTERM, later, ends the program at once.
#pragma once

#include <atomic>

namespace descent {

// Installs the handlers; the flag becomes true when a signal has come.
const std::atomic<bool>& watch_for_interrupts();

// The signal that came, or 0.
int interrupting_signal();

}  // namespace descent
