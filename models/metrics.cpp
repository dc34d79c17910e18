#include "models/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct ClassFigures {
  double accuracy, balanced_accuracy, macro_f1;
  std::vector<double> f1;  // per class; NaN where it neither occurs nor was predicted
};

double mean_of_known(const std::vector<double>& values) {
  double sum = 0, count = 0;
  for (const double x : values)
    if (!std::isnan(x)) sum += x, count += 1;
  return count > 0 ? sum / count : kNaN;
}

ClassFigures class_figures(const Matrix<double>& confusion) {
  const std::size_t classes = confusion.shape(0);
  std::vector<double> recalls(classes, kNaN), f1(classes, kNaN);
  double hits = 0, all = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    double occurs = 0, predicted = 0;
    for (std::size_t other = 0; other < classes; ++other) {
      occurs += confusion(c, other);
      predicted += confusion(other, c);
    }
    const double right = confusion(c, c);
    if (occurs > 0) recalls[c] = right / occurs;
    if (occurs + predicted > 0) f1[c] = 2 * right / (occurs + predicted);
    hits += right;
    all += occurs;
  }
  const double macro_f1 = mean_of_known(f1);
  return {hits / all, mean_of_known(recalls), macro_f1, std::move(f1)};
}

std::size_t most_likely(std::span<const double> probabilities) {
  return static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
}

void measure_classes(ConstMatrixView<double> predicted, ConstMatrixView<double> truth, Evaluation& into) {
  into.confusion = zeros<double>(predicted.cols, predicted.cols);
  for (std::size_t i = 0; i < predicted.rows; ++i)
    into.confusion(static_cast<std::size_t>(truth(i, 0)), most_likely(predicted.row(i))) += 1;
  const ClassFigures figures = class_figures(into.confusion);
  into.metrics = {
      {"accuracy", figures.accuracy}, {"balanced_accuracy", figures.balanced_accuracy}, {"f1", figures.macro_f1}};
}

void measure_binary(ConstMatrixView<double> predicted, ConstMatrixView<double> truth, Evaluation& into) {
  double accuracy = 0, balanced = 0, f1 = 0;
  const double columns = static_cast<double>(predicted.cols);
  for (std::size_t k = 0; k < predicted.cols; ++k) {
    Matrix<double> confusion = zeros<double>(2, 2);
    for (std::size_t i = 0; i < predicted.rows; ++i) confusion(truth(i, k) > 0.5, predicted(i, k) > 0.5) += 1;
    const ClassFigures figures = class_figures(confusion);
    accuracy += figures.accuracy / columns;
    balanced += figures.balanced_accuracy / columns;
    f1 += (std::isnan(figures.f1[1]) ? 0 : figures.f1[1]) / columns;
    if (predicted.cols == 1) into.confusion = confusion;
  }
  into.metrics = {{"accuracy", accuracy}, {"balanced_accuracy", balanced}, {"f1", f1}};
}

void measure_numbers(ConstMatrixView<double> predicted, ConstMatrixView<double> truth, Evaluation& into) {
  double squares = 0, sizes = 0, r2 = 0;
  for (std::size_t k = 0; k < predicted.cols; ++k) {
    double mean = 0;
    for (std::size_t i = 0; i < truth.rows; ++i) mean += truth(i, k) / static_cast<double>(truth.rows);
    double residual = 0, spread = 0;
    bool constant = true;  // asked for itself: the mean of equal numbers may round away from them
    for (std::size_t i = 0; i < truth.rows; ++i) {
      const double error = predicted(i, k) - truth(i, k);
      residual += error * error;
      sizes += std::abs(error);
      spread += (truth(i, k) - mean) * (truth(i, k) - mean);
      constant = constant && truth(i, k) == truth(0, k);
    }
    squares += residual;
    r2 += (constant ? kNaN : 1 - residual / spread) / static_cast<double>(predicted.cols);
  }
  const double entries = static_cast<double>(predicted.rows * predicted.cols);
  into.metrics = {{"r2", r2}, {"rmse", std::sqrt(squares / entries)}, {"mae", sizes / entries}};
}

bool has_nan(ConstMatrixView<double> m) {
  for (std::size_t i = 0; i < m.rows; ++i)
    if (std::ranges::any_of(m.row(i), [](double x) { return std::isnan(x); })) return true;
  return false;
}

}  // namespace

double Evaluation::metric(std::string_view name) const {
  for (const auto& [known, value] : metrics)
    if (known == name) return value;
  return kNaN;
}

std::vector<std::string> metric_names(TargetKind kind) {
  if (kind == TargetKind::classes || kind == TargetKind::binary) return {"accuracy", "balanced_accuracy", "f1"};
  return {"r2", "rmse", "mae"};
}

bool larger_is_better(std::string_view metric) {
  return metric == "accuracy" || metric == "balanced_accuracy" || metric == "f1" || metric == "r2";
}

void measure(TargetKind kind, ConstMatrixView<double> predicted, ConstMatrixView<double> truth, Evaluation& into) {
  into.rows = predicted.rows;
  into.confusion = zeros<double>(0, 0);
  if (has_nan(predicted)) {
    into.metrics.clear();
    for (std::string& name : metric_names(kind)) into.metrics.emplace_back(std::move(name), kNaN);
    return;
  }
  switch (kind) {
    case TargetKind::classes:
      return measure_classes(predicted, truth, into);
    case TargetKind::binary:
      return measure_binary(predicted, truth, into);
    case TargetKind::numbers:
    case TargetKind::counts:
      return measure_numbers(predicted, truth, into);
  }
}

}  // namespace descent
