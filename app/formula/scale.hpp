// The variables in which the steps on a formula are taken: those of the formula, w, or u = w / scale, one scale each.
#pragma once

#include "trainers/scaled.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

class FormulaScale {
 public:
  // `text`: "none"; "auto", 1/√|∂²f/∂wᵢ²| at w; "magnitude", |wᵢ|; or a number for every variable, "b1=100,b2=1".
  // `f` must outlive this. Throws Error(usage) that begins with `option` for anything else.
  FormulaScale(Objective<double>& f, std::string_view option, const std::string& text,
               std::span<const std::string> names, ConstParams<double> w);

  // With these scales (n), empty: none.
  FormulaScale(Objective<double>& f, std::vector<double> scales);

  Objective<double>& objective() { return scaled_ ? static_cast<Objective<double>&>(*scaled_) : f_; }  // of u
  const std::vector<double>& scales() const { return scales_; }  // (n); empty: u is w
  void to_scaled(Params<double> w) const;                        // w becomes u
  void from_scaled(Params<double> u) const;                      // and back

 private:
  Objective<double>& f_;
  std::vector<double> scales_;
  std::optional<Scaled<double>> scaled_;
};

}  // namespace descent
