#include "framework/kernels/threads.hpp"

#include "framework/kernels/subnormals.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sched.h>
#endif

namespace descent::kernels {
namespace {

std::atomic<std::size_t> wanted{1};

void pause() {
#ifdef __x86_64__
  __builtin_ia32_pause();
#endif
}

// Waits until `value` is no longer `old`. Products follow each other within microseconds: it pays to look for
// a while before going to sleep: waking up takes as long as a product.
unsigned await_change(const std::atomic<unsigned>& value, unsigned old) {
  constexpr int kLooks = 20000;  // some 500 µs
  for (int look = 0; look < kLooks; ++look) {
    const unsigned now = value.load(std::memory_order_acquire);
    if (now != old) return now;
    pause();
  }
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

// Every helper has a part that it takes when it comes in time: caches stay warm. What nobody has begun when the caller
// is through with its own, the caller takes: a helper whose processor others use costs nothing.
class Crew {
 public:
  // As many helpers as the machine grants.
  explicit Crew(std::size_t helpers) : asked_(helpers), slots_(helpers) {
    try {
      for (Slot& slot : slots_) threads_.emplace_back([this, &slot] { serve(slot); });
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
    task_ = task;
    context_ = context;
    mode_ = SubnormalMode::current();
    const unsigned before = round_.load(std::memory_order_relaxed), now = before + 1;
    for (std::size_t part = parts - 1; part < slots_.size(); ++part) {
      slots_[part].taken.store(now, std::memory_order_relaxed);
      slots_[part].done.store(now, std::memory_order_relaxed);
    }
    call();
    task(context, parts - 1);
    for (std::size_t part = parts - 1; part-- > 0;) {
      if (!slots_[part].take(now)) continue;
      task(context, part);
      slots_[part].done.store(now, std::memory_order_relaxed);
    }
    for (std::size_t part = 0; part + 1 < parts; ++part) await_change(slots_[part].done, before);
  }

 private:
  struct alignas(64) Slot {  // a part: the last rounds in which it was begun and finished
    std::atomic<unsigned> taken{0}, done{0};
    bool take(unsigned round) {
      unsigned before = round - 1;
      return taken.compare_exchange_strong(before, round, std::memory_order_acq_rel);
    }
  };

  void call() {
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
  }
  void serve(Slot& slot) {
    const std::size_t part = static_cast<std::size_t>(&slot - slots_.data());
    for (unsigned round = 0;;) {
      round = await_change(round_, round);
      if (ends_) return;
      if (!slot.take(round)) continue;  // too late
      mode_.apply();
      task_(context_, part);
      slot.done.store(round, std::memory_order_release);
      slot.done.notify_one();
    }
  }

  std::size_t asked_;
  std::atomic<unsigned> round_{0};
  void (*task_)(void*, std::size_t) = nullptr;
  void* context_ = nullptr;
  SubnormalMode mode_ = SubnormalMode::current();
  std::atomic<bool> ends_{false};
  std::vector<Slot> slots_;
  std::vector<std::thread> threads_;
};

std::mutex guard;
std::unique_ptr<Crew> crew;  // made when first needed, at most as large as was ever wanted

void alone(std::size_t parts, void (*task)(void*, std::size_t), void* context) {
  for (std::size_t part = 0; part < parts; ++part) task(context, part);
}

}  // namespace

void set_threads(std::size_t count) { wanted = std::max<std::size_t>(1, count); }

std::size_t processors() {
  static const std::size_t count = [] {
#ifdef __linux__
    cpu_set_t allowed;  // too small for machines of more than 1024 processors: then it fails
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return static_cast<unsigned>(CPU_COUNT(&allowed));
#endif
    return std::thread::hardware_concurrency();
  }();
  return std::max<std::size_t>(1, count);
}

std::size_t threads() { return std::min<std::size_t>(wanted, processors()); }

void share(std::size_t parts, void (*task)(void* context, std::size_t part), void* context) {
  if (parts <= 1) return alone(parts, task, context);
  std::unique_lock lock(guard, std::try_to_lock);
  if (!lock) return alone(parts, task, context);
  if (crew == nullptr || crew->asked() + 1 < parts) crew = std::make_unique<Crew>(parts - 1);
  if (crew->helpers() + 1 < parts) return alone(parts, task, context);
  crew->run(parts, task, context);
}

}  // namespace descent::kernels
