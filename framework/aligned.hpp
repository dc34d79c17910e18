// Memory that starts on a cache line, which is also the width of the widest vectors. Large pieces ask the system for
// large pages: rows from anywhere in a table are then found without a walk through page tables each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace descent {

template <class T>
struct AlignedAllocator {
  using value_type = T;

  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}
  T* allocate(std::size_t n) {
    void* p = ::operator new(n * sizeof(T), alignment(n));
#ifdef MADV_HUGEPAGE
    if (is_large(n)) madvise(p, n * sizeof(T), MADV_HUGEPAGE);  // a wish: nothing is lost where it fails
#endif
    return static_cast<T*>(p);
  }
  void deallocate(T* p, std::size_t n) { ::operator delete(p, alignment(n)); }
  template <class U>
  bool operator==(const AlignedAllocator<U>&) const {
    return true;
  }

 private:
  static constexpr std::size_t kLine = 64, kLargePage = std::size_t{1} << 21;
  static bool is_large(std::size_t n) { return n >= kLargePage / sizeof(T); }
  static std::align_val_t alignment(std::size_t n) { return std::align_val_t{is_large(n) ? kLargePage : kLine}; }
};

template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

inline bool starts_on_line(const void* p) { return reinterpret_cast<std::uintptr_t>(p) % 64 == 0; }

}  // namespace descent
