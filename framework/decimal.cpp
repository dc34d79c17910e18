#include "framework/decimal.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace descent {

bool underflows(std::string_view number) {
  constexpr std::int64_t kClamp = std::int64_t{1} << 40;  // beyond any line's length
  const std::size_t e = std::min(number.find_first_of("eE"), number.size());
  std::int64_t exponent = 0;
  if (e < number.size()) {
    std::string_view digits = number.substr(e + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (code == std::errc::result_out_of_range) exponent = digits.starts_with('-') ? -kClamp : kClamp;
    exponent = std::clamp(exponent, -kClamp, kClamp);
  }
  const std::string_view mantissa = number.substr(0, e);
  const std::size_t first = std::min(mantissa.find_first_of("123456789"), mantissa.size());
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  return exponent + static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) < 0;
}

}  // namespace descent
