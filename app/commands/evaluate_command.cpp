#include "app/commands.hpp"
#include "app/commands/data_file.hpp"
#include "app/record/run_folder.hpp"
#include "app/training/result_json.hpp"
#include "framework/error.hpp"
#include "models/model.hpp"

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

std::string confusion_table(const Evaluation& evaluation, const std::vector<std::string>& classes) {
  std::string table = "\nconfusion (row: true class, column: predicted)\n";
  std::size_t width = 6;
  for (const std::string& name : classes) width = std::max(width, name.size() + 2);
  width = std::min<std::size_t>(width, 16);
  const auto cell = [&](const std::string& text) { return fmt::format("{:>{}.{}}", text, width, width - 1); };
  table += cell("");
  for (const std::string& name : classes) table += cell(name);
  for (std::size_t i = 0; i < classes.size(); ++i) {
    table += '\n' + cell(classes[i]);
    for (std::size_t j = 0; j < classes.size(); ++j) table += cell(fmt::format("{:.0f}", evaluation.confusion(i, j)));
  }
  return table;
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
  if (arguments.json) {
    std::cout << to_json(evaluation).dump() << '\n';
    return kOk;
  }
  std::cout << describe(arguments.rows, evaluation) << '\n';
  if (evaluation.confusion.shape(0) > 0) {
    const TargetColumn& target = model.encoding.targets.front();
    const std::vector<std::string> classes =
        target.classes.empty() ? std::vector<std::string>{"0", "1"} : target.classes;
    std::cout << confusion_table(evaluation, classes) << '\n';
  }
  return kOk;
}

}  // namespace descent
