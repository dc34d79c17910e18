#include "datasets/encoding.hpp"

#include "datasets/encoding_columns.hpp"
#include "framework/text.hpp"

#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace descent {
namespace {

// Rows encoded together, so that the strided writes of a block of columns stay in the cache.
constexpr std::size_t kBlock = 64;

// N·d numbers that the machine cannot hold would otherwise end in a killed process.
void refuse_too_large(const Table& table, std::size_t rows, std::size_t width, const std::vector<InputColumn>& inputs) {
  const double needed = static_cast<double>(rows) * static_cast<double>(width) * sizeof(double);
  const double memory = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  if (needed < memory) return;
  const auto widest = std::max_element(inputs.begin(), inputs.end(), [](const InputColumn& a, const InputColumn& b) {
    return a.categories.size() < b.categories.size();
  });
  throw Error(Fault::data,
              "{}: {} rows of {} inputs do not fit in memory; leave columns out with data.ignore (column '{}' has {} "
              "categories)",
              table.source, rows, width, printable(widest->name), widest->categories.size());
}

class Encoder {
 public:
  Encoder(const Encoding& encoding, const Table& table, bool with_targets) : encoding_(encoding), table_(table) {
    for (const InputColumn& input : encoding.inputs) inputs_.push_back(&table.column(input.name));
    if (with_targets)
      for (const TargetColumn& target : encoding.targets) targets_.push_back(&table.column(target.name));
  }

  Dataset run() {
    choose_rows();
    refuse_too_large(table_, data_.rows.size(), encoding_.input_width(), encoding_.inputs);
    data_.inputs = zeros<double>(data_.rows.size(), encoding_.input_width());
    data_.targets = zeros<double>(data_.rows.size(), targets_.size());
    encode_inputs();
    for (std::size_t j = 0; j < targets_.size(); ++j) encode_target(j);
    problems_.report();
    data_.input_names = encoding_.input_names();
    for (const TargetColumn& target : encoding_.targets) data_.target_names.push_back(target.name);
    if (encoding_.target_kind == TargetKind::classes) data_.classes = encoding_.targets[0].classes;
    return std::move(data_);
  }

 private:
  void choose_rows() {
    const bool drop = encoding_.missing == Missing::drop_row;
    const std::vector<bool> complete =
        drop ? complete_rows(table_, inputs_, targets_) : std::vector<bool>(table_.rows(), true);
    for (std::uint32_t row = 0; row < complete.size(); ++row)
      if (complete[row]) data_.rows.push_back(row);
    if (data_.rows.empty())
      throw Error(Fault::data, "{}: {}", table_.source,
                  complete.empty() ? "no rows" : "no row is left, for every one has a missing cell");
    if (drop) return;
    if (encoding_.missing == Missing::error)
      report_missing(table_, inputs_, data_.rows,
                     "fill it in, or train with data.missing set to drop_row, mean or median", problems_);
    report_missing(table_, targets_, data_.rows, "fill it in, or train with data.missing set to drop_row", problems_);
    problems_.report();
  }

  void encode_inputs() {
    std::vector<NumberCells> numbers;
    std::vector<CategoryCells> categories;
    numbers.reserve(inputs_.size());
    for (std::size_t k = 0; k < inputs_.size(); ++k) {
      if (encoding_.inputs[k].categories.empty())
        numbers.emplace_back(*inputs_[k]);
      else
        categories.emplace_back(*inputs_[k], encoding_.inputs[k].categories);
    }
    for (std::size_t begin = 0; begin < data_.rows.size() && !problems_.full(); begin += kBlock) {
      const std::size_t end = std::min(begin + kBlock, data_.rows.size());
      auto number = numbers.begin();
      auto category = categories.begin();
      std::size_t j = 0;
      for (std::size_t k = 0; k < inputs_.size(); ++k) {
        const std::size_t width = encoding_.inputs[k].categories.size();
        for (std::size_t i = begin; i < end; ++i)
          width == 0 ? encode_number(*number, k, i, j) : encode_category(*category, k, i, j);
        width == 0 ? void(++number) : void(++category);
        j += std::max<std::size_t>(width, 1);
      }
    }
  }

  void encode_number(const NumberCells& cells, std::size_t k, std::size_t i, std::size_t j) {
    const std::uint32_t row = data_.rows[i];
    auto value = cells.at(row);
    if (!value || std::isinf(*value))
      return refuse(row, *inputs_[k], cells.text(row), value ? "is not finite" : "is not a number");
    if (std::isnan(*value)) value = encoding_.inputs[k].fill;
    data_.inputs(i, j) = standardized(*value, encoding_.input_mean[j], encoding_.input_scale[j]);
    if (!std::isfinite(data_.inputs(i, j)))
      refuse(row, *inputs_[k], shortest(*value), "is too far from the training data to be standardised");
  }

  void encode_category(const CategoryCells& cells, std::size_t k, std::size_t i, std::size_t j) {
    const std::uint32_t row = data_.rows[i];
    std::uint32_t index = cells.at(row);
    if (index == CategoryCells::kUnknown)
      return refuse(row, *inputs_[k], cells.text(row),
                    "is not among the categories of the training data: " + list_some(encoding_.inputs[k].categories));
    if (index == kMissingCode) index = static_cast<std::uint32_t>(encoding_.inputs[k].fill);
    data_.inputs(i, j + index) = 1;
  }

  void encode_target(std::size_t j) {
    const std::vector<std::string>& classes = encoding_.targets[j].classes;
    if (classes.empty()) return encode_target_numbers(j);
    const CategoryCells cells(*targets_[j], classes);
    for (std::size_t i = 0; i < data_.rows.size() && !problems_.full(); ++i) {
      const std::uint32_t row = data_.rows[i], index = cells.at(row);
      if (index == CategoryCells::kUnknown)
        refuse(row, *targets_[j], cells.text(row), "is not a class of the training data: " + list_some(classes));
      else
        data_.targets(i, j) = index;
    }
  }

  void encode_target_numbers(std::size_t j) {
    const NumberCells cells(*targets_[j]);
    for (std::size_t i = 0; i < data_.rows.size() && !problems_.full(); ++i) {
      const std::uint32_t row = data_.rows[i];
      const auto value = cells.at(row);
      const char* wrong = nullptr;
      if (!value)
        wrong = "is not a number";
      else if (!std::isfinite(*value))
        wrong = "is not finite";
      else if (encoding_.target_kind == TargetKind::counts && *value < 0)
        wrong = "is not a count; counts are numbers of at least 0";
      else if (encoding_.target_kind == TargetKind::binary && *value != 0 && *value != 1)
        wrong = "is neither 0 nor 1, as a binary loss needs; for classes set train.loss to cross_entropy";
      if (wrong)
        refuse(row, *targets_[j], cells.text(row), wrong);
      else
        data_.targets(i, j) = standardized(*value, encoding_.target_mean[j], encoding_.target_scale[j]);
    }
  }

  static double standardized(double x, double mean, double scale) {
    const double z = (x - mean) / scale;
    return std::isfinite(z) ? z : x / scale - mean / scale;  // x − mean may exceed a double
  }

  void refuse(std::size_t row, const Column& column, const std::string& cell, const std::string& why) {
    problems_.add(table_.place(row, column), fmt::format("'{}' in column '{}' {}", cell, printable(column.name), why));
  }

  const Encoding& encoding_;
  const Table& table_;
  std::vector<const Column*> inputs_, targets_;
  Problems problems_;
  Dataset data_;
};

}  // namespace

std::size_t Encoding::input_width() const {
  std::size_t width = 0;
  for (const InputColumn& input : inputs) width += std::max<std::size_t>(input.categories.size(), 1);
  return width;
}

std::size_t Encoding::output_width() const {
  return target_kind == TargetKind::classes ? targets[0].classes.size() : targets.size();
}

std::vector<std::string> Encoding::input_names() const {
  std::vector<std::string> names;
  for (const InputColumn& input : inputs) {
    if (input.categories.empty()) names.push_back(input.name);
    for (const std::string& category : input.categories) names.push_back(input.name + '=' + category);
  }
  return names;
}

std::vector<std::string> Encoding::output_names() const {
  if (target_kind == TargetKind::classes) return targets[0].classes;
  std::vector<std::string> names;
  for (const TargetColumn& target : targets) names.push_back(target.name);
  return names;
}

Dataset Encoding::encode(const Table& table, bool with_targets) const {
  assert(input_mean.size() == input_width() && input_scale.size() == input_width());
  return Encoder(*this, table, with_targets).run();
}

void Encoding::decode_targets(MatrixView<double> y) const {
  if (target_kind != TargetKind::numbers) return;
  assert(y.cols == targets.size());
  for (std::size_t i = 0; i < y.rows; ++i)
    for (std::size_t j = 0; j < y.cols; ++j) y(i, j) = y(i, j) * target_scale[j] + target_mean[j];
}

CsvOptions csv_options(const EncodingOptions& options) {
  CsvOptions csv{.form = options.form};
  csv.skip_columns = options.ignore;
  csv.text_columns = options.categorical;
  if (options.target_kind == TargetKind::classes) {
    csv.text_columns.insert(csv.text_columns.end(), options.targets.begin(), options.targets.end());
    csv.last_column_is_text = options.targets.empty();
  }
  if (!options.inputs.empty() && !options.targets.empty()) {
    csv.only_columns = options.inputs;
    csv.only_columns.insert(csv.only_columns.end(), options.targets.begin(), options.targets.end());
  }
  csv.keep_places = options.target_kind == TargetKind::binary || options.target_kind == TargetKind::counts;
  return csv;
}

CsvOptions csv_options(const Encoding& encoding, bool with_targets) {
  CsvOptions csv{.form = encoding.form};
  const auto add = [&](const std::string& name, bool text) {
    csv.only_columns.push_back(name);
    (text ? csv.text_columns : csv.number_columns).push_back(name);
  };
  for (const InputColumn& input : encoding.inputs) add(input.name, !input.categories.empty());
  if (with_targets)
    for (const TargetColumn& target : encoding.targets) add(target.name, !target.classes.empty());
  csv.keep_places =
      with_targets && (encoding.target_kind == TargetKind::binary || encoding.target_kind == TargetKind::counts);
  return csv;
}

}  // namespace descent
