#include "app/experiment.hpp"

#include "datasets/csv.hpp"
#include "datasets/generators.hpp"
#include "framework/error.hpp"

#include <limits>

namespace descent {
namespace {

Missing missing_policy(const std::string& word) {
  if (word == "drop_row") return Missing::drop_row;
  if (word == "mean") return Missing::mean;
  if (word == "median") return Missing::median;
  return Missing::error;
}

void set_form(const DataConfig& data, CsvOptions& options) {
  if (data.delimiter != "auto") options.delimiter = data.delimiter == "tab" ? '\t' : data.delimiter.at(0);
  if (data.header != "auto") options.header = data.header == "true";
}

TargetKind kind_of(const std::string& loss) { return find_loss<double>(loss).targets; }

struct LoadedTable {
  Table table;
  std::string loss;
};

// Text in the target means classes; numbers mean regression. Integers are numbers: who means labels says
// train.loss = "cross_entropy".
LoadedTable load_table(const Config& config) {
  const bool decide = config.train.loss == "auto";
  std::string loss = decide ? "squared_error" : config.train.loss;
  if (!config.data.generator.empty()) {
    const double noise = config.data.noise < 0 ? std::numeric_limits<double>::quiet_NaN() : config.data.noise;
    return {generate(config.data.generator, static_cast<std::size_t>(config.data.rows), noise,
                     static_cast<std::uint64_t>(config.run.seed)),
            loss};
  }
  const EncodingOptions options = encoding_options(config, kind_of(loss));
  CsvOptions csv = csv_options(options);
  set_form(config.data, csv);
  Table table = read_csv(config.data.path, csv);
  if (decide && target_columns(table, options).front()->is_text) loss = "cross_entropy";
  return {std::move(table), loss};
}

Dataset load_extra(const Config& config, const Encoding& encoding, const std::string& path) {
  CsvOptions csv = csv_options(encoding, true);
  set_form(config.data, csv);
  return encoding.encode(read_csv(path, csv), true);
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
  return options;
}

Experiment prepare(const Config& config) {
  Experiment experiment;
  experiment.config = config;
  experiment.precision = config.run.precision == "float64" ? Precision::float64 : Precision::float32;
  auto [table, loss] = load_table(config);
  experiment.loss = loss;
  experiment.source = table.source;

  const DataConfig& data = config.data;
  const EncodingOptions options = encoding_options(config, kind_of(loss));
  const std::vector<std::uint32_t> rows = usable_rows(table, options);
  const std::vector<std::uint32_t> labels =
      data.stratify ? class_labels(table, rows, options) : std::vector<std::uint32_t>();
  experiment.split = split_rows(rows, labels,
                                {.validation = data.validation_split,
                                 .test = data.test_split,
                                 .shuffle = data.shuffle_split,
                                 .seed = static_cast<std::uint64_t>(config.run.seed)});
  experiment.encoding = Encoding::fit(table, experiment.split.train, options, &experiment.warnings);

  const Dataset all = experiment.encoding.encode(table, true);
  experiment.train = rows_of(all, experiment.split.train);
  if (!experiment.split.validation.empty()) experiment.validation = rows_of(all, experiment.split.validation);
  if (!experiment.split.test.empty()) experiment.test = rows_of(all, experiment.split.test);
  if (!data.validation_path.empty())
    experiment.validation = load_extra(config, experiment.encoding, data.validation_path);
  if (!data.test_path.empty()) experiment.test = load_extra(config, experiment.encoding, data.test_path);
  experiment.network =
      network_spec(config.model, experiment.encoding.input_width(), experiment.encoding.output_width());
  return experiment;
}

}  // namespace descent
