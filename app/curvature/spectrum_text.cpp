#include "app/curvature/spectrum_text.hpp"

#include "app/files/json_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace descent {
namespace {

// Decades below the largest |λ|; what is smaller counts as near 0. Some dozen steps of Lanczos do not tell eigenvalues
// apart that are closer than a hundredth of the whole range.
int decades(const SpectralDensity& spectrum) { return spectrum.exact ? 6 : 2; }

std::string row(const SpectralDensity& spectrum, double low, double high, double most) {
  constexpr double kBar = 36;
  const double count = spectrum.count(low, high);
  const auto bar = static_cast<std::size_t>(std::ceil(kBar * count / most - 1e-9));
  const std::string number = spectrum.exact ? fmt::format("{:.0f}", count) : fmt::format("{:.1f}", count);
  return fmt::format("{:>11.3g} {:>11.3g} {:>11}{}{}\n", low, high, number, bar == 0 ? "" : "  ",
                     std::string(bar, '#'));
}

}  // namespace

std::string describe(const SpectralDensity& spectrum) {
  if (spectrum.values.empty()) return "spectrum none: the Hessian is not finite here\n";
  const double largest = std::max(std::abs(spectrum.values.front()), std::abs(spectrum.values.back()));
  const double n = std::accumulate(spectrum.counts.begin(), spectrum.counts.end(), 0.0);
  std::string text = fmt::format("spectrum {:.0f} eigenvalues, λmin {:.6g}, λmax {:.6g}\n         trace {:.6g}", n,
                                 spectrum.values.front(), spectrum.values.back(), spectrum.trace);
  text += spectrum.exact ? "\n"
                         : fmt::format(" ± {:.2g}, by {} random products with the Hessian\n", spectrum.trace_error,
                                       spectrum.products);
  if (largest == 0) return text + "         all are 0\n";
  std::vector<double> edges;  // ascending; the first and last a little beyond the ends
  const int last = decades(spectrum);
  for (int k = 0; k <= last; ++k) edges.push_back(-largest * (k == 0 ? 1 + 1e-9 : std::pow(10.0, -k)));
  for (int k = last; k >= 0; --k) edges.push_back(largest * (k == 0 ? 1 + 1e-9 : std::pow(10.0, -k)));
  double most = 0;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) most = std::max(most, spectrum.count(edges[i], edges[i + 1]));
  text += fmt::format("{:>11} {:>11} {:>11}\n", "λ above", "up to", "eigenvalues");
  for (std::size_t i = edges.size() - 1; i > 0; --i)
    if (edges[i - 1] >= 0 || spectrum.values.front() <= edges[i]) text += row(spectrum, edges[i - 1], edges[i], most);
  return text;
}

nlohmann::ordered_json to_json(const SpectralDensity& spectrum) {
  return {{"exact", spectrum.exact},
          {"trace", json_number(spectrum.trace)},
          {"trace_error", json_number(spectrum.trace_error)},
          {"values", spectrum.values},
          {"counts", spectrum.counts}};
}

}  // namespace descent
