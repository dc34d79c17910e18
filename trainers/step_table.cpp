#include "trainers/step_table.hpp"

#include "framework/error.hpp"
#include "trainers/curvature.hpp"
#include "trainers/dot.hpp"
#include "trainers/line_search.hpp"
#include "trainers/sentences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace descent {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kSmall = 0.2;  // of the step to the lowest point
constexpr double kManyRoundings = 1e3;

double lambda_max(const StepView<double>& step, std::size_t most_weights) {
  if (!step.objective.has_hessian() || step.from.size() > most_weights) return kNaN;
  return hessian_spectrum(step.objective, step.from).values.back();
}

}  // namespace

std::string_view to_string(StepVerdict verdict) {
  switch (verdict) {
    case StepVerdict::too_small:
      return "too small";
    case StepVerdict::good:
      return "good";
    case StepVerdict::overshoots:
      return "overshoots";
    case StepVerdict::bounces:
      return "bounces";
    case StepVerdict::uphill:
      return "uphill";
    case StepVerdict::settled:
      return "settled";
  }
  assert(false && "a StepVerdict outside the enumeration");
  return "unknown";
}

StepVerdict judge(const StepRecord& r, double rounding, bool plain) {
  if (std::abs(r.actual) <= rounding)
    return r.predicted > kManyRoundings * rounding ? StepVerdict::bounces : StepVerdict::settled;
  if (!(r.predicted > 0)) return StepVerdict::uphill;
  if (r.actual < 0) return StepVerdict::overshoots;
  // A valley: a longer step would be stable along this d, but not across it.
  const bool room = !plain || std::isnan(r.gamma_lambda) || r.gamma_lambda < kSmall;
  return r.gamma_curvature < kSmall && room ? StepVerdict::too_small : StepVerdict::good;
}

std::string StepRecord::text() const {
  if (step == 0) return {};
  switch (verdict) {
    case StepVerdict::overshoots:
      return fmt::format("overshoots: f rose because γ·curvature = {} > 2", rounded(gamma_curvature));
    case StepVerdict::bounces:
      return "bounces: f is as high as before because γ·curvature = 2";
    case StepVerdict::uphill:
      return "uphill: the direction does not lead down";
    case StepVerdict::settled:
      return "settled: f changed by no more than its rounding";
    case StepVerdict::too_small:
    case StepVerdict::good:
      break;
  }
  return std::string(to_string(verdict));
}

void StepTable::on_start(const EpochRecord& record, ConstParams<double> w) {
  rows.clear();
  overshoots = 0;
  largest_gamma_lambda = 0;
  last = {};
  last.w.assign(w.begin(), w.end());
  last.f = record.loss;
  last.gradient_norm = record.gradient_norm;
  last.gamma_curvature = last.gamma_lambda = kNaN;
  rows.push_back(last);
}

void StepTable::on_step(const StepView<double>& step) {
  StepRecord r;
  r.step = step.step;
  r.w.assign(step.to.begin(), step.to.end());
  r.f = step.loss_to;
  r.gradient_norm = step.norm_to;
  r.gamma = step.gamma;
  r.predicted = -step.gamma * step.slope;
  r.actual = step.loss_from - step.loss_to;
  r.remark = step.remark;
  const double rounding = rounding_of<double>(std::max(std::abs(step.loss_from), std::abs(step.loss_to)));
  r.gamma_curvature = std::abs(r.actual) > rounding ? 2 * (1 - r.actual / r.predicted)
                                                    : 1 - dot<double>(step.gradient, step.d) / step.slope;
  r.gamma_lambda = step.gamma * lambda_max(step, options_.most_weights);
  const double dd = dot<double>(step.d, step.d), gg = step.norm_from * step.norm_from;
  // gᵀd = −‖g‖‖d‖ and equal lengths: d is −g.
  const bool plain = std::abs(-step.slope - dd) <= 1e-12 * dd && std::abs(dd - gg) <= 1e-12 * gg;
  r.verdict = judge(r, rounding, plain);
  if (r.verdict == StepVerdict::overshoots) ++overshoots;
  if (r.gamma_lambda > largest_gamma_lambda) largest_gamma_lambda = r.gamma_lambda;
  if (rows.size() < options_.keep) rows.push_back(r);
  last = std::move(r);
}

namespace {

// Calls use(number) for each number of the row but w; a verdict and a count are numbers too.
template <class Record, class Use>
void each_number(Record& record, Use use) {
  for (auto* x : {&record.f, &record.gradient_norm, &record.gamma, &record.predicted, &record.actual,
                  &record.gamma_curvature, &record.gamma_lambda})
    use(*x);
}

constexpr std::size_t kNumbers = 9;  // of a row beside w

void pack(const StepRecord& record, std::span<double> row) {
  std::size_t i = 0;
  row[i++] = static_cast<double>(record.step);
  row[i++] = static_cast<double>(record.verdict);
  each_number(record, [&](double x) { row[i++] = x; });
  std::ranges::copy(record.w, row.begin() + static_cast<std::ptrdiff_t>(i));
}

StepRecord unpacked(std::span<const double> row) {
  StepRecord record;
  std::size_t i = 0;
  StateNumber{"step of a row", Count(&record.step)}.set(row[i++]);
  std::size_t verdict = 0;
  StateNumber{"verdict of a step", Count(&verdict, static_cast<std::size_t>(StepVerdict::settled))}.set(row[i++]);
  record.verdict = static_cast<StepVerdict>(verdict);
  each_number(record, [&](double& x) { x = row[i++]; });
  record.w.assign(row.begin() + static_cast<std::ptrdiff_t>(i), row.end());
  return record;
}

}  // namespace

State<double> StepTable::state() {
  const std::size_t width = kNumbers + last.w.size();
  packed_.assign((options_.keep + 1) * width, 0);
  packed_rows_ = rows.size();
  const auto row = [&](std::size_t k) { return std::span(packed_).subspan(k * width, width); };
  for (std::size_t k = 0; k < rows.size(); ++k) pack(rows[k], row(k));
  pack(last, row(options_.keep));
  return {{{"rows", packed_}},
          {{"kept", &packed_rows_}, {"overshoots", &overshoots}, {"largest", &largest_gamma_lambda}}};
}

void StepTable::on_resume() {
  const std::size_t width = kNumbers + last.w.size();
  const auto row = [&](std::size_t k) { return std::span(packed_).subspan(k * width, width); };
  if (packed_rows_ > options_.keep)
    throw Error(Fault::data, "the checkpoint has {} rows of steps, and this run keeps {}", packed_rows_, options_.keep);
  rows.clear();
  for (std::size_t k = 0; k < packed_rows_; ++k) rows.push_back(unpacked(row(k)));
  last = unpacked(row(options_.keep));
  packed_.clear();
}

}  // namespace descent
