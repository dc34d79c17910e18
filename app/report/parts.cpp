#include "app/report/parts.hpp"

#include "datasets/csv.hpp"
#include "framework/text.hpp"
#include "models/network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace descent {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostEpochs = 5000, kMostSamples = 12, kMostInputs = 8, kMostRates = 500;

std::string series_name(const Curve& curve, std::size_t runs, bool validation, const std::vector<std::string>& names) {
  const std::string kind = curve.validation ? "validation" : "training";
  if (runs == 1) return kind;
  return validation ? names[curve.run] + ", " + kind : names[curve.run];
}

// Of one column of the table that was trained on, what a row has there.
Json input_cell(const RunModel& run, std::size_t row, std::size_t column) {
  const std::vector<InputColumn>& columns = run.model.encoding.inputs;
  std::size_t at = 0;
  for (std::size_t c = 0; c < column; ++c) at += std::max<std::size_t>(columns[c].categories.size(), 1);
  const std::vector<std::string>& categories = columns[column].categories;
  if (categories.empty())
    return report_number(run.rows.inputs(row, at) * run.model.encoding.input_scale[at] +
                         run.model.encoding.input_mean[at]);
  for (std::size_t k = 0; k < categories.size(); ++k)
    if (run.rows.inputs(row, at + k) > 0.5) return categories[k];
  return nullptr;
}

double true_probability(const RunModel& run, std::size_t row) {
  const std::size_t k = run.true_class(row);
  if (run.model.encoding.target_kind == TargetKind::binary)
    return k == 1 ? run.predictions(row, 0) : 1 - run.predictions(row, 0);
  return run.predictions(row, k);
}

double largest_error(const RunModel& run, std::size_t row) {
  double largest = 0;
  for (std::size_t k = 0; k < run.rows.targets.shape(1); ++k) {
    const double error = std::abs(run.predictions(row, k) - run.actual(row, k));
    if (!(error <= largest)) largest = error;
  }
  return largest;
}

// Rows with the largest figure first; what is no number is worst of all.
std::vector<std::size_t> worst_rows(std::size_t rows, const std::function<double(std::size_t)>& badness) {
  std::vector<double> figure(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    figure[i] = badness(i);
    if (std::isnan(figure[i])) figure[i] = HUGE_VAL;
  }
  std::vector<std::size_t> order(rows);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return figure[a] > figure[b]; });
  order.resize(std::min(rows, kMostSamples));
  return order;
}

std::string part_words(const RunModel& run) {
  return fmt::format("{} {} rows", run.rows.size(), run.part == "train" ? "training" : run.part);
}

bool contains(const std::string& name, std::initializer_list<std::string_view> words) {
  std::string lower = name;
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return std::ranges::any_of(words, [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

// The rows of a sweep by what was changed beside the rate, in the order of appearance; one group where nothing was.
std::vector<std::pair<std::string, std::vector<std::size_t>>> by_change(const Table& table, std::size_t rows) {
  const auto change = std::ranges::find_if(
      table.columns, [](const Column& column) { return column.is_text && column.name == "change"; });
  std::vector<std::pair<std::string, std::vector<std::size_t>>> groups;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::string name =
        change == table.columns.end() || change->missing(i) ? "" : change->categories[change->codes[i]];
    auto group = std::ranges::find_if(groups, [&](const auto& each) { return each.first == name; });
    if (group == groups.end()) group = groups.insert(group, {name, {}});
    group->second.push_back(i);
  }
  return groups;
}

// The losses of a sweep as curves over its rate, one for each change; null where there is no rate or nothing over it.
Json sweep_chart(const Table& table, std::size_t rows) {
  const Column* rate = nullptr;
  for (const Column& column : table.columns)
    if (!column.is_text && rate == nullptr && (contains(column.name, {"rate", "gamma", "γ"}) || column.name == "lr"))
      rate = &column;
  if (rate == nullptr) return nullptr;
  std::vector<double> rates;
  for (std::size_t i = 0; i < rows; ++i)
    if (rate->numbers[i] > 0 && std::isfinite(rate->numbers[i])) rates.push_back(rate->numbers[i]);
  std::ranges::sort(rates);
  rates.erase(std::unique(rates.begin(), rates.end()), rates.end());
  Json x = Json::array(), series = Json::array();
  for (const double each : rates) x.push_back(report_number(each));
  bool positive = true;
  const auto groups = by_change(table, rows);
  for (const Column& column : table.columns) {
    if (column.is_text || !contains(column.name, {"loss"})) continue;
    for (const auto& [change, members] : groups) {
      std::vector<Json> y(rates.size());
      for (const std::size_t i : members) {
        const auto at = std::ranges::find(rates, rate->numbers[i]);
        if (at == rates.end()) continue;
        y[static_cast<std::size_t>(at - rates.begin())] = report_number(column.numbers[i]);
        positive = positive && !(column.numbers[i] <= 0);
      }
      series.push_back({{"name", groups.size() == 1 ? column.name : change + "  " + column.name},
                        {"colour", series.size()},
                        {"dashed", false},
                        {"y", y}});
    }
  }
  if (series.empty() || rates.size() < 2) return nullptr;
  return {{"name", "sweep"},
          {"label", "loss by learning rate"},
          {"x_label", rate->name},
          {"log", positive},
          {"log_x", true},
          {"connect", true},
          {"x", x},
          {"series", series},
          {"marks", Json::array()}};
}

}  // namespace

std::string capital(std::string text) {
  const bool name = text.find('_') < text.find(' ');
  if (!name && !text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

Json report_number(double x) {
  if (!std::isfinite(x)) return nullptr;
  return std::stod(fmt::format("{:.7g}", x));
}

Json report_numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double x : values) list.push_back(report_number(x));
  return list;
}

std::string report_foot(bool of_losses) {
  return std::string("Made by descent " DESCENT_VERSION ". This page is complete in itself and uses no network. ") +
         (of_losses ? "Losses are sums over rows; L/N is the loss per row. " : "") +
         "Curves by dygraphs (MIT licence, in the source of this page).";
}

Json report_chart(const Figure& figure, const std::vector<RecordedRun>& runs, const std::vector<std::string>& names) {
  const AlignedFigure rows = aligned(figure, kMostEpochs);
  const bool validation = std::ranges::any_of(figure.curves, &Curve::validation);
  Json series = Json::array(), marks = Json::array();
  for (std::size_t k = 0; k < figure.curves.size(); ++k) {
    const Curve& curve = figure.curves[k];
    const std::size_t colour = runs.size() == 1 ? static_cast<std::size_t>(curve.validation) : curve.run;
    series.push_back({{"name", series_name(curve, runs.size(), validation, names)},
                      {"colour", colour},
                      {"dashed", curve.validation},
                      {"y", report_numbers(rows.values[k])}});
  }
  for (std::size_t run = 0; run < runs.size(); ++run)
    if (const double best = runs[run].best_epoch(); std::isfinite(best)) {
      const std::size_t colour = runs.size() == 1 ? 6 : run;
      marks.push_back({{"x", best},
                       {"colour", colour},
                       {"text", runs.size() == 1 ? std::string("best epoch") : "best epoch of " + names[run]}});
    }
  return {{"name", figure.name}, {"label", figure.label},           {"x_label", "epoch"},
          {"log", figure.log},   {"x", report_numbers(rows.epoch)}, {"series", series},
          {"marks", marks}};
}

Json report_network(const Model& model) {
  const Network<double> network(model.network);
  Json rows = Json::array();
  rows.push_back({"inputs", "", network.inputs(), "", 0});
  for (std::size_t l = 0; l < network.layers().size(); ++l) {
    const Layer<double>& layer = *network.layers()[l];
    const LayerSpec& spec = model.network.layers[l];
    rows.push_back({fmt::format("{}", l), spec.kind, layer.out(), spec.activation, layer.parameters()});
  }
  return {{"caption",
           fmt::format("{} weights in {}, loss {}", model.weights.size(), to_string(model.precision), model.loss)},
          {"columns", {"layer", "kind", "outputs", "activation", "weights"}},
          {"rows", rows}};
}

Json report_confusion(const RunModel& run) {
  const std::vector<std::string> classes = run.classes();
  if (classes.empty() || run.evaluation.confusion.shape(0) != classes.size()) return nullptr;
  Json counts = Json::array();
  for (std::size_t i = 0; i < classes.size(); ++i) {
    Json row = Json::array();
    for (std::size_t j = 0; j < classes.size(); ++j)
      row.push_back(static_cast<std::size_t>(run.evaluation.confusion(i, j)));
    counts.push_back(row);
  }
  return {{"caption", "Row: the true class, column: the predicted one; " + part_words(run)},
          {"names", classes},
          {"counts", counts}};
}

Json report_samples(const RunModel& run) {
  const std::vector<std::string> classes = run.classes();
  const Encoding& encoding = run.model.encoding;
  const bool numbers = encoding.target_kind == TargetKind::numbers || encoding.target_kind == TargetKind::counts;
  if (classes.empty() && !numbers) return nullptr;
  const std::size_t inputs = encoding.inputs.size() <= kMostInputs ? encoding.inputs.size() : 0;
  Json columns = Json::array({"row"});
  if (numbers) {
    for (const TargetColumn& target : encoding.targets)
      for (const char* what : {"actual", "predicted"}) columns.push_back(fmt::format("{} {}", what, target.name));
    columns.push_back("error");
  } else {
    columns.insert(columns.end(), {"true class", "predicted", "probability of the true class"});
  }
  for (std::size_t c = 0; c < inputs; ++c) columns.push_back(encoding.inputs[c].name);
  Json rows = Json::array();
  const auto badness = [&](std::size_t i) { return numbers ? largest_error(run, i) : 1 - true_probability(run, i); };
  for (const std::size_t i : worst_rows(run.rows.size(), badness)) {
    Json row = Json::array({fmt::format("{}", run.rows.rows[i] + 1)});
    if (numbers) {
      for (std::size_t k = 0; k < encoding.targets.size(); ++k) {
        row.push_back(report_number(run.actual(i, k)));
        row.push_back(report_number(run.predictions(i, k)));
      }
      row.push_back(report_number(largest_error(run, i)));
    } else {
      row.push_back(classes[run.true_class(i)]);
      row.push_back(classes[run.predicted_class(i)]);
      row.push_back(report_number(true_probability(run, i)));
    }
    for (std::size_t c = 0; c < inputs; ++c) row.push_back(input_cell(run, i, c));
    rows.push_back(row);
  }
  return {{"caption", fmt::format("The {} worst of {}; rows counted from 1 in the file", rows.size(), part_words(run))},
          {"columns", columns},
          {"rows", rows}};
}

Json report_sweep(const std::string& csv_path) {
  const Table table = read_csv(csv_path);
  const std::size_t count = std::min(table.rows(), kMostRates);
  Json columns = Json::array(), rows = Json::array();
  for (const Column& column : table.columns) columns.push_back(column.name);
  for (std::size_t i = 0; i < count; ++i) {
    Json row = Json::array();
    for (const Column& column : table.columns)
      if (!column.is_text)
        row.push_back(report_number(column.numbers[i]));
      else
        row.push_back(column.missing(i) ? Json(nullptr) : Json(column.categories[column.codes[i]]));
    rows.push_back(row);
  }
  return {{"caption", "What descent tune tried"},
          {"columns", columns},
          {"rows", rows},
          {"chart", sweep_chart(table, count)}};
}

}  // namespace descent
