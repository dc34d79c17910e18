// Rows, columns and terms cut into parts.
#pragma once

#include <algorithm>
#include <cstddef>

namespace descent::kernels {

// `parts` of a whole, the first `large` of them of `size`, the others one smaller.
struct Split {
  std::size_t size = 0, large = 0, parts = 0;

  static Split into(std::size_t whole, std::size_t most) {  // as few parts as there can be, of at most `most`
    const std::size_t parts = (whole + most - 1) / most;
    const std::size_t size = (whole + parts - 1) / parts;
    return {size, whole - parts * (size - 1), parts};
  }
  std::size_t length(std::size_t part) const { return part < large ? size : size - 1; }
  std::size_t begin(std::size_t part) const { return part * size - (part < large ? 0 : part - large); }
  template <class Visit>
  void for_each(Visit visit) const {  // visit(begin, length)
    for (std::size_t part = 0; part < parts; ++part) visit(begin(part), length(part));
  }
};

struct Range {
  std::size_t begin, length;
};

// `whole` cut at multiples of `unit` into `parts` of about the same length, or fewer where there are not as many units.
class Cut {
 public:
  Cut(std::size_t whole, std::size_t parts, std::size_t unit)
      : whole_(whole), unit_(unit), units_(split((whole + unit - 1) / unit, parts)) {}
  std::size_t parts() const { return units_.parts; }
  Range operator[](std::size_t part) const {
    const std::size_t begin = units_.begin(part) * unit_;
    return {begin, std::min(units_.length(part) * unit_, whole_ - begin)};
  }

 private:
  static Split split(std::size_t units, std::size_t parts) { return Split::into(units, (units + parts - 1) / parts); }
  std::size_t whole_, unit_;
  Split units_;
};

}  // namespace descent::kernels
