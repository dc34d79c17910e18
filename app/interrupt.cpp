#include "app/interrupt.hpp"

#include <csignal>

namespace descent {
namespace {

std::atomic<bool> asked{false};
std::atomic<int> signal_number{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void note(int number) {
  signal_number = number;
  asked = true;
}

}  // namespace

const std::atomic<bool>& watch_for_interrupts() {
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return asked;
}

int interrupting_signal() { return signal_number; }

}  // namespace descent
