#include "app/commands.hpp"
#include "app/commands/data_file.hpp"
#include "app/record/run_folder.hpp"
#include "datasets/csv.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"
#include "models/model.hpp"

#include <algorithm>
#include <iostream>

namespace descent {
namespace {

std::string header(const Encoding& encoding) {
  std::vector<std::string> cells;
  const bool several = encoding.targets.size() > 1;
  const auto suffix = [&](const std::string& name) { return several ? "_" + name : std::string(); };
  switch (encoding.target_kind) {
    case TargetKind::classes:
      cells.push_back("prediction");
      for (const std::string& name : encoding.targets.front().classes) cells.push_back("probability_" + name);
      break;
    case TargetKind::binary:
      for (const TargetColumn& target : encoding.targets) {
        cells.push_back("prediction" + suffix(target.name));
        cells.push_back("probability" + suffix(target.name));
      }
      break;
    case TargetKind::numbers:
    case TargetKind::counts:
      for (const TargetColumn& target : encoding.targets) cells.push_back("prediction" + suffix(target.name));
  }
  for (std::string& cell : cells) cell = csv_field(cell);
  return join(cells, ",");
}

// One line: the answer, and where there are probabilities, them too.
std::string line(const Encoding& encoding, std::span<const double> y) {
  std::vector<std::string> cells;
  switch (encoding.target_kind) {
    case TargetKind::classes: {
      const auto best = static_cast<std::size_t>(std::ranges::max_element(y) - y.begin());
      cells.push_back(csv_field(encoding.targets.front().classes[best]));
      for (const double p : y) cells.push_back(shortest(p));
      break;
    }
    case TargetKind::binary:
      for (std::size_t k = 0; k < y.size(); ++k) {
        const std::vector<std::string>& classes = encoding.targets[k].classes;
        const bool one = y[k] > 0.5;
        cells.push_back(classes.empty() ? (one ? "1" : "0") : csv_field(classes[one]));
        cells.push_back(shortest(y[k]));
      }
      break;
    case TargetKind::numbers:
    case TargetKind::counts:
      for (const double value : y) cells.push_back(shortest(value));
  }
  return join(cells, ",");
}

}  // namespace

int predict_command(const PredictArguments& arguments) {
  const Model model = load_model(model_path(arguments.model));
  const Table table = read_data(arguments.data, arguments.form, model.encoding, false);
  const Dataset data = model.encoding.encode(table, false);
  const Matrix<double> predicted = predict(model, data);

  // A row that could not be used (missing = "drop_row") keeps its line, empty, so that lines match rows.
  const std::string head = header(model.encoding);
  const std::string empty(static_cast<std::size_t>(std::ranges::count(head, ',')), ',');
  std::string text = head + '\n';
  std::size_t at = 0;
  for (std::uint32_t row = 0; row < table.rows(); ++row) {
    const bool used = at < data.rows.size() && data.rows[at] == row;
    text += (used ? line(model.encoding, view(predicted).row(at++)) : empty) + '\n';
  }
  if (arguments.output == "-") {
    std::cout << text;
  } else {
    write_file_atomically(arguments.output, text);
  }
  return kOk;
}

}  // namespace descent
