// A derivative just beside a point: its limit there, where what is said at the point itself may be but a convention,
// such as |x|′ = 0 at 0.
#pragma once

#include "trainers/finite.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace descent {

class BothSides {
 public:
  using Values = std::vector<double>;
  using Derivative = std::function<Values(const Values&)>;

  // On both sides of x, askew to the axes, at 1e-6 of max(size, ‖x‖) and at a 64th of that.
  BothSides(const Values& x, const Derivative& derivative, double size = 1) {
    constexpr double kLength = 1e-6, kShrink = 64;
    size = std::max(size, norm<double>(x));
    for (const double h : {kLength * size, kLength / kShrink * size}) {
      const Values up = derivative(moved(x, h)), down = derivative(moved(x, -h));
      Values& mean = mean_.emplace_back(up);
      for (std::size_t i = 0; i < up.size(); ++i) mean[i] = up[i] / 2 + down[i] / 2;
      apart_.push_back(distance(up, down));
      rounding_ = 1e-6 * std::max(norm<double>(up), norm<double>(down));  // of x, over so short a distance
    }
  }

  bool is_finite() const { return all_finite<double>(mean_[1]); }
  bool is_limit(const Values& value) const {
    return all_finite<double>(value) && distance(value, mean_[1]) <= distance(value, mean_[0]) / 2 + rounding_;
  }
  // Whether the sides come to different values, or to none.
  bool differ() const { return !(apart_[1] <= apart_[0] / 2 + rounding_); }
  bool settle() const { return distance(mean_[0], mean_[1]) <= 0.1 * norm<double>(mean_[0]); }
  const Values& mean() const { return mean_[1]; }

 private:
  static Values moved(Values x, double h) {
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] += h * (1 + std::fmod(0.6180339887498949 * static_cast<double>(i), 1.0));
    return x;
  }

  static double distance(const Values& a, const Values& b) {
    double all = 0;
    for (std::size_t i = 0; i < a.size(); ++i) all = std::hypot(all, a[i] - b[i]);
    return all;
  }

  std::vector<Values> mean_;  // at the longer distance and at the shorter one
  std::vector<double> apart_;
  double rounding_ = 0;
};

}  // namespace descent
