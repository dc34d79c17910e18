#include "app/experiment/experiment.hpp"

#include "datasets/csv.hpp"
#include "datasets/generators.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace descent {
namespace {

Missing missing_policy(const std::string& word) {
  if (word == "drop_row") return Missing::drop_row;
  if (word == "mean") return Missing::mean;
  if (word == "median") return Missing::median;
  return Missing::error;
}

CsvForm form_of(const DataConfig& data) {
  CsvForm form;
  if (data.delimiter != "auto") form.delimiter = data.delimiter.at(0);
  if (data.header != "auto") form.header = data.header == "true";
  form.decimal_comma = data.decimal == "comma";
  return form;
}

TargetKind kind_of(const std::string& loss) { return find_loss<double>(loss).targets; }

Table load_table(const Config& config, const std::string& loss) {
  if (!config.data.generator.empty()) {
    const double noise = config.data.noise < 0 ? std::numeric_limits<double>::quiet_NaN() : config.data.noise;
    return generate(config.data.generator, static_cast<std::size_t>(config.data.rows), noise,
                    static_cast<std::uint64_t>(config.run.seed));
  }
  return read_csv(config.data.path, csv_options(encoding_options(config, kind_of(loss))));
}

bool is_whole(double x) { return x == std::floor(x); }
bool is_zero_or_one(double x) { return x == 0 || x == 1; }

// What train.loss = "auto" means for a table read with its numbers as numbers: text is a class, zeros and
// ones are yes and no, other numbers are quantities; whole ones of a few values get a word of doubt.
std::string choose_loss(const Table& table, const Config& config, std::vector<std::string>& warnings) {
  constexpr std::size_t kFewValues = 20;
  bool binary = true;
  for (const Column* target : target_columns(table, encoding_options(config, TargetKind::numbers))) {
    if (target->is_text) return "cross_entropy";
    std::set<double> values;
    for (const double x : target->numbers)
      if (!std::isnan(x) && values.size() <= kFewValues) values.insert(x);
    binary = binary && values.size() == 2 && std::ranges::all_of(values, is_zero_or_one);
    if (!binary && values.size() > 1 && values.size() <= kFewValues && std::ranges::all_of(values, is_whole))
      warnings.push_back(fmt::format(
          "target '{}' holds {} whole numbers and is learnt as a quantity; if they name classes, set train.loss = "
          "\"cross_entropy\"",
          printable(target->name), values.size()));
  }
  return binary ? "binary_cross_entropy" : "squared_error";
}

Dataset load_extra(const Encoding& encoding, const std::string& path, std::size_t& left_out) {
  const Table table = read_csv(path, csv_options(encoding, true));
  Dataset data = encoding.encode(table, true);
  left_out += table.rows() - data.size();
  return data;
}

std::size_t filled_cells(const Table& table, const Encoding& encoding) {
  if (encoding.missing != Missing::mean && encoding.missing != Missing::median) return 0;
  std::size_t filled = 0;
  for (const InputColumn& input : encoding.inputs) {
    const auto index = static_cast<std::uint32_t>(&table.column(input.name) - table.columns.data());
    filled += static_cast<std::size_t>(std::ranges::count(table.missing, index, &MissingCell::column));
  }
  return filled;
}

NetworkSpec network_spec(const ModelConfig& model, std::size_t inputs, std::size_t outputs) {
  NetworkSpec spec{inputs, {}};
  for (const LayerConfig& layer : model.layers)
    spec.layers.push_back({layer.kind, static_cast<std::size_t>(layer.units), layer.activation, layer.initializer,
                           layer.initializer_scale, layer.bias});
  if (model.layers.empty())
    for (const std::int64_t units : model.hidden)
      spec.layers.push_back({"dense", static_cast<std::size_t>(units), model.activation, model.initializer,
                             model.initializer_scale, true});
  // The outputs are what the loss wants: logits, log rates or numbers. Who lists the layers may have
  // listed the output layer as well.
  if (!model.layers.empty()) {
    const LayerSpec& last = spec.layers.back();
    if (last.kind == "dense" && last.units == outputs && last.activation == "identity") return spec;
  }
  spec.layers.push_back({"dense", outputs, "identity", model.initializer, model.initializer_scale, true});
  return spec;
}

// Rows of an encoded table by the table's row numbers.
Dataset rows_of(const Dataset& all, const std::vector<std::uint32_t>& table_rows) {
  std::vector<std::uint32_t> wanted;
  std::size_t at = 0;
  for (const std::uint32_t row : table_rows) {
    while (all.rows[at] != row) ++at;
    wanted.push_back(static_cast<std::uint32_t>(at));
  }
  return select(all, wanted);
}

}  // namespace

EncodingOptions encoding_options(const Config& config, TargetKind kind) {
  EncodingOptions options;
  options.targets = config.data.target;
  options.inputs = config.data.inputs;
  options.ignore = config.data.ignore;
  options.categorical = config.data.categorical;
  options.target_kind = kind;
  options.missing = missing_policy(config.data.missing);
  options.standardize = config.data.standardize;
  options.standardize_targets = config.data.standardize_targets;
  options.form = form_of(config.data);
  return options;
}

Experiment prepare(const Config& config) {
  if (!config.objective.formula.empty())
    throw Error(Fault::config,
                "this config minimises a formula, objective.formula, and has no network; train takes it, "
                "as descent minimize does the formula itself");
  Experiment experiment;
  experiment.config = config;
  experiment.precision = config.run.precision == "float64" ? Precision::float64 : Precision::float32;
  const bool decide = config.train.loss == "auto";
  const Table table = load_table(config, decide ? "squared_error" : config.train.loss);
  const std::string loss = decide ? choose_loss(table, config, experiment.warnings) : config.train.loss;
  experiment.loss = loss;
  experiment.source = table.source;
  experiment.lines = table.lines;

  const DataConfig& data = config.data;
  const EncodingOptions options = encoding_options(config, kind_of(loss));
  const std::vector<std::uint32_t> rows = usable_rows(table, options);
  const std::vector<std::uint32_t> labels =
      data.stratify ? class_labels(table, rows, options) : std::vector<std::uint32_t>();
  experiment.left_out = table.rows() - rows.size();
  experiment.split = split_rows(rows, labels,
                                {.validation = data.validation_split,
                                 .test = data.test_split,
                                 .shuffle = data.shuffle_split,
                                 .seed = static_cast<std::uint64_t>(config.run.seed)});
  experiment.encoding = Encoding::fit(table, experiment.split.train, options, &experiment.warnings);

  const Dataset all = experiment.encoding.encode(table, true);
  experiment.train = rows_of(all, experiment.split.train);
  experiment.filled = filled_cells(table, experiment.encoding);
  if (!experiment.split.validation.empty()) experiment.validation = rows_of(all, experiment.split.validation);
  if (!experiment.split.test.empty()) experiment.test = rows_of(all, experiment.split.test);
  if (!data.validation_path.empty())
    experiment.validation = load_extra(experiment.encoding, data.validation_path, experiment.left_out);
  if (!data.test_path.empty()) experiment.test = load_extra(experiment.encoding, data.test_path, experiment.left_out);
  experiment.network =
      network_spec(config.model, experiment.encoding.input_width(), experiment.encoding.output_width());
  return experiment;
}

std::size_t batch_rows(const Experiment& experiment) {
  const auto asked = static_cast<std::size_t>(experiment.config.train.batch_size);
  return asked == 0 ? experiment.train.size() : std::min(asked, experiment.train.size());
}

std::vector<double> starting_weights(const Experiment& experiment) {
  const auto draw = [&]<class Real>(const Network<Real>& network) {
    std::vector<Real> w(network.parameters());
    network.initialize(w, static_cast<std::uint64_t>(experiment.config.run.seed));
    return std::vector<double>(w.begin(), w.end());
  };
  if (experiment.precision == Precision::float32) return draw(Network<float>(experiment.network));
  return draw(Network<double>(experiment.network));
}

}  // namespace descent
