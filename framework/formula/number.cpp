#include "framework/formula/number.hpp"

#include "framework/decimal.hpp"
#include "framework/text.hpp"

#include <charconv>
#include <cmath>
#include <limits>

namespace descent::formula {
namespace {

constexpr std::int64_t kLargest = std::int64_t(1) << 53;  // beyond it doubles skip whole numbers

__int128 greatest_divisor(__int128 a, __int128 b) {
  while (b != 0) {
    const __int128 rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

bool terminates(std::int64_t q) {  // as a decimal
  while (q % 2 == 0) q /= 2;
  while (q % 5 == 0) q /= 5;
  return q == 1;
}

}  // namespace

Number::Number(double x) : value_(x), q_(0) {
  if (std::abs(x) <= static_cast<double>(kLargest) && x == std::floor(x)) {
    p_ = static_cast<std::int64_t>(x);
    q_ = 1;
  }
}

Number Number::reduced(__int128 p, __int128 q, bool decimal) {
  if (q < 0) {
    p = -p;
    q = -q;
  }
  if (const __int128 divisor = greatest_divisor(p < 0 ? -p : p, q); divisor > 1) {
    p /= divisor;
    q /= divisor;
  }
  Number result(static_cast<double>(p) / static_cast<double>(q));
  const bool fits = (p < 0 ? -p : p) <= kLargest && q <= kLargest;
  result.p_ = fits ? static_cast<std::int64_t>(p) : 0;
  result.q_ = fits ? static_cast<std::int64_t>(q) : 0;
  result.decimal_ = decimal;
  return result;
}

Number Number::ratio(std::int64_t p, std::int64_t q) { return reduced(p, q, false); }

Number Number::from_text(std::string_view digits) {
  Number result;
  double value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (read.ec == std::errc::result_out_of_range)  // from_chars leaves value alone
    value = underflows(digits) ? 0 : std::numeric_limits<double>::infinity();
  result = Number(value);
  if (result.is_exact()) return result;

  std::int64_t p = 0, q = 1;
  bool fraction = false;
  for (const char c : digits) {
    if (c == '.') {
      fraction = true;
      continue;
    }
    if (c == 'e' || c == 'E') break;
    if (p > kLargest / 10 || q > kLargest / 10) return result;
    p = 10 * p + (c - '0');
    if (fraction) q *= 10;
  }
  if (const auto e = digits.find_first_of("eE"); e != std::string_view::npos) {
    int exponent = 0;
    std::string_view text = digits.substr(e + 1);
    if (text.front() == '+') text.remove_prefix(1);
    if (std::from_chars(text.data(), text.data() + text.size(), exponent).ec != std::errc()) return result;
    for (; exponent != 0; exponent += exponent < 0 ? 1 : -1) {
      std::int64_t& part = exponent < 0 ? q : p;
      if (part > kLargest / 10) return result;
      part *= 10;
    }
  }
  result = reduced(p, q, true);
  result.value_ = value;
  return result;
}

bool Number::is_integer() const { return q_ == 1; }

bool Number::is_ratio() const { return q_ > 1 && !(decimal_ && terminates(q_)); }

Number Number::operator-() const {
  Number result = *this;
  result.value_ = -value_;
  result.p_ = -p_;
  return result;
}

Number operator+(const Number& a, const Number& b) {
  if (!a.is_exact() || !b.is_exact()) return Number(a.value_ + b.value_);
  const __int128 p = static_cast<__int128>(a.p_) * b.q_ + static_cast<__int128>(b.p_) * a.q_;
  return Number::reduced(p, static_cast<__int128>(a.q_) * b.q_, a.decimal_ || b.decimal_);
}

Number operator*(const Number& a, const Number& b) {
  if (!a.is_exact() || !b.is_exact()) return Number(a.value_ * b.value_);
  return Number::reduced(static_cast<__int128>(a.p_) * b.p_, static_cast<__int128>(a.q_) * b.q_,
                         a.decimal_ || b.decimal_);
}

std::optional<Number> Number::power(std::int64_t n) const {
  constexpr std::int64_t kMost = 64;  // 2^53 has no higher roots but 0 and ±1
  if (!is_exact() || (is_zero() && n < 0)) return std::nullopt;
  if (n > kMost || n < -kMost) {
    if (p_ != 0 && !(q_ == 1 && (p_ == 1 || p_ == -1))) return std::nullopt;
    n = n % 2 == 0 ? 2 : 1;
  }
  Number base = *this;
  if (n < 0) base = reduced(q_, p_, decimal_);
  Number result(1);
  for (std::int64_t k = 0; k < std::abs(n); ++k) {
    result = result * base;
    if (!result.is_exact()) return std::nullopt;
  }
  return result;
}

std::string Number::text() const {
  if (is_ratio()) return shortest(static_cast<double>(p_)) + "/" + shortest(static_cast<double>(q_));
  return shortest(value_);
}

}  // namespace descent::formula
