#include "app/curvature/sharpness.hpp"

#include "framework/text.hpp"
#include "trainers/lanczos.hpp"

#include <cmath>
#include <limits>

namespace descent {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kTolerance = 1e-5;  // of the residual; the eigenvalue is good to its square

}  // namespace

std::optional<double> stable_product(std::string_view optimizer, double momentum) {
  if (optimizer == "steepest") return 2;
  if (optimizer == "momentum") return 2 * (1 + momentum);
  if (optimizer == "nesterov") return 2 * (1 + momentum) / (1 + 2 * momentum);
  return std::nullopt;
}

Sharpness::Sharpness(const Experiment& experiment, Log& log) : config_(experiment.config), log_(log) {
  if (config_.log.sharpness_every == 0) return;
  curvature_ = std::make_unique<CurvatureObjective>(experiment);
  if (!stable_product(config_.optimizer.name, config_.optimizer.momentum))
    log_.line(
        fmt::format("sharpness γ·λmax has no limit of 2 with {}, which rescales the gradient", config_.optimizer.name));
}

std::vector<std::string> Sharpness::columns() const {
  if (!curvature_) return {};
  return {"sharpness", "lr_times_sharpness"};
}

double Sharpness::first_gamma() const {
  return config_.schedule.warmup_epochs > 0 ? kNaN : config_.optimizer.learning_rate;
}

template <class Real>
const EpochRecord& Sharpness::measured(const EpochRecord& record, ConstParams<Real> w) {
  if (!curvature_) return record;
  record_ = record;
  double lambda = kNaN;
  if (record.epoch % static_cast<std::size_t>(config_.log.sharpness_every) == 0)
    lambda =
        extreme_eigenvalues(curvature_->objective(), widened<Real>(w), {.tolerance = kTolerance, .largest_only = true})
            .lambda_max;
  const double gamma = record.epoch == 0 ? first_gamma() : record.gamma;
  const double share = static_cast<double>(record.batch_size) / static_cast<double>(record.terms);
  record_.figures.push_back(lambda);
  record_.figures.push_back(gamma * lambda * share);
  return record_;
}

void Sharpness::warn() {
  if (!curvature_ || warned_) return;
  const double product = record_.figures.back();
  const std::optional<double> limit = stable_product(config_.optimizer.name, config_.optimizer.momentum);
  if (!limit || !(product > *limit)) return;
  warned_ = true;
  const bool whole = record_.batch_size == record_.terms;
  const double gamma = record_.epoch == 0 ? first_gamma() : record_.gamma;
  log_.warn(fmt::format("epoch {}: {} = {:.4g} is beyond {:.4g}: {} (γ < {:.3g} is within, see docs/curvature.md)",
                        record_.epoch, whole ? "γ·λmax" : "γ·λmax·B/N", product, *limit,
                        record_.epoch == 0 ? "the first steps overshoot along the sharpest direction"
                                           : "training rides the edge of stability",
                        gamma * *limit / product));
}

template const EpochRecord& Sharpness::measured(const EpochRecord&, ConstParams<float>);
template const EpochRecord& Sharpness::measured(const EpochRecord&, ConstParams<double>);

}  // namespace descent
