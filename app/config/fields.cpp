#include "app/config/fields.hpp"

#include "app/config/field_rows.hpp"
#include "app/config/names.hpp"
#include "framework/kernels/products.hpp"

#include <utility>

namespace descent {
namespace {

constexpr Section kSections[] = {
    {"run", "What the run is called, where its folder goes, and the seed that decides everything random."},
    {"data", "Where the rows come from, which columns mean what, and how the rows are divided."},
    {"model", "The network: its hidden layers. The output layer follows from the data and the loss."},
    {"objective", "A formula, minimised instead of a network's loss; [data] and [model] are left out then."},
    {"train", "How long, in which batches, and what is minimised."},
    {"optimizer", "Which way to step, and how far. A loss here is a sum over rows, never a mean."},
    {"line_search", "Constants of optimizer.line_search; the defaults suit most problems."},
    {"schedule", "How the learning rate changes as epochs pass."},
    {"early_stopping", "Stops when a monitored figure makes no more progress. Off unless patience is given."},
    {"log", "What is measured and printed each epoch."},
    {"tune",
     "How `descent tune` looks for a learning rate. Training does not read it. Other settings take a list of values to "
     "try, their full names in quotes: \"model.hidden\" = [[8], [16], [32]]; a number may have { log = [low, high], "
     "points = n }. Every combination is tried."},
};

std::vector<Field> run_fields() {
  constexpr auto part = &Config::run;
  return {
      {{.key = "name",
        .help = "Name of the run's folder inside out_dir.",
        .text = Text::folder_name,
        .unset = "the config file's name",
        .example = "\"first-try\""},
       at<part, &RunConfig::name>},
      {{.key = "out_dir",
        .help = "Folder that gets one folder per run; always relative to the current folder.",
        .text = Text::run_path,
        .aliases = {"output_dir"}},
       at<part, &RunConfig::out_dir>},
      {{.key = "seed",
        .help = "Decides splits, shuffles, starting weights and generated data: same seed, same bits.",
        .bounds = kNotNegative,
        .aliases = {"random_state", "random_seed"}},
       at<part, &RunConfig::seed>},
      {{.key = "precision",
        .help = "Numbers the network is trained in. float64 has 16 digits instead of 7 and is about half as fast.",
        .text = Text::choice,
        .choices = precision_choices,
        .value_aliases = precision_aliases(),
        .aliases = {"dtype"},
        .network_only = true},
       at<part, &RunConfig::precision>},
      {{.key = "kernels",
        .help = "Who computes matrix products; auto takes the fastest for each shape. Bits differ between them.",
        .text = Text::choice,
        .choices = kernels::backend_names,
        .network_only = true},
       at<part, &RunConfig::kernels>},
      {{.key = "threads",
        .help = "Threads that share the large products of a step; small ones are faster on one. Same bits for any.",
        .bounds = kCount,
        .aliases = {"n_jobs", "num_threads"},
        .network_only = true},
       at<part, &RunConfig::threads>},
  };
}

std::vector<Field> model_fields() {
  constexpr auto part = &Config::model;
  return {
      {{.key = "hidden",
        .help = "Units of each hidden layer, from input to output; [] is a linear model.",
        .bounds = kCount,
        .unit = "units",
        .aliases = {"hidden_layer_sizes", "hidden_layers", "hidden_sizes", "hidden_units"}},
       at<part, &ModelConfig::hidden>},
      {{.key = "activation",
        .help = "What each hidden unit applies to its weighted sum.",
        .text = Text::choice,
        .choices = activation_choices,
        .value_aliases = activation_aliases(),
        .meanings = activation_meanings()},
       at<part, &ModelConfig::activation>},
      {{.key = "initializer",
        .help = "How weights start; auto takes what suits the activation. Biases start at 0.",
        .text = Text::choice,
        .choices = initializer_choices,
        .value_aliases = initializer_aliases(),
        .meanings = initializer_meanings(),
        .aliases = {"initialiser", "init"}},
       at<part, &ModelConfig::initializer>},
      {{.key = "initializer_scale",
        .help = "Multiplies the starting weights.",
        .bounds = kNotNegative,
        .aliases = {"initialiser_scale", "init_scale"}},
       at<part, &ModelConfig::initializer_scale>},
      {{.key = "layers",
        .help = "Layers one by one, instead of hidden. The output layer is added unless the last one already is it: "
                "dense, identity, one unit per output.",
        .unset = "made from hidden",
        .example = "[{ units = 32, activation = \"relu\" }, { units = 16, activation = \"tanh\" }]"},
       at<part, &ModelConfig::layers>},
  };
}

std::vector<Field> train_fields() {
  constexpr auto part = &Config::train;
  return {
      {{.key = "epochs",
        .help = "Passes over the training rows.",
        .bounds = kCount,
        .unit = "epochs",
        .aliases = {"n_epochs", "max_epochs", "num_epochs", "max_iter"}},
       at<part, &TrainConfig::epochs>},
      {{.key = "batch_size",
        .help = "Rows per step, or \"full\" for all of them. The last batch of an epoch may be smaller.",
        .bounds = kCount,
        .word = "full",
        .unit = "rows",
        .aliases = {"bs", "batch"}},
       at<part, &TrainConfig::batch_size>},
      {{.key = "shuffle", .help = "Draws the rows in a new order each epoch."}, at<part, &TrainConfig::shuffle>},
      {{.key = "loss",
        .help = "What is minimised, summed over rows (not averaged); auto is cross_entropy for text, "
                "binary_cross_entropy for zeros and ones, squared_error for other numbers.",
        .text = Text::choice,
        .choices = loss_choices,
        .value_aliases = loss_aliases(),
        .meanings = loss_meanings(),
        .aliases = {"criterion", "loss_function"},
        .network_only = true},
       at<part, &TrainConfig::loss>},
      {{.key = "l2",
        .help = "Adds ½ · l2 · ‖W‖² to the sum of losses: once for all rows, over weight matrices, not biases.",
        .bounds = kNotNegative,
        .aliases = {"l2_penalty"},
        .network_only = true},
       at<part, &TrainConfig::l2>},
      {{.key = "gradient_tolerance",
        .help = "Stops when ‖∇L‖, the norm of the summed gradient, is at most this; 0 never.",
        .bounds = kNotNegative,
        .aliases = {"tol", "tolerance"}},
       at<part, &TrainConfig::gradient_tolerance>},
      {{.key = "loss_target",
        .help = "Stops when the loss, summed over the training rows, is at most this; f at least, with "
                "objective.maximize.",
        .unset = "none",
        .example = "1.0"},
       at<part, &TrainConfig::loss_target>},
      {{.key = "max_seconds",
        .help = "Stops after this much time, at the end of a step.",
        .bounds = kPositive,
        .unit = "seconds",
        .unset = "no limit",
        .example = "60"},
       at<part, &TrainConfig::max_seconds>},
      {{.key = "checkpoint_every_epochs",
        .help =
            "Epochs between checkpoints, from which train --resume goes on; 0: by time only. An interrupted run and "
            "one that used up its epochs leave one in any case. Also written checkpoint = { every_epochs = 5 }.",
        .bounds = kNotNegative,
        .unit = "epochs"},
       at<part, &TrainConfig::checkpoint_every_epochs>},
      {{.key = "checkpoint_every_seconds",
        .help = "Seconds between checkpoints, in the middle of an epoch too; 0: one after every step.",
        .bounds = kNotNegative,
        .unit = "seconds"},
       at<part, &TrainConfig::checkpoint_every_seconds>},
  };
}

std::vector<Field> early_stopping_fields() {
  constexpr auto part = &Config::early_stopping;
  return {
      {{.key = "patience",
        .help = "Epochs (each is a check) without progress before training stops; 0 turns this off.",
        .bounds = kNotNegative,
        .unit = "epochs",
        .aliases = {"n_iter_no_change"}},
       at<part, &EarlyStoppingConfig::patience>},
      {{.key = "monitor",
        .help = "The figure to watch; auto is val_loss with validation rows, else loss.",
        .text = Text::choice,
        .choices = monitor_names,
        .value_aliases = monitor_aliases()},
       at<part, &EarlyStoppingConfig::monitor>},
      {{.key = "mode",
        .help = "Whether smaller (min) or larger (max) is better; auto knows it from the figure.",
        .text = Text::choice,
        .choices = mode_choices},
       at<part, &EarlyStoppingConfig::mode>},
      {{.key = "min_delta",
        .help = "The least change that counts as progress, in units of the figure (a loss is a sum over rows).",
        .bounds = kNotNegative},
       at<part, &EarlyStoppingConfig::min_delta>},
      {{.key = "restore_best",
        .help = "Ends with the weights of the best epoch instead of the last.",
        .aliases = {"restore_best_weights"}},
       at<part, &EarlyStoppingConfig::restore_best>},
  };
}

std::vector<Field> log_fields() {
  constexpr auto part = &Config::log;
  return {
      {{.key = "loss",
        .help = "exact: L(w) at the end of each epoch, one more pass over the rows. running: the sum seen while the "
                "weights moved, which costs nothing.",
        .text = Text::choice,
        .choices = log_loss_choices},
       at<part, &LogConfig::loss>},
      {{.key = "gradient_norm", .help = "Logs ‖∇L‖ with each epoch.", .aliases = {"grad_norm"}},
       at<part, &LogConfig::gradient_norm>},
      {{.key = "every",
        .help = "Epochs between printed lines; the files get every epoch.",
        .bounds = kCount,
        .unit = "epochs"},
       at<part, &LogConfig::every>},
      {{.key = "sharpness_every",
        .help = "Epochs between measurements of the sharpness: the largest eigenvalue of the Hessian of L, and γ times "
                "it, which 2 bounds. 0: off. Costs some hundred gradients each time.",
        .bounds = {.low = 0},
        .unit = "epochs",
        .aliases = {"sharpness"},
        .network_only = true},
       at<part, &LogConfig::sharpness_every>},
      {{.key = "tensorboard", .help = "Writes tb/train and tb/val into the run's folder, for TensorBoard."},
       at<part, &LogConfig::tensorboard>},
  };
}

std::vector<Field> tune_fields() {
  constexpr auto part = &Config::tune;
  return {
      {{.key = "curvature",
        .help = "Measures λmax of the Hessian at the start, the limit 2/λmax of γ, and probes it with a few steps."},
       at<part, &TuneConfig::curvature>},
      {{.key = "range_test",
        .help = "One run in which γ grows from step to step; the sweep tries what its curve suggests, too."},
       at<part, &TuneConfig::range_test>},
      {{.key = "sweep", .help = "Trains with many γ; decides where it is on."}, at<part, &TuneConfig::sweep>},
      {{.key = "halving",
        .help =
            "Trains all γ for a twelfth of train.epochs, half of them for a quarter, and few in full; false: all of "
            "them in full."},
       at<part, &TuneConfig::halving>},
      {{.key = "learning_rate",
        .help = "What the sweep tries for γ: { log = [low, high], points = n } is even in log γ, random = true beside "
                "them draws log-uniformly instead, and a list is tried as it stands.",
        .unset = "25 points from a hundredth to thirty times the limit",
        .example = "{ log = [1e-4, 1.0], points = 25 }",
        .aliases = {"lr"}},
       at<part, &TuneConfig::learning_rate>},
      {{.key = "seeds",
        .help = "Seeds each γ is trained with, from run.seed on: splits, shuffles and starting weights differ.",
        .bounds = {.low = 1, .high = 1000}},
       at<part, &TuneConfig::seeds>},
      {{.key = "jobs",
        .help = "Trainings at a time, one thread each; auto is one for each processor. Same results for any.",
        .bounds = {.low = 1, .high = 1024},
        .word = "auto"},
       at<part, &TuneConfig::jobs>},
      {{.key = "range_steps", .help = "Steps of the range test.", .bounds = {.low = 2, .high = 1'000'000}},
       at<part, &TuneConfig::range_steps>},
      {{.key = "probe_steps",
        .help = "Full-batch steps that must go down for the probe to call a γ good.",
        .bounds = {.low = 1, .high = 1'000'000}},
       at<part, &TuneConfig::probe_steps>},
  };
}

}  // namespace

std::span<const Section> sections() { return kSections; }

std::span<const Field> fields() {
  struct Part {
    std::string_view section;
    std::vector<Field> (*fields)();
  };
  static const std::vector<Field> table = [] {
    std::vector<Field> all;
    for (const Part& part : {Part{"run", run_fields},
                             {"data", data_source_fields},
                             {"data", data_column_fields},
                             {"data", data_split_fields},
                             {"model", model_fields},
                             {"objective", objective_fields},
                             {"train", train_fields},
                             {"optimizer", optimizer_fields},
                             {"line_search", line_search_fields},
                             {"schedule", schedule_fields},
                             {"early_stopping", early_stopping_fields},
                             {"log", log_fields},
                             {"tune", tune_fields}})
      for (Field& field : part.fields()) {
        field.section = part.section;
        if (field.section == "data" || field.section == "model") field.network_only = true;
        all.push_back(std::move(field));
      }
    return all;
  }();
  return table;
}

}  // namespace descent
