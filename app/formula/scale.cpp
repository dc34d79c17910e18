#include "app/formula/scale.hpp"

#include "app/formula/assignments.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"

#include <utility>

namespace descent {
namespace {

std::vector<double> given_scales(std::string_view option, const std::string& text, std::span<const std::string> names) {
  if (text.find('=') == std::string::npos && names.size() > 1)
    throw Error(Fault::usage, "{}: found '{}', but it takes auto, magnitude, none or a number for every variable",
                option, printable(text));
  std::vector<double> scales = parse_point(option, text, names);
  for (std::size_t i = 0; i < scales.size(); ++i)
    if (!(scales[i] > 0))
      throw Error(Fault::usage, "{}: the scale {} of {} must be above 0; its usual size will do", option,
                  shortest(scales[i]), names[i]);
  return scales;
}

std::vector<double> chosen_scales(Objective<double>& f, std::string_view option, const std::string& text,
                                  std::span<const std::string> names, ConstParams<double> w) {
  if (text.empty() || text == "none") return {};
  if (text == "auto") return hessian_scales<double>(f, w);
  if (text == "magnitude") return magnitude_scales(w);
  return given_scales(option, text, names);
}

}  // namespace

FormulaScale::FormulaScale(Objective<double>& f, std::string_view option, const std::string& text,
                           std::span<const std::string> names, ConstParams<double> w)
    : FormulaScale(f, chosen_scales(f, option, text, names, w)) {}

FormulaScale::FormulaScale(Objective<double>& f, std::vector<double> scales) : f_(f), scales_(std::move(scales)) {
  if (!scales_.empty()) scaled_.emplace(f, scales_);
}

void FormulaScale::to_scaled(Params<double> w) const {
  for (std::size_t i = 0; i < scales_.size(); ++i) w[i] /= scales_[i];
}

void FormulaScale::from_scaled(Params<double> u) const {
  for (std::size_t i = 0; i < scales_.size(); ++i) u[i] *= scales_[i];
}

}  // namespace descent
