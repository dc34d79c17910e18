#include "app/runs/figures.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {
namespace {

// A figure's column of the training rows, and that of the validation rows; sums are divided by the rows.
struct Source {
  std::string_view figure, label;
  std::vector<std::string_view> train, validation;  // the first that is there
  const char *train_rows = nullptr, *validation_rows = nullptr;
  bool now_and_then = false;  // not in every epoch: what is missing is no gap
};

const std::vector<Source>& sources() {
  static const std::vector<Source> kSources = {
      {"loss", "loss per row", {"train_loss", "running_loss"}, {"val_loss"}, "n_train", "n_validation"},
      {"lr", "learning rate, γ", {"lr"}, {}},
      {"grad_norm", "gradient norm", {"grad_norm"}, {}},
      {"sharpness", "sharpness, λmax", {"sharpness"}, {}, nullptr, nullptr, true},
      {"edge", "γ·λmax·B/N, unstable above 2", {"lr_times_sharpness"}, {}, nullptr, nullptr, true},
  };
  return kSources;
}

void add_curve(Figure& figure, const RecordedRun& run, std::size_t index, bool validation,
               const std::vector<std::string_view>& columns, const char* rows_key, bool now_and_then) {
  for (const std::string_view column : columns) {
    const std::vector<double>* values = run.find(column);
    if (values == nullptr) continue;
    const bool nothing = std::ranges::all_of(*values, [](double v) { return std::isnan(v); });
    if (nothing && figure.name != "loss") continue;  // that a loss was never a number is worth showing
    const std::size_t rows = rows_key != nullptr && run.formula().empty() ? run.count(rows_key) : 1;
    const double divisor = rows > 0 ? static_cast<double>(rows) : 1;
    Curve curve{index, validation, {}, {}};
    for (std::size_t i = 0; i < values->size(); ++i) {
      if (now_and_then && std::isnan((*values)[i])) continue;
      curve.epoch.push_back(run.epochs[i]);
      curve.y.push_back((*values)[i] / divisor);
    }
    figure.curves.push_back(std::move(curve));
    return;
  }
}

std::vector<std::string> all_metrics() {
  std::vector<std::string> names;
  for (const TargetKind kind : {TargetKind::classes, TargetKind::binary, TargetKind::numbers, TargetKind::counts})
    for (const std::string& name : metric_names(kind))
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  return names;
}

// The metric that comes first in the record of the first run that has one; empty: none.
std::string first_metric(const std::vector<RecordedRun>& runs) {
  const std::vector<std::string> known = all_metrics();
  for (const RecordedRun& run : runs)
    for (const std::string& column : run.columns)
      for (const std::string_view prefix : {"val_", "train_"})
        if (column.starts_with(prefix) && std::ranges::find(known, column.substr(prefix.size())) != known.end())
          return column.substr(prefix.size());
  return "";
}

// What the figure is called by itself, and behind a comma as a run calls it; by itself where they call it differently.
std::string label_of(const Source& source, const std::vector<RecordedRun>& runs) {
  const auto formula = [](const RecordedRun& run) { return !run.formula().empty(); };
  if (source.figure == "loss") {
    if (std::ranges::all_of(runs, formula)) return "f, the value";
    return std::string(source.label) + (std::ranges::any_of(runs, formula) ? ", of formulas f" : ", L/N");
  }
  if (source.figure != "grad_norm") return std::string(source.label);
  const std::string_view name = runs.front().gradient_name();
  const bool same = std::ranges::all_of(runs, [&](const RecordedRun& run) { return run.gradient_name() == name; });
  return same ? fmt::format("{}, {}", source.label, name) : std::string(source.label);
}

Figure figure_of(const std::vector<RecordedRun>& runs, const std::string& asked) {
  const auto source = std::ranges::find(sources(), asked, &Source::figure);
  const std::string metric = asked == "metric" ? first_metric(runs) : asked;
  const std::string of_training = "train_" + metric, of_validation = "val_" + metric;
  Figure figure{asked, asked, false, {}};
  for (std::size_t run = 0; run < runs.size(); ++run) {
    if (source != sources().end()) {
      figure.label = label_of(*source, runs);
      add_curve(figure, runs[run], run, false, source->train, source->train_rows, source->now_and_then);
      add_curve(figure, runs[run], run, true, source->validation, source->validation_rows, false);
    } else {
      figure.label = metric;
      add_curve(figure, runs[run], run, false, {metric, of_training}, nullptr, false);
      add_curve(figure, runs[run], run, true, {of_validation}, nullptr, false);
    }
  }
  return figure;
}

bool spans_decades(const Figure& figure) {
  constexpr double kRatio = 20;
  double low = HUGE_VAL, high = 0;
  for (const Curve& curve : figure.curves)
    for (const double y : curve.y) {
      if (y < 0) return false;
      if (!std::isfinite(y) || y == 0) continue;
      low = std::min(low, y);
      high = std::max(high, y);
    }
  return high > kRatio * low;
}

// A curve at one height in every run says nothing that the settings do not.
bool is_level(const Figure& figure) {
  for (const Curve& curve : figure.curves)
    for (const double y : curve.y)
      if (y != figure.curves.front().y.front()) return false;
  return true;
}

// Of the rows [from, to) the last one and each curve's lowest and highest, ascending.
std::vector<std::size_t> telling_rows(const AlignedFigure& figure, std::size_t from, std::size_t to) {
  std::vector<std::size_t> rows{to - 1};
  for (const std::vector<double>& values : figure.values) {
    std::size_t low = from, high = from;
    for (std::size_t i = from; i < to; ++i) {
      if (!(values[low] <= values[i])) low = i;
      if (!(values[high] >= values[i])) high = i;
    }
    rows.insert(rows.end(), {low, high});
  }
  std::ranges::sort(rows);
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

[[noreturn]] void refuse(const std::vector<RecordedRun>& runs, const std::string& asked) {
  std::vector<std::string> known;
  for (const char* name : {"loss", "metric", "lr", "grad_norm", "sharpness", "edge"})
    if (!figure_of(runs, name).curves.empty()) known.emplace_back(name);
  for (const RecordedRun& run : runs)
    for (const std::string& column : run.columns)
      if (std::ranges::find(known, column) == known.end()) known.push_back(column);
  if (asked == "sharpness" || asked == "metric" ||
      std::ranges::find(sources(), asked, &Source::figure) != sources().end())
    throw Error(Fault::usage, "{} was not logged; there {} {}", asked, known.size() == 1 ? "is" : "are", join(known));
  throw Error(Fault::usage, "{}", unknown_name("figure", asked, known));
}

}  // namespace

std::vector<Figure> figures(const std::vector<RecordedRun>& runs, const std::vector<std::string>& asked, Scale scale) {
  const std::vector<std::string> kUsual = {"loss", "metric", "grad_norm", "lr", "sharpness", "edge"};
  std::vector<Figure> found;
  for (const std::string& name : asked.empty() ? kUsual : asked) {
    Figure figure = figure_of(runs, name);
    if (figure.curves.empty()) {
      if (asked.empty()) continue;
      refuse(runs, name);
    }
    if (asked.empty() && name == "lr" && is_level(figure)) continue;
    const bool bounded = name == "metric" || larger_is_better(figure.label);
    figure.log = scale == Scale::log || (scale == Scale::automatic && !bounded && spans_decades(figure));
    found.push_back(std::move(figure));
  }
  if (found.empty()) refuse(runs, "loss");
  return found;
}

AlignedFigure aligned(const Figure& figure, std::size_t most) {
  AlignedFigure whole;
  for (const Curve& curve : figure.curves)
    whole.epoch.insert(whole.epoch.end(), curve.epoch.begin(), curve.epoch.end());
  std::ranges::sort(whole.epoch);
  whole.epoch.erase(std::unique(whole.epoch.begin(), whole.epoch.end()), whole.epoch.end());
  const std::size_t rows = whole.epoch.size();
  for (const Curve& curve : figure.curves) {
    std::vector<double>& values = whole.values.emplace_back(rows, std::numeric_limits<double>::quiet_NaN());
    std::size_t row = 0;
    for (std::size_t i = 0; i < curve.epoch.size(); ++i) {
      while (whole.epoch[row] != curve.epoch[i]) ++row;
      values[row] = curve.y[i];
    }
  }
  if (rows <= most) return whole;

  AlignedFigure thin;
  thin.values.resize(whole.values.size());
  const std::size_t stretches = std::max<std::size_t>(most / (2 * whole.values.size() + 1), 1);
  for (std::size_t s = 0; s < stretches; ++s)
    for (const std::size_t row : telling_rows(whole, s * rows / stretches, (s + 1) * rows / stretches)) {
      thin.epoch.push_back(whole.epoch[row]);
      for (std::size_t k = 0; k < whole.values.size(); ++k) thin.values[k].push_back(whole.values[k][row]);
    }
  return thin;
}

}  // namespace descent
