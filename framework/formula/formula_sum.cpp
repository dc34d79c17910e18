#include "framework/formula/formula_sum.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

using formula::kBlock;
using formula::Tape;

Formula checked(Formula formula) {
  formula.only_output();
  if (!formula.is_sum())
    throw Error(Fault::usage,
                "data was given, but the formula '{}' sums over no rows; write what is added up for each row as "
                "sum(...), for instance sum((y - a*x - b)^2)",
                printable(formula.typed()));
  return formula;
}

std::vector<std::string> names_of(std::span<const DataColumn> columns) {
  std::vector<std::string> names;
  for (const DataColumn& column : columns) names.push_back(column.name);
  return names;
}

void check_table(std::span<const DataColumn> columns) {
  if (columns.empty() || columns[0].values.empty())
    throw Error(Fault::data, "the data has no rows; a sum needs at least one");
  for (std::size_t k = 0; k < columns.size(); ++k) {
    if (columns[k].values.size() != columns[0].values.size())
      throw Error(Fault::data, "column '{}' has {} rows, but column '{}' has {}", printable(columns[k].name),
                  columns[k].values.size(), printable(columns[0].name), columns[0].values.size());
    for (std::size_t j = 0; j < k; ++j)
      if (columns[j].name == columns[k].name)
        throw Error(Fault::data, "two columns are named '{}'; rename one", printable(columns[k].name));
  }
}

}  // namespace

Tape FormulaSum::bind(std::span<const DataColumn> columns) {
  check_table(columns);
  rows_ = columns[0].values.size();
  for (std::size_t k = 0; k < formula_.variables().size(); ++k) {
    const std::string& name = formula_.variables()[k];
    const auto column = std::ranges::find(columns, name, &DataColumn::name);
    if (column == columns.end()) {
      free_.push_back(k);
      names_.push_back(name);
      continue;
    }
    for (std::size_t row = 0; row < rows_; ++row)
      if (!std::isfinite(column->values[row]))
        throw Error(Fault::data, "column '{}', data row {}: {}; the sum needs a finite number in every cell it uses",
                    printable(name), row + 1, shortest(column->values[row]));
    data_.push_back({k, {column->values.begin(), column->values.end()}});
  }
  check_names(columns);
  return Tape(std::vector{formula_.sum().summand}, formula_.variables(), active());
}

void FormulaSum::check_names(std::span<const DataColumn> columns) const {
  const std::vector<std::string>& variables = formula_.variables();
  std::vector<std::string> unused;
  for (const std::string& name : names_of(columns))
    if (std::ranges::find(variables, name) == variables.end()) unused.push_back(name);
  constexpr std::size_t kShortest = 4;  // a and b are near to everything
  for (const std::string& name : names_)
    for (const std::string& column : unused) {
      const std::size_t slips = edit_distance(name, column);
      if (slips == 0 || (slips == 1 && name.size() >= kShortest))
        throw Error(
            Fault::usage,
            "'{}' is no column of the data; did you mean '{}'? If it is a variable, give it another name (columns: {})",
            name, printable(column), printable(join(names_of(columns)), 200));
    }
  if (data_.empty())
    throw Error(Fault::usage, "no name in '{}' is a column of the data; columns: {}; names: {}",
                printable(formula_.typed()), printable(join(names_of(columns)), 200), join(variables));
  for (const Bound& bound : data_)
    if (depends_on(formula_.sum().rest, static_cast<std::uint32_t>(bound.variable)))
      throw Error(Fault::usage, "'{}' is a column of the data and stands outside sum(...); only inside has it a row",
                  variables[bound.variable]);
  if (free_.empty())
    throw Error(Fault::usage, "every name in '{}' is a column of the data: no variable is left to change",
                printable(formula_.typed()));
}

std::uint64_t FormulaSum::active() const {
  std::uint64_t bits = 0;
  for (const std::size_t k : free_) bits |= std::uint64_t(1) << k;
  return bits;
}

FormulaSum::FormulaSum(Formula formula, std::span<const DataColumn> columns)
    : formula_(checked(std::move(formula))),
      row_(bind(columns)),
      rest_(std::vector{formula_.sum().rest}, formula_.variables(), active()),
      row_work_(row_, Tape::Work::Lanes::block),
      rest_work_(rest_),
      point_(formula_.variables().size(), 0.0),
      tangent_(point_),
      part_(point_) {
  const Tape factor(std::vector{formula_.sum().factor}, {});
  Tape::Work work(factor);
  factor_ = factor.value({}, work);
}

std::vector<std::string> FormulaSum::data_columns() const {
  std::vector<std::string> names;
  for (const Bound& bound : data_) names.push_back(formula_.variables()[bound.variable]);
  return names;
}

double FormulaSum::share(Terms batch) const {
  return batch.empty() ? 1 : static_cast<double>(batch.size()) / static_cast<double>(rows_);
}

void FormulaSum::set_free(ConstParams<double> w) {
  for (std::size_t k = 0; k < free_.size(); ++k) {
    point_[free_[k]] = w[k];
    std::ranges::fill(row_work_.variable(free_[k]), w[k]);
  }
}

// Data of the rows first, first + 1, … of the batch into the lanes; returns how many. Lanes left over
// repeat the last row, so they hold nothing new.
std::size_t FormulaSum::load_block(Terms batch, std::size_t first) {
  const std::size_t count = std::min(kBlock, (batch.empty() ? rows_ : batch.size()) - first);
  for (const Bound& bound : data_) {
    const std::span<double> lanes = row_work_.variable(bound.variable);
    for (std::size_t p = 0; p < kBlock; ++p) {
      const std::size_t k = first + std::min(p, count - 1);
      lanes[p] = bound.values[batch.empty() ? k : batch[k]];
    }
  }
  return count;
}

// Calls visit(count) with the values of each block of rows in the lanes.
template <class Visit>
void FormulaSum::for_blocks(Terms batch, Visit visit) {
  const std::size_t rows = batch.empty() ? rows_ : batch.size();
  for (std::size_t first = 0; first < rows; first += kBlock) {
    const std::size_t count = load_block(batch, first);
    row_.forward(row_work_);
    visit(count);
  }
}

namespace {
double total(std::span<const double> lanes, std::size_t count) {
  double sum = 0;
  for (std::size_t p = 0; p < count; ++p) sum += lanes[p];
  return sum;
}
}  // namespace

double FormulaSum::do_value(ConstParams<double> w, Terms batch) {
  set_free(w);
  double sum = 0;
  for_blocks(batch, [&](std::size_t count) { sum += total(row_work_.output(row_, 0), count); });
  return factor_ * sum + share(batch) * rest_.value(point_, rest_work_);
}

double FormulaSum::do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms batch) {
  set_free(w);
  double sum = 0;
  std::ranges::fill(g, 0.0);
  for_blocks(batch, [&](std::size_t count) {
    sum += total(row_work_.output(row_, 0), count);
    row_.reverse(row_work_, 0);
    for (std::size_t k = 0; k < free_.size(); ++k) g[k] += total(row_work_.adjoint(free_[k]), count);
  });
  const double rest = rest_.gradient(point_, part_, rest_work_);
  for (std::size_t k = 0; k < free_.size(); ++k) g[k] = factor_ * g[k] + share(batch) * part_[free_[k]];
  return factor_ * sum + share(batch) * rest;
}

void FormulaSum::do_hessian_vector(ConstParams<double> w, ConstParams<double> v, Params<double> hv, Terms batch) {
  set_free(w);
  for (std::size_t k = 0; k < free_.size(); ++k) {
    tangent_[free_[k]] = v[k];
    std::ranges::fill(row_work_.tangent(free_[k]), v[k]);
  }
  std::ranges::fill(hv, 0.0);
  for_blocks(batch, [&](std::size_t count) {
    row_.tangent(row_work_);
    row_.curvature(row_work_, 0);
    for (std::size_t k = 0; k < free_.size(); ++k) hv[k] += total(row_work_.adjoint_tangent(free_[k]), count);
  });
  rest_.hessian_vector(point_, tangent_, part_, rest_work_);
  for (std::size_t k = 0; k < free_.size(); ++k) hv[k] = factor_ * hv[k] + share(batch) * part_[free_[k]];
}

void FormulaSum::do_hessian(ConstParams<double> w, MatrixView<double> h, Terms batch) {
  const std::size_t n = free_.size();
  set_free(w);
  for (std::size_t i = 0; i < n; ++i) std::ranges::fill(h.row(i), 0.0);
  for_blocks(batch, [&](std::size_t count) {
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t k = 0; k < n; ++k) std::ranges::fill(row_work_.tangent(free_[k]), k == j ? 1.0 : 0.0);
      row_.tangent(row_work_);
      row_.curvature(row_work_, 0);
      for (std::size_t i = 0; i < n; ++i) h(i, j) += total(row_work_.adjoint_tangent(free_[i]), count);
    }
  });
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < n; ++k) tangent_[free_[k]] = k == j ? 1.0 : 0.0;
    rest_.hessian_vector(point_, tangent_, part_, rest_work_);
    for (std::size_t i = 0; i < n; ++i) h(i, j) = factor_ * h(i, j) + share(batch) * part_[free_[i]];
  }
}

std::vector<double> FormulaSum::row_point(ConstParams<double> w, std::size_t row) const {
  std::vector<double> x(formula_.variables().size());
  for (std::size_t k = 0; k < free_.size(); ++k) x[free_[k]] = w[k];
  for (const Bound& bound : data_) x[bound.variable] = bound.values[row];
  return x;
}

std::string FormulaSum::do_explain_nonfinite(ConstParams<double> w, Terms batch) {
  const std::size_t rows = batch.empty() ? rows_ : batch.size();
  for (std::size_t k = 0; k < rows; ++k) {
    const std::size_t row = batch.empty() ? k : batch[k];
    const std::string found = row_.explain_nonfinite(row_point(w, row));
    if (!found.empty()) return fmt::format("data row {}, {}", row + 1, found);
  }
  const std::string found = rest_.explain_nonfinite(row_point(w, 0));
  if (!found.empty()) return found;
  return std::isfinite(do_value(w, batch)) ? "" : "the sum over the rows is too large for a number";
}

std::vector<std::string> FormulaSum::kinks(ConstParams<double> w, double distance) const {
  for (std::size_t row = 0; row < rows_; ++row) {
    std::vector<std::string> found = row_.kinks(row_point(w, row), distance);
    for (std::string& text : found) text = fmt::format("data row {}, {}", row + 1, text);
    if (!found.empty()) return found;
  }
  return rest_.kinks(row_point(w, 0), distance);
}

}  // namespace descent
