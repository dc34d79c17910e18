// What is minimised where it is a formula, and how steps are made.
#include "app/config/field_rows.hpp"
#include "app/config/names.hpp"

namespace descent {

std::vector<Field> objective_fields() {
  constexpr auto part = &Config::objective;
  return {
      {{.key = "formula",
        .help = "What to minimise, as for descent minimize; computed in float64.",
        .unset = "none, a network is trained",
        .example = "\"x^2 + x*y + y^2\""},
       at<part, &ObjectiveConfig::formula>},
      {{.key = "start",
        .help = "A number for every variable, x=3,y=-2; or random:20, so many random starts in box, of which the best "
                "run is shown.",
        .unset = "required with formula",
        .example = "\"x=3,y=-2\""},
       at<part, &ObjectiveConfig::start>},
      {{.key = "box",
        .help = "Where random starts lie: -5:5 for every variable, or x=-3:3,y=0:1.",
        .unset = "none",
        .example = "\"-5:5\""},
       at<part, &ObjectiveConfig::box>},
      {{.key = "maximize", .help = "Goes uphill, to a maximum.", .aliases = {"maximise"}},
       at<part, &ObjectiveConfig::maximize>},
      {{.key = "data",
        .help = "CSV file with the rows that sum(...) in the formula goes over: names that are columns are data, the "
                "others are looked for.",
        .text = Text::data_path,
        .unset = "none",
        .example = "\"curve.csv\""},
       at<part, &ObjectiveConfig::data>},
      {{.key = "scale",
        .help = "Steps are taken in variables divided by this. auto takes 1/√|∂²f/∂x²| at the start, magnitude |x| "
                "there; or a number for every variable, b1=100,b2=1.",
        .aliases = {"scales"}},
       at<part, &ObjectiveConfig::scale>},
  };
}

std::vector<Field> optimizer_fields() {
  constexpr auto part = &Config::optimizer;
  return {
      {{.key = "name",
        .help = "How a step is made from the gradient; steepest is plain gradient descent, w ← w − γ∇L.",
        .text = Text::choice,
        .choices = direction_choices,
        .value_aliases = direction_aliases(),
        .meanings = direction_meanings(),
        .aliases = {"type", "solver"}},
       at<part, &OptimizerConfig::name>},
      {{.key = "learning_rate",
        .help = "Step size γ. It multiplies the gradient summed over a batch, so it is the usual rate (of a mean loss) "
                "divided by batch_size; γ · batch_size is the per-sample equivalent. Methods that rescale the gradient "
                "(adam, adamw, rmsprop, adagrad) take the usual rate.",
        .bounds = kPositive,
        .aliases = {"lr", "learning_rate_init"}},
       at<part, &OptimizerConfig::learning_rate>},
      {{.key = "momentum", .help = "momentum, nesterov: the share of the last step that is kept.", .bounds = kShare},
       at<part, &OptimizerConfig::momentum>},
      {{.key = "beta1",
        .help = "adam, adamw: decay per step of the mean gradient.",
        .bounds = kShare,
        .aliases = {"beta_1"}},
       at<part, &OptimizerConfig::beta1>},
      {{.key = "beta2",
        .help = "adam, adamw: decay per step of the mean squared gradient.",
        .bounds = kShare,
        .aliases = {"beta_2"}},
       at<part, &OptimizerConfig::beta2>},
      {{.key = "rho", .help = "rmsprop: decay per step of the mean squared gradient.", .bounds = kShare},
       at<part, &OptimizerConfig::rho>},
      {{.key = "epsilon",
        .help = "adam, adamw, rmsprop, adagrad: added to the root that divides, in units of the summed gradient.",
        .bounds = kPositive,
        .aliases = {"eps"}},
       at<part, &OptimizerConfig::epsilon>},
      {{.key = "weight_decay",
        .help = "adamw: λ in w ← w − γλw. For a penalty in the loss itself see train.l2.",
        .bounds = kNotNegative},
       at<part, &OptimizerConfig::weight_decay>},
      {{.key = "history",
        .help = "lbfgs: how many changes of the weights and the gradient are remembered.",
        .bounds = {.low = 1, .high = 1000},
        .aliases = {"history_size"}},
       at<part, &OptimizerConfig::history>},
      {{.key = "restart",
        .help = "conjugate_gradient: starts again from the gradient where two in a row are this far from orthogonal, "
                "|gᵀg₋| ≥ restart · ‖g‖².",
        .bounds = kPositive},
       at<part, &OptimizerConfig::restart>},
      {{.key = "line_search",
        .help = "Finds γ anew in every step, by trying, instead of learning_rate and [schedule]; none uses those. auto "
                "is wolfe for conjugate_gradient, lbfgs and newton, none for the others. Made for train.batch_size = "
                "\"full\".",
        .text = Text::choice,
        .choices = line_search_choices,
        .value_aliases = line_search_aliases(),
        .meanings = line_search_meanings(),
        .aliases = {"step_size"}},
       at<part, &OptimizerConfig::line_search>},
  };
}

std::vector<Field> line_search_fields() {
  constexpr auto part = &Config::line_search;
  return {
      {{.key = "initial_step",
        .help =
            "First γ tried in the first step, unless the method has one of its own; 0 makes the step as long as the "
            "weights, or 1 if that is longer.",
        .bounds = kNotNegative},
       at<part, &LineSearchConfig::initial_step>},
      {{.key = "max_step", .help = "Largest γ there may be.", .bounds = kPositive},
       at<part, &LineSearchConfig::max_step>},
      {{.key = "c1",
        .help = "Sufficient decrease: f(w + γd) ≤ f(w) + c1 · γ · gᵀd.",
        .bounds = {.low = 0, .high = 0.5, .low_open = true, .high_open = true}},
       at<part, &LineSearchConfig::c1>},
      {{.key = "c2",
        .help = "wolfe: the slope at the new point is at most c2 times that at the old one. 0 takes 0.9 for lbfgs and "
                "newton, 0.1 for the others.",
        .bounds = kShare},
       at<part, &LineSearchConfig::c2>},
      {{.key = "contraction", .help = "What γ is multiplied by while f is too large.", .bounds = kBetween0And1},
       at<part, &LineSearchConfig::contraction>},
      {{.key = "growth", .help = "The first trial is the last step's γ times this.", .bounds = {.low = 1}},
       at<part, &LineSearchConfig::growth>},
      {{.key = "trials", .help = "Points tried in a step before it is given up.", .bounds = {.low = 1, .high = 1000}},
       at<part, &LineSearchConfig::trials>},
      {{.key = "memory",
        .help = "barzilai_borwein: f may rise, but stays below the largest of so many losses.",
        .bounds = {.low = 1, .high = 100}},
       at<part, &LineSearchConfig::memory>},
      {{.key = "short_step", .help = "barzilai_borwein: takes the shorter of its two step sizes."},
       at<part, &LineSearchConfig::short_step>},
      {{.key = "minimum",
        .help = "polyak: the lowest value of the sum, known beforehand; 0 for a model that can fit every row.",
        .unset = "not known",
        .example = "0.0"},
       at<part, &LineSearchConfig::minimum>},
      {{.key = "relaxation",
        .help = "polyak: factor of its step.",
        .bounds = {.low = 0, .high = 2, .low_open = true, .high_open = true}},
       at<part, &LineSearchConfig::relaxation>},
  };
}

std::vector<Field> schedule_fields() {
  constexpr auto part = &Config::schedule;
  return {
      {{.key = "name",
        .help = "The shape of γ over the epochs, starting from optimizer.learning_rate.",
        .text = Text::choice,
        .choices = schedule_choices,
        .value_aliases = schedule_aliases(),
        .meanings = schedule_meanings(),
        .aliases = {"type"}},
       at<part, &ScheduleConfig::name>},
      {{.key = "warmup_epochs",
        .help = "γ first rises in a straight line from 0 during these epochs; fractions count.",
        .bounds = kNotNegative,
        .unit = "epochs",
        .aliases = {"warmup"}},
       at<part, &ScheduleConfig::warmup_epochs>},
      {{.key = "min_learning_rate",
        .help = "Where cosine ends; no schedule goes below it.",
        .bounds = kNotNegative,
        .aliases = {"min_lr"}},
       at<part, &ScheduleConfig::min_learning_rate>},
      {{.key = "factor",
        .help = "What γ is multiplied by. step, exponential: once in every \"every\" epochs. reduce_on_plateau: at "
                "each drop.",
        .bounds = kBetween0And1},
       at<part, &ScheduleConfig::factor>},
      {{.key = "every",
        .help =
            "step: epochs between drops. exponential: epochs for one factor. inverse_time: epochs until γ is halved.",
        .bounds = kPositive,
        .unit = "epochs"},
       at<part, &ScheduleConfig::every>},
      {{.key = "patience",
        .help = "reduce_on_plateau: epochs without progress before γ drops.",
        .bounds = kCount,
        .unit = "epochs"},
       at<part, &ScheduleConfig::patience>},
      {{.key = "min_delta",
        .help = "reduce_on_plateau: the least change of the monitored figure that counts as progress.",
        .bounds = kNotNegative},
       at<part, &ScheduleConfig::min_delta>},
      {{.key = "monitor",
        .help = "reduce_on_plateau: the figure to watch; auto is val_loss with validation rows, else loss.",
        .text = Text::choice,
        .choices = monitor_names,
        .value_aliases = monitor_aliases()},
       at<part, &ScheduleConfig::monitor>},
  };
}

}  // namespace descent
