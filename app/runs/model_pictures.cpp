#include "app/runs/model_pictures.hpp"

#include "app/pictures/matrix.hpp"
#include "app/pictures/scatter.hpp"
#include "app/runs/run_model.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

using pictures::Point;
using pictures::Range;

constexpr std::size_t kGrid = 180, kSamples = 401;

std::string part_in_words(const RunModel& run) {
  return fmt::format("the {} {} rows", run.rows.size(), run.part == "train" ? "training" : run.part);
}

bool is_numeric(const RunModel& run, std::size_t inputs) {
  const std::vector<InputColumn>& columns = run.model.encoding.inputs;
  return columns.size() == inputs &&
         std::ranges::all_of(columns, [](const InputColumn& column) { return column.categories.empty(); });
}

// Input j of a row as it stood in the file.
double input(const RunModel& run, std::size_t row, std::size_t j) {
  return run.rows.inputs(row, j) * run.model.encoding.input_scale[j] + run.model.encoding.input_mean[j];
}

Range range_of_input(const RunModel& run, std::size_t j, double margin) {
  std::vector<double> values;
  for (std::size_t i = 0; i < run.rows.size(); ++i) values.push_back(input(run, i, j));
  return pictures::padded(pictures::range_of(values).value_or(Range{0, 1}), margin);
}

// What the model makes of inputs in the units of the file, one vector a row.
Matrix<double> predict_at(const Model& model, const std::vector<std::vector<double>>& inputs) {
  Dataset data;
  data.inputs = zeros<double>(inputs.size(), inputs.front().size());
  data.targets = zeros<double>(inputs.size(), 0);
  data.input_names = model.encoding.input_names();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    data.rows.push_back(static_cast<std::uint32_t>(i));
    for (std::size_t j = 0; j < inputs[i].size(); ++j)
      data.inputs(i, j) = (inputs[i][j] - model.encoding.input_mean[j]) / model.encoding.input_scale[j];
  }
  return predict(model, data);
}

void draw_confusion(const RunModel& run, const pictures::PictureFile& file) {
  const std::vector<std::string> classes = run.classes();
  pictures::CountMatrix matrix;
  const double accuracy = run.evaluation.metric("accuracy");
  matrix.title = fmt::format("{:.0f} of {} are right: accuracy {:.4f}", accuracy * static_cast<double>(run.rows.size()),
                             part_in_words(run), accuracy);
  for (const std::string& name : classes) matrix.names.push_back(printable(name, 100));
  for (std::size_t i = 0; i < classes.size(); ++i) {
    matrix.counts.emplace_back();
    for (std::size_t j = 0; j < classes.size(); ++j) matrix.counts.back().push_back(run.evaluation.confusion(i, j));
  }
  draw_matrix(matrix, file);
}

void draw_decision(const RunModel& run, const pictures::PictureFile& file) {
  const std::vector<std::string> classes = run.classes();
  const Range x = range_of_input(run, 0, 0.12), y = range_of_input(run, 1, 0.12);
  pictures::Regions regions;
  regions.x_label = printable(run.model.encoding.inputs[0].name);
  regions.y_label = printable(run.model.encoding.inputs[1].name);
  regions.scores.assign(classes.size(), {x, y, kGrid, kGrid, std::vector<double>(kGrid * kGrid)});
  std::vector<std::vector<double>> at;
  for (std::size_t i = 0; i < kGrid; ++i)
    for (std::size_t j = 0; j < kGrid; ++j) at.push_back({regions.scores[0].at_x(j), regions.scores[0].at_y(i)});
  const Matrix<double> p = predict_at(run.model, at);
  const bool binary = run.model.encoding.target_kind == TargetKind::binary;
  for (std::size_t i = 0; i < at.size(); ++i)
    for (std::size_t k = 0; k < classes.size(); ++k)
      regions.scores[k].f[i] = binary ? (k == 1 ? p(i, 0) : 1 - p(i, 0)) : p(i, k);
  const TargetColumn& target = run.model.encoding.targets.front();
  for (std::size_t k = 0; k < classes.size(); ++k)
    regions.groups.push_back(
        {printable(target.classes.empty() ? target.name + " " + classes[k] : classes[k], 40), {}, k});
  regions.wrong.resize(classes.size());
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < run.rows.size(); ++i) {
    const std::size_t k = run.true_class(i);
    regions.groups[k].points.push_back({input(run, i, 0), input(run, i, 1)});
    regions.wrong[k].push_back(run.predicted_class(i) != k);
    wrong += regions.wrong[k].back();
  }
  regions.title = wrong == 0
                      ? fmt::format("Where the network sees which class: all of {} are right", part_in_words(run))
                      : fmt::format("Where the network sees which class: {} of {} {} wrong", wrong, part_in_words(run),
                                    wrong == 1 ? "is" : "are");
  draw_regions(regions, file);
}

std::string fit_in_words(const RunModel& run) {
  return fmt::format("r² {:.4f}, rmse {:.4g} on {}", run.evaluation.metric("r2"), run.evaluation.metric("rmse"),
                     part_in_words(run));
}

void draw_predicted(const RunModel& run, const pictures::PictureFile& file) {
  pictures::Scatter scatter;
  const std::vector<TargetColumn>& targets = run.model.encoding.targets;
  const std::string what = targets.size() == 1 ? printable(targets[0].name) : "target";
  scatter.title = "Predicted against actual: " + fit_in_words(run);
  scatter.x_label = "actual " + what;
  scatter.y_label = "predicted " + what;
  scatter.diagonal = true;
  for (std::size_t k = 0; k < targets.size(); ++k) {
    scatter.groups.push_back({targets.size() == 1 ? "rows" : printable(targets[k].name, 40), {}, k});
    for (std::size_t i = 0; i < run.rows.size(); ++i)
      scatter.groups.back().points.push_back({run.actual(i, k), run.predictions(i, k)});
  }
  draw_scatter(scatter, file);
}

void draw_fitted(const RunModel& run, const pictures::PictureFile& file) {
  pictures::Scatter scatter;
  scatter.title = "The fitted curve: " + fit_in_words(run);
  scatter.x_label = printable(run.model.encoding.inputs[0].name);
  scatter.y_label = printable(run.model.encoding.targets[0].name);
  scatter.groups.push_back({part_in_words(run).substr(4), {}, 0});
  for (std::size_t i = 0; i < run.rows.size(); ++i)
    scatter.groups[0].points.push_back({input(run, i, 0), run.actual(i, 0)});
  const Range x = range_of_input(run, 0, 0.04);
  std::vector<std::vector<double>> at;
  for (std::size_t s = 0; s < kSamples; ++s)
    at.push_back({x.low + x.span() * static_cast<double>(s) / static_cast<double>(kSamples - 1)});
  const Matrix<double> y = predict_at(run.model, at);
  for (std::size_t s = 0; s < kSamples; ++s) scatter.line.push_back({at[s][0], y(s, 0)});
  scatter.line_name = "the network";
  draw_scatter(scatter, file);
}

struct ViewRow {
  ModelView view;
  bool (*suits)(const RunModel&);
  const char* needs;  // what a model must have for it
  void (*draw)(const RunModel&, const pictures::PictureFile&);
};

bool has_classes(const RunModel& run) { return !run.classes().empty(); }
bool has_numbers(const RunModel& run) {
  const TargetKind kind = run.model.encoding.target_kind;
  return kind == TargetKind::numbers || kind == TargetKind::counts;
}

const std::vector<ViewRow>& view_rows() {
  static const std::vector<ViewRow> kRows = {
      {{"confusion", "Classes: which was taken for which"}, has_classes, "one target of classes", draw_confusion},
      {{"decision", "Classes, 2 inputs: where the network sees which"},
       [](const RunModel& run) { return has_classes(run) && is_numeric(run, 2); },
       "one target of classes and two inputs, both numbers",
       draw_decision},
      {{"predicted", "Numbers: predicted against actual"}, has_numbers, "a target of numbers", draw_predicted},
      {{"fitted", "Numbers, 1 input: the curve through the rows"},
       [](const RunModel& run) {
         return has_numbers(run) && is_numeric(run, 1) && run.model.encoding.targets.size() == 1;
       },
       "one target of numbers and one input, a number",
       draw_fitted},
  };
  return kRows;
}

}  // namespace

const std::vector<ModelView>& model_views() {
  static const std::vector<ModelView> kViews = [] {
    std::vector<ModelView> views;
    for (const ViewRow& row : view_rows()) views.push_back(row.view);
    return views;
  }();
  return kViews;
}

void draw_model_view(const std::string& view, const std::string& folder, const std::string& rows,
                     const pictures::PictureFile& file) {
  const RunModel run = load_run_model(folder, rows);
  const auto asked = std::ranges::find(view_rows(), view, [](const ViewRow& row) { return row.view.name; });
  if (!asked->suits(run)) {
    std::vector<std::string> fitting;
    for (const ViewRow& row : view_rows())
      if (row.suits(run)) fitting.push_back("--" + row.view.name);
    throw Error(Fault::usage, "--{} needs {}, which the model in '{}' has not; {}", view, asked->needs,
                printable(folder, 400), fitting.empty() ? "it has several targets" : "what suits it: " + join(fitting));
  }
  asked->draw(run, file);
}

}  // namespace descent
