#include "app/console/interrupt.hpp"

#include <csignal>
#include <ctime>

namespace descent {
namespace {

std::atomic<bool> asked{false};
std::atomic<int> signal_number{0};
std::atomic<long long> first_at{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free &&
              std::atomic<long long>::is_always_lock_free);

long long milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1'000'000;
}

// A sender such as timeout(1) signals the program and its group: one wish that arrives twice.
void note(int number) {
  constexpr long long kOneWish = 300;  // milliseconds
  if (!asked) {
    first_at = milliseconds();
    signal_number = number;
    asked = true;
  } else if (number != SIGPIPE && milliseconds() - first_at > kOneWish) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

}  // namespace

const std::atomic<bool>& watch_for_interrupts() {
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGPIPE, &action, nullptr);
  return asked;
}

int interrupting_signal() { return signal_number; }

}  // namespace descent
