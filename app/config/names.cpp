#include "app/config/names.hpp"

#include "datasets/generators.hpp"
#include "framework/activation.hpp"
#include "framework/initializer.hpp"
#include "framework/loss.hpp"
#include "framework/text.hpp"
#include "trainers/direction.hpp"
#include "trainers/line_search.hpp"
#include "trainers/step_size.hpp"

#include <fmt/format.h>

#include <type_traits>

namespace descent {
namespace {

std::vector<std::string> with_auto(std::vector<std::string> names) {
  names.insert(names.begin(), "auto");
  return names;
}

std::vector<ValueMeaning> meanings(const auto& rows) {
  std::vector<ValueMeaning> list;
  for (const auto& row : rows) list.push_back({row.name, row.formula});
  return list;
}

constexpr std::string_view kSums =
    "losses here are sums over rows: divide a learning rate of a mean loss by the batch size (but not for adam, adamw, "
    "rmsprop, adagrad)";

constexpr ValueAlias kPrecision[] = {
    {"float", "float32"}, {"single", "float32"}, {"fp32", "float32"}, {"double", "float64"}, {"fp64", "float64"}};

constexpr ValueAlias kDelimiter[] = {{"comma", ","}, {"semicolon", ";"}, {"tab", "\t"}, {"pipe", "|"}, {"space", " "}};

constexpr ValueAlias kDecimal[] = {{".", "point"}, {",", "comma"}};

constexpr ValueAlias kMissing[] = {{"drop", "drop_row"}, {"skip", "drop_row"}, {"raise", "error"}};

constexpr ValueAlias kActivation[] = {{"linear", "identity"},
                                      {"none", "identity"},
                                      {"logistic", "sigmoid"},
                                      {"swish", "silu"},
                                      {"leakyrelu", "leaky_relu"}};

constexpr ValueAlias kInitializer[] = {{"xavier_uniform", "glorot_uniform"},
                                       {"xavier_normal", "glorot_normal"},
                                       {"xavier", "glorot_uniform"},
                                       {"glorot", "glorot_uniform"},
                                       {"kaiming_uniform", "he_uniform"},
                                       {"kaiming_normal", "he_normal"},
                                       {"kaiming", "he_normal"},
                                       {"he", "he_normal"},
                                       {"zero", "zeros"}};

constexpr ValueAlias kLoss[] = {{"mse", "squared_error", kSums},
                                {"mean_squared_error", "squared_error", kSums},
                                {"sum_of_squares", "squared_error"},
                                {"sse", "squared_error"},
                                {"mae", "absolute_error", kSums},
                                {"mean_absolute_error", "absolute_error", kSums},
                                {"smooth_l1", "huber"},
                                {"categorical_crossentropy", "cross_entropy", kSums},
                                {"sparse_categorical_crossentropy", "cross_entropy", kSums},
                                {"log_loss", "cross_entropy", kSums},
                                {"softmax", "cross_entropy"},
                                {"bce", "binary_cross_entropy", kSums},
                                {"binary_crossentropy", "binary_cross_entropy", kSums}};

constexpr ValueAlias kDirection[] = {{"sgd", "steepest"},        {"gd", "steepest"},  {"gradient_descent", "steepest"},
                                     {"heavy_ball", "momentum"}, {"nag", "nesterov"}, {"cg", "conjugate_gradient"},
                                     {"l-bfgs", "lbfgs"}};

constexpr ValueAlias kLineSearch[] = {{"fixed", "none"},
                                      {"constant", "none"},
                                      {"backtracking", "armijo"},
                                      {"strong_wolfe", "wolfe"},
                                      {"bb", "barzilai_borwein"}};

constexpr ValueAlias kSchedule[] = {{"none", "constant"},
                                    {"fixed", "constant"},
                                    {"plateau", "reduce_on_plateau"},
                                    {"cosine_annealing", "cosine"},
                                    {"step_decay", "step"}};

constexpr ValueAlias kMonitor[] = {{"train_loss", "loss"}, {"validation_loss", "val_loss"}};

}  // namespace

std::vector<std::string> precision_choices() { return {"float32", "float64"}; }
std::vector<std::string> generator_choices() { return generator_names(); }
std::vector<std::string> header_choices() { return with_auto({"true", "false"}); }
std::vector<std::string> decimal_choices() { return {"point", "comma"}; }
std::vector<std::string> missing_choices() { return {"error", "drop_row", "mean", "median"}; }
std::vector<std::string> activation_choices() { return activation_names(); }
std::vector<std::string> initializer_choices() { return with_auto(initializer_names()); }
std::vector<std::string> loss_choices() { return with_auto(loss_names()); }
std::vector<std::string> direction_choices() { return direction_names(); }
std::vector<std::string> line_search_choices() {
  std::vector<std::string> names = line_search_names();
  names.insert(names.begin(), "none");
  return with_auto(std::move(names));
}
std::vector<std::string> schedule_choices() { return schedule_names(); }
std::vector<std::string> mode_choices() { return {"auto", "min", "max"}; }
std::vector<std::string> log_loss_choices() { return {"exact", "running"}; }
std::vector<std::string> layer_choices() { return {"dense", "activation"}; }

std::vector<std::string> monitor_names() {
  constexpr std::string_view figures[] = {"loss", "accuracy", "balanced_accuracy", "f1", "rmse", "mae", "r2"};
  std::vector<std::string> names = {"auto"};
  for (const std::string_view figure : figures) names.emplace_back(figure);
  for (const std::string_view figure : figures) names.push_back(fmt::format("val_{}", figure));
  return names;
}

Meanings loss_meanings() {
  return {"E of a row with outputs y and targets t, summed over the outputs",
          [] { return meanings(losses<double>()); }};
}
Meanings activation_meanings() {
  return {"φ of a weighted sum z", [] { return meanings(activations<double>()); }};
}
Meanings initializer_meanings() {
  return {"the weights of a layer from `in` units to `out`", [] { return meanings(initializers()); }};
}
Meanings direction_meanings() {
  return {"d in w ← w + γd, with g the gradient of the batch's sum and t the step",
          [] { return meanings(directions<double>()); }};
}
Meanings line_search_meanings() {
  return {"γ in w ← w + γd, with g the gradient", [] { return meanings(line_searches<double>()); }};
}
Meanings schedule_meanings() {
  return {"γ after t epochs, those of the warm-up not counted", [] { return meanings(schedules()); }};
}

std::span<const ValueAlias> precision_aliases() { return kPrecision; }
std::span<const ValueAlias> delimiter_aliases() { return kDelimiter; }
std::span<const ValueAlias> decimal_aliases() { return kDecimal; }
std::span<const ValueAlias> missing_aliases() { return kMissing; }
std::span<const ValueAlias> activation_aliases() { return kActivation; }
std::span<const ValueAlias> initializer_aliases() { return kInitializer; }
std::span<const ValueAlias> loss_aliases() { return kLoss; }
std::span<const ValueAlias> direction_aliases() { return kDirection; }
std::span<const ValueAlias> line_search_aliases() { return kLineSearch; }
std::span<const ValueAlias> schedule_aliases() { return kSchedule; }
std::span<const ValueAlias> monitor_aliases() { return kMonitor; }

std::string to_string(const Bounds& bounds) {
  std::string text;
  if (bounds.low > -std::numeric_limits<double>::infinity())
    text = fmt::format("{} {}", bounds.low_open ? ">" : "≥", bounds.low);
  if (bounds.high < std::numeric_limits<double>::infinity())
    text += fmt::format("{}{} {}", text.empty() ? "" : " and ", bounds.high_open ? "<" : "≤", bounds.high);
  return text;
}

namespace {

std::string wanted_text(const FieldInfo& field) {
  std::vector<std::string> quoted;
  switch (field.text) {
    case Text::choice:
      for (const std::string& name : field.choices()) {
        const bool bare = field.true_or_false && name != "auto";
        quoted.push_back(bare ? name : fmt::format("\"{}\"", name));
      }
      return "one of " + join(quoted);
    case Text::data_path:
      return "the path of a file, a text in quotes";
    case Text::run_path:
      return "the path of a folder, a text in quotes";
    case Text::folder_name:
      return "a plain folder name, a text in quotes";
    case Text::delimiter:
      return "\"auto\" or one character in quotes, such as \";\"";
    case Text::any:
      break;
  }
  return "a text in quotes";
}

}  // namespace

std::string wanted(const FieldInfo& field, const Slot& slot) {
  const std::string bounds = to_string(field.bounds);
  const std::string suffix = bounds.empty() ? "" : " " + bounds;
  const std::string word = field.word.empty() ? "" : fmt::format(" or \"{}\"", field.word);
  return std::visit(
      [&](auto* value) -> std::string {
        using T = std::remove_pointer_t<decltype(value)>;
        if constexpr (std::is_same_v<T, bool>) return "true or false";
        if constexpr (std::is_same_v<T, std::int64_t>) return "a whole number" + suffix + word;
        if constexpr (std::is_same_v<T, double>) return "a number" + suffix + word;
        if constexpr (std::is_same_v<T, std::string>) return wanted_text(field);
        if constexpr (std::is_same_v<T, std::vector<std::string>>) return "a column name or a list of column names";
        if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) return "a list of whole numbers" + suffix;
        if constexpr (std::is_same_v<T, RateGrid>) return "{ log = [low, high], points = n } or a list of numbers > 0";
        return "a list of layers, such as [{ units = 16, activation = \"relu\" }]";
      },
      slot);
}

}  // namespace descent
