#include "framework/kernels/threads.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace descent::kernels {
namespace {

std::atomic<std::size_t> wanted{1};

void pause() {
#ifdef __x86_64__
  __builtin_ia32_pause();
#endif
}

// Waits until `value` is no longer `old`. Products follow each other within microseconds: it pays to look for
// a while before going to sleep.
unsigned await_change(const std::atomic<unsigned>& value, unsigned old) {
  constexpr int kLooks = 4000;  // some 100 µs
  for (int look = 0; look < kLooks; ++look) {
    const unsigned now = value.load(std::memory_order_acquire);
    if (now != old) return now;
    pause();
  }
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

class Crew {
 public:
  // As many helpers as the machine grants.
  explicit Crew(std::size_t helpers) : asked_(helpers), busy_(0) {
    try {
      for (std::size_t part = 0; part < helpers; ++part) threads_.emplace_back([this, part] { serve(part); });
    } catch (const std::system_error&) {
    }
  }
  ~Crew() {
    ends_ = true;
    call();
    for (std::thread& thread : threads_) thread.join();
  }

  std::size_t asked() const { return asked_; }
  std::size_t helpers() const { return threads_.size(); }
  void run(std::size_t parts, void (*task)(void*, std::size_t), void* context) {
    parts_ = parts;
    task_ = task;
    context_ = context;
    busy_.store(threads_.size(), std::memory_order_relaxed);
    call();
    task(context, parts - 1);
    while (busy_.load(std::memory_order_acquire) != 0) pause();
  }

 private:
  void call() {
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
  }
  void serve(std::size_t part) {
    for (unsigned round = 0;;) {
      round = await_change(round_, round);
      if (ends_) return;
      if (part + 1 < parts_) task_(context_, part);
      busy_.fetch_sub(1, std::memory_order_release);
    }
  }

  std::size_t asked_;
  std::atomic<unsigned> round_{0};
  std::atomic<std::size_t> busy_;
  std::size_t parts_ = 0;
  void (*task_)(void*, std::size_t) = nullptr;
  void* context_ = nullptr;
  std::atomic<bool> ends_{false};
  std::vector<std::thread> threads_;
};

std::mutex guard;
std::unique_ptr<Crew> crew;  // made when first needed, at most as large as was ever wanted

void alone(std::size_t parts, void (*task)(void*, std::size_t), void* context) {
  for (std::size_t part = 0; part < parts; ++part) task(context, part);
}

}  // namespace

void set_threads(std::size_t count) { wanted = std::max<std::size_t>(1, count); }

std::size_t threads() { return std::min<std::size_t>(wanted, std::max(1u, std::thread::hardware_concurrency())); }

void share(std::size_t parts, void (*task)(void* context, std::size_t part), void* context) {
  std::unique_lock lock(guard, std::try_to_lock);
  if (parts <= 1 || !lock) return alone(parts, task, context);
  if (crew == nullptr || crew->asked() + 1 < parts) crew = std::make_unique<Crew>(parts - 1);
  if (crew->helpers() + 1 < parts) return alone(parts, task, context);
  crew->run(parts, task, context);
}

}  // namespace descent::kernels
