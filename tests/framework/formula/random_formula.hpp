// Random formulas: every function, operator and constant, over the variables x, y and z.
#pragma once

#include "framework/formula/expression.hpp"
#include "framework/formula/functions.hpp"
#include "framework/random.hpp"

#include <string>
#include <vector>

namespace descent::test {

class RandomFormula {
 public:
  // `smooth`: without kinks and without numbers whose size hides the others from finite differences. Otherwise
  // every row of the table is used.
  RandomFormula(std::uint32_t index, bool smooth) : rng_(7, Purpose::check, smooth ? 1 : 0, index), smooth_(smooth) {}

  // A text with up to `depth` operations inside each other.
  std::string text(int depth) {
    if (depth == 0 || rng_.below(8) == 0) return leaf();
    const auto inner = [&] { return "(" + text(depth - 1) + ")"; };
    switch (rng_.below(9)) {
      case 0:
        return text(depth - 1) + " + " + text(depth - 1);
      case 1:
        return text(depth - 1) + " - " + inner();
      case 2:
        return inner() + "*" + inner();
      case 3:
        return inner() + "/" + inner();
      case 4:
        return inner() + "^" + std::to_string(1 + rng_.below(4));
      case 5:
        return rng_.below(2) == 0 ? "-" + inner() : number() + inner();
      case 6:
        return inner() + "^" + (rng_.below(3) == 0 ? inner() : rng_.below(2) == 0 ? "(1/3)" : "(-1.5)");
      default:
        return call(depth);
    }
  }

  std::vector<double> point() {
    std::vector<double> x(3);
    for (double& element : x) element = rng_.uniform(-2, 2);
    return x;
  }

 private:
  std::string leaf() {
    static const char* const kLeaves[] = {"x", "y", "z", "x", "y", "z", "pi", "e"};
    const std::uint32_t choice = rng_.below(12);
    return choice < 8 ? kLeaves[choice] : number();
  }
  std::string number() {
    static const char* const kNumbers[] = {"2", "3", "0.1", "1e-3", ".5", "7", "0", "1", "2.75", "12345.678", "1e20"};
    return kNumbers[rng_.below(smooth_ ? 9 : 11)];
  }
  std::string call(int depth) {
    while (true) {
      const formula::Function& row =
          formula::functions()[rng_.below(static_cast<std::uint32_t>(formula::functions().size()))];
      if (row.sums_rows || (smooth_ && row.kink != nullptr && row.domain.empty())) continue;
      std::string inside = text(depth - 1);
      if (row.arguments() == 2) inside += ", " + text(depth - 1);
      return std::string(row.name) + "(" + inside + ")";
    }
  }

  Rng rng_;
  bool smooth_;
};

}  // namespace descent::test
