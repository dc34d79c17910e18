#include "app/commands.hpp"
#include "app/commands/data_file.hpp"
#include "app/config/errors.hpp"
#include "app/files/json_number.hpp"
#include "app/record/run_folder.hpp"
#include "app/training/result_json.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/model.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace descent {
namespace {

// The rows of `data` that played this part in the run the model comes from.
Dataset part_of(const Dataset& data, const std::string& part, const std::string& model) {
  const std::string path = (std::filesystem::path(model).parent_path() / RunFolder::kSplit).string();
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    throw Error(Fault::usage, "--rows {} needs the {} of the run beside the model, but there is no '{}'", part,
                RunFolder::kSplit, path);
  const Split split = load_split(path);
  const std::vector<std::uint32_t>& wanted = part == "train"        ? split.train
                                             : part == "validation" ? split.validation
                                                                    : split.test;
  std::vector<std::uint32_t> positions;
  for (const std::uint32_t row : wanted) {
    const auto found = std::ranges::lower_bound(data.rows, row);
    if (found == data.rows.end() || *found != row)
      throw Error(Fault::data, "{} names row {}, which this data does not have; is it the file of the training run?",
                  path, row + 1);
    positions.push_back(static_cast<std::uint32_t>(found - data.rows.begin()));
  }
  if (positions.empty()) throw Error(Fault::data, "{}: that run had no {} rows", path, part);
  return select(data, positions);
}

std::vector<std::string> class_names(const Encoding& encoding) {
  const TargetColumn& target = encoding.targets.front();
  return target.classes.empty() ? std::vector<std::string>{"0", "1"} : target.classes;
}

bool has_classes(const Encoding& encoding) {
  return encoding.target_kind == TargetKind::classes ||
         (encoding.target_kind == TargetKind::binary && encoding.targets.size() == 1);
}

std::vector<PartFigures> parts_of(const Model& model, const Dataset& data) {
  const Encoding& encoding = model.encoding;
  std::vector<std::string> names = class_names(encoding);
  if (!has_classes(encoding)) {
    names.clear();
    for (const TargetColumn& target : encoding.targets) names.push_back(target.name);
  }
  Matrix<double> truth = data.targets;
  encoding.decode_targets(view(truth));
  const Matrix<double> predicted = predict(model, data);
  return break_down(encoding.target_kind, view(predicted), view(std::as_const(truth)), names);
}

// A cell of a table, with a blank before it.
std::string cell(const std::string& text, std::size_t width) {
  std::string shown = printable(text);
  if (count_characters(shown) > width - 1) shown = fmt::format("{:.{}}…", shown, width - 2);
  return fmt::format("{:>{}}", shown, width);
}

std::size_t width_of(const std::vector<std::string>& names, std::size_t least) {
  constexpr std::size_t kMost = 24;
  for (const std::string& name : names) least = std::max(least, count_characters(printable(name)) + 2);
  return std::min(least, kMost);
}

std::string parts_table(const std::vector<PartFigures>& parts, bool of_classes) {
  std::vector<std::string> names;
  for (const PartFigures& part : parts) names.push_back(part.name);
  const std::size_t width = width_of(names, 8);
  std::string table = '\n' + cell(of_classes ? "class" : "target", width);
  if (of_classes) table += cell("rows", 8);
  for (const auto& [metric, value] : parts.front().metrics)
    table += cell(metric == "balanced_accuracy" ? "balanced" : metric, 11);
  for (const PartFigures& part : parts) {
    table += '\n' + cell(part.name, width);
    if (of_classes) table += fmt::format("{:>8}", part.rows);
    for (const auto& [metric, value] : part.metrics) table += fmt::format("{:>11}", figure_text(metric, value));
  }
  return table;
}

std::string confusion_table(const Evaluation& evaluation, const std::vector<std::string>& classes) {
  std::string table = "\nconfusion (row: true class, column: predicted)\n";
  const std::size_t width = width_of(classes, 6);
  table += cell("", width);
  for (const std::string& name : classes) table += cell(name, width);
  for (std::size_t i = 0; i < classes.size(); ++i) {
    table += '\n' + cell(classes[i], width);
    for (std::size_t j = 0; j < classes.size(); ++j)
      table += cell(fmt::format("{:.0f}", evaluation.confusion(i, j)), width);
  }
  return table;
}

nlohmann::ordered_json to_json(const std::vector<PartFigures>& parts, bool of_classes) {
  auto list = nlohmann::ordered_json::array();
  for (const PartFigures& part : parts) {
    list.push_back({{of_classes ? "class" : "target", part.name}});
    if (of_classes) list.back()["rows"] = part.rows;
    for (const auto& [metric, value] : part.metrics) list.back()[metric] = json_number(value);
  }
  return list;
}

}  // namespace

int evaluate_command(const EvaluateArguments& arguments) {
  const std::string path = model_path(arguments.model);
  const Model model = load_model(path);
  const Table table = read_data(arguments.data, arguments.form, model.encoding, true);
  Dataset data = model.encoding.encode(table, true);
  if (data.size() < table.rows())
    std::cerr << fmt::format("note: {} of {} rows are left out, as cells are missing\n", table.rows() - data.size(),
                             table.rows());
  if (arguments.rows != "all") data = part_of(data, arguments.rows, path);
  const Evaluation evaluation = evaluate(model, data);
  const std::vector<PartFigures> parts = parts_of(model, data);
  const bool of_classes = has_classes(model.encoding);
  if (arguments.json) {
    nlohmann::ordered_json json = to_json(evaluation);
    if (!parts.empty()) json[of_classes ? "per_class" : "per_target"] = to_json(parts, of_classes);
    std::cout << json.dump() << '\n';
    return kOk;
  }
  std::cout << describe(arguments.rows, evaluation) << '\n';
  if (!parts.empty()) std::cout << parts_table(parts, of_classes) << '\n';
  if (evaluation.confusion.shape(0) > 0) std::cout << confusion_table(evaluation, class_names(model.encoding)) << '\n';
  return kOk;
}

}  // namespace descent
