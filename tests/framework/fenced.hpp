// Arrays beyond whose ends no one can read or write unnoticed.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <new>
#include <span>

namespace descent::test {

// A copy of some numbers that begins or ends where a page does that may not be touched: whoever strays there ends the
// program, by masked vectors too, which AddressSanitizer does not see.
template <class Real>
class Fenced {
 public:
  enum class Side { before, behind };

  Fenced(std::span<const Real> numbers, Side side) {
    const std::size_t page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE)),
                      room = (numbers.size_bytes() + page - 1) / page * page;
    bytes_ = room + 2 * page;
    map_ = mmap(nullptr, bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map_ == MAP_FAILED) throw std::bad_alloc();
    char* inside = static_cast<char*>(map_) + page;
    if (mprotect(inside, room, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
    data_ = reinterpret_cast<Real*>(inside + (side == Side::behind ? room - numbers.size_bytes() : 0));
    std::ranges::copy(numbers, data_);
  }
  Fenced(const Fenced&) = delete;
  Fenced& operator=(const Fenced&) = delete;
  ~Fenced() { munmap(map_, bytes_); }

  Real* data() const { return data_; }

 private:
  void* map_;
  std::size_t bytes_;
  Real* data_;
};

}  // namespace descent::test
