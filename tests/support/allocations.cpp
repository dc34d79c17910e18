#include "tests/support/allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DESCENT_COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define DESCENT_COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef DESCENT_COUNTS_ALLOCATIONS
#define DESCENT_COUNTS_ALLOCATIONS 1
#endif

namespace {
std::atomic<std::size_t> count{0};
}

namespace descent::support {
bool counts_allocations() { return DESCENT_COUNTS_ALLOCATIONS == 1; }
std::size_t allocations() { return count.load(); }
}  // namespace descent::support

#if DESCENT_COUNTS_ALLOCATIONS
// The array and nothrow forms of the standard library call these.
void* operator new(std::size_t size) {
  count.fetch_add(1, std::memory_order_relaxed);
  if (void* p = std::malloc(size == 0 ? 1 : size)) return p;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  count.fetch_add(1, std::memory_order_relaxed);
  const auto a = static_cast<std::size_t>(alignment);
  if (void* p = std::aligned_alloc(a, (size + a - 1) / a * a)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
#endif
