// Numbers below the smallest with full precision (10⁻³⁸ in float32): many processors take a hundred times as long for
// them, and a softmax that is sure of itself makes them by the thousand.
#pragma once

#ifdef __SSE__
#include <xmmintrin.h>
#endif

namespace descent::kernels {

// How this thread's arithmetic treats them.
class SubnormalMode {
 public:
  static SubnormalMode current() {
#ifdef __SSE__
    return SubnormalMode(_mm_getcsr() & kFlushes);
#else
    return SubnormalMode(0);
#endif
  }
  static SubnormalMode flushing() { return SubnormalMode(kFlushes); }
  void apply() const {
#ifdef __SSE__
    const unsigned state = _mm_getcsr();
    if ((state & kFlushes) != bits_) _mm_setcsr((state & ~kFlushes) | bits_);
#endif
  }

 private:
  static constexpr unsigned kFlushes = 0x8040;  // results become 0, and operands count as 0
  explicit SubnormalMode(unsigned bits) : bits_(bits) {}
  unsigned bits_;
};

// While it lives, they are 0 in this thread and in the parts of products that others do for it. Where the processor
// has no such switch, nothing changes.
class FlushSubnormals {
 public:
  explicit FlushSubnormals(bool flushes) : before_(SubnormalMode::current()) {
    if (flushes) SubnormalMode::flushing().apply();
  }
  ~FlushSubnormals() { before_.apply(); }
  FlushSubnormals(const FlushSubnormals&) = delete;
  FlushSubnormals& operator=(const FlushSubnormals&) = delete;

 private:
  SubnormalMode before_;
};

}  // namespace descent::kernels
