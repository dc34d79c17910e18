#include "models/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

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

// From the ranks of the positive rows (Mann and Whitney 1947).
double area_under_roc(const std::vector<double>& scores, const std::vector<bool>& positive) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return scores[i]; });
  double ranks = 0, positives = 0;
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first + 1, here = positive[order[first]];
    for (; last < order.size() && scores[order[last]] == scores[order[first]]; ++last) here += positive[order[last]];
    ranks += static_cast<double>(here) * static_cast<double>(first + 1 + last) / 2;  // ties share the mean of theirs
    positives += static_cast<double>(here);
    first = last;
  }
  const double negatives = static_cast<double>(scores.size()) - positives;
  return (ranks - positives * (positives + 1) / 2) / (positives * negatives);  // 0/0 where either are none
}

double ratio(double part, double whole) { return whole > 0 ? part / whole : kNaN; }

// `score(i)` of class c and `is_in(i)`, whether row i is of it.
template <class Score, class IsIn>
PartFigures figures_of_class(const Matrix<double>& confusion, std::size_t c, std::size_t rows, Score score,
                             IsIn is_in) {
  double occurs = 0, predicted = 0;
  for (std::size_t other = 0; other < confusion.shape(0); ++other) {
    occurs += confusion(c, other);
    predicted += confusion(other, c);
  }
  const double right = confusion(c, c);
  std::vector<double> scores(rows);
  std::vector<bool> positive(rows);
  for (std::size_t i = 0; i < rows; ++i) scores[i] = score(i), positive[i] = is_in(i);
  return {.name = {},
          .rows = static_cast<std::size_t>(occurs),
          .metrics = {{"precision", ratio(right, predicted)},
                      {"recall", ratio(right, occurs)},
                      {"f1", ratio(2 * right, occurs + predicted)},
                      {"auc", area_under_roc(scores, positive)}}};
}

Matrix<double> column_of(ConstMatrixView<double> m, std::size_t k) {
  Matrix<double> column = zeros<double>(m.rows, 1);
  for (std::size_t i = 0; i < m.rows; ++i) column(i, 0) = m(i, k);
  return column;
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

std::vector<PartFigures> break_down(TargetKind kind, ConstMatrixView<double> predicted, ConstMatrixView<double> truth,
                                    const std::vector<std::string>& names) {
  std::vector<PartFigures> parts;
  const bool binary = kind == TargetKind::binary, of_classes = kind == TargetKind::classes;
  const std::size_t rows = predicted.rows;
  if (has_nan(predicted) || (!binary && !of_classes && predicted.cols == 1)) return parts;
  Evaluation whole;
  if (of_classes || (binary && predicted.cols == 1)) {
    measure(kind, predicted, truth, whole);
    for (std::size_t c = 0; c < names.size(); ++c) {
      const auto score = [&](std::size_t i) { return of_classes ? predicted(i, c) : predicted(i, 0) * (c ? 1 : -1); };
      const auto is_in = [&](std::size_t i) { return truth(i, 0) == static_cast<double>(c); };
      parts.push_back(figures_of_class(whole.confusion, c, rows, score, is_in));
    }
  } else {
    for (std::size_t k = 0; k < names.size(); ++k) {
      const Matrix<double> y = column_of(predicted, k), t = column_of(truth, k);
      measure(kind, view(y), view(t), whole);
      parts.push_back({.name = {}, .rows = rows, .metrics = whole.metrics});
      if (!binary) continue;
      const auto score = [&](std::size_t i) { return y(i, 0); };
      const auto is_in = [&](std::size_t i) { return t(i, 0) > 0.5; };
      parts.back().metrics.push_back(figures_of_class(whole.confusion, 1, rows, score, is_in).metrics.back());
    }
  }
  for (std::size_t k = 0; k < parts.size(); ++k) parts[k].name = names[k];
  return parts;
}

}  // namespace descent
