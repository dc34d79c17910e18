// Everything a run is told, with the defaults. The table in config_fields.cpp gives each member its
// name, bounds and sentence; this is the only place where a default stands.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace descent {

struct RunConfig {
  std::string name;  // empty: from the config file's name
  std::string out_dir = "runs";
  std::int64_t seed = 1;
  std::string precision = "float32";
  std::string kernels = "auto";  // who computes matrix products
  std::int64_t threads = 1;      // that share large products

  bool operator==(const RunConfig&) const = default;
};

struct DataConfig {
  std::string path;
  std::string validation_path;
  std::string test_path;
  std::string generator;
  std::int64_t rows = 0;  // of a generator; 0: its default
  double noise = -1;      // of a generator; -1: its default
  std::string delimiter = "auto";
  std::string header = "auto";    // auto, true, false
  std::string decimal = "point";  // point, comma
  std::vector<std::string> target;
  std::vector<std::string> inputs;
  std::vector<std::string> ignore;
  std::vector<std::string> categorical;
  std::string missing = "error";
  double validation_split = 0;
  double test_split = 0;
  bool stratify = true;
  bool shuffle_split = true;
  bool standardize = true;
  bool standardize_targets = true;

  bool operator==(const DataConfig&) const = default;
};

struct LayerConfig {
  std::string kind = "dense";
  std::int64_t units = 0;
  std::string activation = "identity";
  std::string initializer = "auto";
  double initializer_scale = 1;
  bool bias = true;

  bool operator==(const LayerConfig&) const = default;
};

struct ModelConfig {
  std::vector<std::int64_t> hidden = {16};
  std::string activation = "tanh";
  std::string initializer = "auto";
  double initializer_scale = 1;
  std::vector<LayerConfig> layers;  // instead of `hidden`; the output layer is added if it is not there

  bool operator==(const ModelConfig&) const = default;
};

// A formula, minimised instead of a network's loss.
struct ObjectiveConfig {
  std::string formula;  // empty: a network is trained
  std::string start, box, data;
  std::string scale = "none";
  bool maximize = false;

  bool operator==(const ObjectiveConfig&) const = default;
};

struct TrainConfig {
  std::int64_t epochs = 100;
  std::int64_t batch_size = 32;  // 0 stands for "full"
  bool shuffle = true;
  std::string loss = "auto";
  double l2 = 0;
  double gradient_tolerance = 0;
  double loss_target = -std::numeric_limits<double>::infinity();
  double max_seconds = std::numeric_limits<double>::infinity();
  std::int64_t checkpoint_every_epochs = 0;  // 0: by time only
  double checkpoint_every_seconds = 60;      // 0: after every step

  bool operator==(const TrainConfig&) const = default;
};

struct OptimizerConfig {
  std::string name = "steepest";
  double learning_rate = 0.01;
  double momentum = 0.9;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double rho = 0.9;
  double epsilon = 1e-8;
  double weight_decay = 0.01;
  std::int64_t history = 10;  // pairs lbfgs keeps
  double restart = 0.1;       // where conjugate_gradient starts again
  std::string line_search = "auto";

  bool operator==(const OptimizerConfig&) const = default;
};

// Constants of the line searches; which uses which stands in their table.
struct LineSearchConfig {
  double initial_step = 0;  // 0: chosen from w
  double max_step = 1e10;
  double c1 = 1e-4;
  double c2 = 0;  // 0: by the direction
  double contraction = 0.5;
  double growth = 2;
  std::int64_t trials = 60;
  std::int64_t memory = 10;
  bool short_step = false;
  double minimum = -std::numeric_limits<double>::infinity();  // not known
  double relaxation = 1;

  bool operator==(const LineSearchConfig&) const = default;
};

struct ScheduleConfig {
  std::string name = "constant";
  double warmup_epochs = 0;
  double min_learning_rate = 0;
  double factor = 0.5;
  double every = 10;
  std::int64_t patience = 5;
  double min_delta = 0;
  std::string monitor = "auto";

  bool operator==(const ScheduleConfig&) const = default;
};

struct EarlyStoppingConfig {
  std::int64_t patience = 0;     // 0: off
  std::string monitor = "auto";  // val_loss where there are validation rows, else loss
  std::string mode = "auto";     // min, max; auto: by the figure's name
  double min_delta = 0;
  bool restore_best = true;

  bool operator==(const EarlyStoppingConfig&) const = default;
};

struct LogConfig {
  std::string loss = "exact";
  bool gradient_norm = true;
  std::int64_t every = 1;            // epochs between printed lines; files get every epoch
  std::int64_t sharpness_every = 0;  // epochs between measurements of λmax; 0: off
  bool tensorboard = false;

  bool operator==(const LogConfig&) const = default;
};

// What a sweep tries for γ: `list`, or where that is empty `points` numbers evenly in log γ from low to high.
struct RateGrid {
  std::vector<double> list = {};
  double low = 0, high = 0;  // 0: around the stability limit
  std::int64_t points = 25;
  bool random = false;  // drawn log-uniformly

  bool operator==(const RateGrid&) const = default;
};

// Values to try for another setting.
struct Variation {
  std::string path;                 // "model.hidden"
  std::vector<std::string> values;  // as TOML; at least one

  bool operator==(const Variation&) const = default;
};

struct TuneConfig {
  bool curvature = true;
  bool range_test = true;
  bool sweep = true;
  bool halving = true;  // false: every trial in full
  RateGrid learning_rate;
  std::vector<Variation> vary;  // every combination is tried
  std::int64_t seeds = 1;
  std::int64_t jobs = 0;  // 0 stands for "auto"
  std::int64_t range_steps = 100;
  std::int64_t probe_steps = 20;

  bool operator==(const TuneConfig&) const = default;
};

struct Config {
  RunConfig run;
  DataConfig data;
  ModelConfig model;
  ObjectiveConfig objective;
  TrainConfig train;
  OptimizerConfig optimizer;
  LineSearchConfig line_search;
  ScheduleConfig schedule;
  EarlyStoppingConfig early_stopping;
  LogConfig log;
  TuneConfig tune;

  bool operator==(const Config&) const = default;
};

}  // namespace descent
