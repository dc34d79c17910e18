// Numbers of a formula: exact fractions while they stay small, else doubles.
//
// 1/3 is a third, so 3*(x/3) is x; 0.1 is a tenth, so 3*0.1 prints as 0.3 and not as
// 0.30000000000000004. A fraction whose parts outgrow 2^53 becomes the nearest double.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace descent::formula {

class Number {
 public:
  Number(double x = 0);  // exact when x is a whole number of at most 2^53
  static Number ratio(std::int64_t p, std::int64_t q);

  // Digits as the lexer accepts them: "2", "0.26", ".5", "1e-3". The value is the nearest double;
  // infinite when it is too large for one.
  static Number from_text(std::string_view digits);

  double value() const { return value_; }
  bool is_exact() const { return q_ != 0; }
  bool is_integer() const;  // of magnitude up to 2^53
  bool is_zero() const { return value_ == 0; }
  bool is_one() const { return value_ == 1; }
  bool is_negative() const { return value_ < 0; }

  // Printed as p/q: a fraction that came from divisions, not from decimals. Else as one decimal.
  bool is_ratio() const;
  std::int64_t numerator() const { return p_; }  // of an exact number, in lowest terms, q > 0
  std::int64_t denominator() const { return q_; }

  Number operator-() const;
  friend Number operator+(const Number& a, const Number& b);
  friend Number operator*(const Number& a, const Number& b);
  friend bool operator==(const Number& a, const Number& b) { return a.value_ == b.value_; }

  // The n-th power where it is an exact number; nothing for 0 to a negative power.
  std::optional<Number> power(std::int64_t n) const;

  std::string text() const;  // "-2", "0.26", "1/3", "1e-20"; reads back as the same value

 private:
  static Number reduced(__int128 p, __int128 q, bool decimal);

  double value_ = 0;
  std::int64_t p_ = 0, q_ = 1;  // q = 0: not exact
  bool decimal_ = false;
};

}  // namespace descent::formula
