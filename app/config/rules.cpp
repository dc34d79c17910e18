#include "app/config/rules.hpp"

#include "app/config/fields.hpp"
#include "app/config/optimizer_choice.hpp"
#include "framework/text.hpp"
#include "trainers/direction.hpp"
#include "trainers/line_search.hpp"
#include "trainers/step_size.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>

namespace descent {
namespace {

constexpr double kMostWeights = 1e10;  // 40 GB in float32; the exact check against memory comes with the data

class Rules {
 public:
  Rules(const Config& config, const Given& given, ConfigErrors& errors)
      : config_(config), given_(given), errors_(errors) {}

  void check() {
    if (!config_.objective.formula.empty()) no_network();
    data_source();
    stdin_once();
    splits();
    columns();
    layers();
    weights();
    learning_rate();
    line_search();
    monitors();
    tune();
  }

 private:
  using Paths = std::initializer_list<std::string_view>;

  bool usable(Paths paths) const {
    return std::none_of(paths.begin(), paths.end(), [&](auto path) { return given_.wrong.contains(path); });
  }

  // At the one of `paths` that was given last.
  template <class... Args>
  void add(Paths paths, fmt::format_string<Args...> message, Args&&... args) {
    Spot last;
    for (const std::string_view path : paths) {
      const Spot spot = given_.spot(path);
      if (std::pair(spot.argument, spot.line) > std::pair(last.argument, last.line)) last = spot;
    }
    errors_.add(last, fmt::format(message, std::forward<Args>(args)...));
  }

  // One error for each section, that there be no ten.
  void no_network() {
    std::map<std::string_view, std::string> refused;
    for (const Field& field : fields())
      if (field.network_only && given_.has(field.path())) refused.try_emplace(field.section, field.path());
    for (const auto& [section, path] : refused)
      add({path}, "{} is for networks, and objective.formula is minimised instead of one; remove {}{}", path,
          section == "data" || section == "model" ? fmt::format("[{}]", section) : std::string("it"),
          section == "data" ? " (rows for sum(...): objective.data)" : "");
    if (usable({"objective.start"}) && config_.objective.start.empty() && errors_.empty())
      add({"objective.formula"}, "objective.start is missing: where to start from, such as \"x=3,y=-2\"");
    const bool random = config_.objective.start.starts_with("random");
    if (random && config_.objective.box.empty())
      add({"objective.start"}, "random starts need objective.box, such as \"-5:5\" or \"x=-3:3,y=0:1\"");
    if (!random && !config_.objective.box.empty())
      add({"objective.box"}, "objective.box is for random starts: objective.start = \"random:20\"");
  }

  void data_source() {
    const DataConfig& data = config_.data;
    if (!config_.objective.formula.empty() || !usable({"data.path", "data.generator"})) return;
    if (!data.path.empty() && !data.generator.empty())
      add({"data.path", "data.generator"}, "data.path and data.generator are both given; keep one{}",
          given_.spot("data.path").argument > 0 ? " (--set data.generator= empties the other)" : "");
    // With another error around, the setting is probably there under a wrong name.
    if (data.path.empty() && data.generator.empty() && errors_.empty())
      add({}, "no data; give data.path (a CSV file) or data.generator (one of {})",
          join(find_field("data", "generator")->choices()));
    if (data.generator.empty() && !data.path.empty())
      for (const std::string_view path : {"data.rows", "data.noise"})
        if (given_.has(path)) add({path}, "{} is for data.generator only; a file has the rows it has", path);
  }

  void stdin_once() {
    const DataConfig& data = config_.data;
    std::vector<std::string> users;
    if (given_.config_is_stdin) users.push_back("the config");
    if (data.path == "-") users.push_back("data.path");
    if (data.validation_path == "-") users.push_back("data.validation_path");
    if (data.test_path == "-") users.push_back("data.test_path");
    if (users.size() > 1)
      add({"data.path", "data.validation_path", "data.test_path"}, "standard input can be read once, but is {}",
          join(users, " and "));
  }

  void splits() {
    const DataConfig& data = config_.data;
    if (usable({"data.validation_split", "data.test_split"}) && data.validation_split + data.test_split >= 1)
      add({"data.validation_split", "data.test_split"},
          "data.validation_split + data.test_split must be < 1 so that rows are left to train on, got {} + {}",
          shortest(data.validation_split), shortest(data.test_split));
    if (data.validation_split > 0 && !data.validation_path.empty())
      add({"data.validation_split", "data.validation_path"},
          "data.validation_split and data.validation_path both name the validation rows; keep one");
    if (data.test_split > 0 && !data.test_path.empty())
      add({"data.test_split", "data.test_path"},
          "data.test_split and data.test_path both name the test rows; keep one");
  }

  void columns() {
    const DataConfig& data = config_.data;
    struct Use {
      std::string_view path;
      const std::vector<std::string>& names;
    };
    const std::array<Use, 3> uses = {
        {{"data.target", data.target}, {"data.inputs", data.inputs}, {"data.ignore", data.ignore}}};
    std::map<std::string, std::string_view> seen;
    for (const Use& use : uses)
      for (const std::string& name : use.names) {
        const auto [first, is_new] = seen.emplace(name, use.path);
        if (is_new) continue;
        if (first->second == use.path)
          add({use.path}, "{} names the column '{}' twice", use.path, printable(name));
        else
          add({first->second, use.path}, "the column '{}' is in both {} and {}", printable(name), first->second,
              use.path);
        return;
      }
  }

  void layers() {
    if (given_.has("model.hidden") && !config_.model.layers.empty())
      add({"model.hidden", "model.layers"}, "model.hidden and model.layers both describe the layers; keep one");
  }

  // Counted in floating point, which cannot overflow here; one input at least, as the data is not known yet.
  void weights() {
    if (!usable({"model.hidden", "model.layers"})) return;
    double total = 0, in = 1;
    const auto add_layer = [&](std::int64_t units) {
      total += (in + 1) * static_cast<double>(units);
      in = static_cast<double>(units);
    };
    if (config_.model.layers.empty()) {
      for (const std::int64_t units : config_.model.hidden) add_layer(units);
    } else {
      for (const LayerConfig& layer : config_.model.layers)
        if (layer.kind == "dense") add_layer(layer.units);
    }
    if (total > kMostWeights)
      add({"model.hidden", "model.layers"}, "the layers have about {:.1e} weights; at most {:.0e} are possible", total,
          kMostWeights);
  }

  void learning_rate() {
    const ScheduleConfig& schedule = config_.schedule;
    const double epochs = static_cast<double>(config_.train.epochs);
    if (usable({"schedule.warmup_epochs", "train.epochs"}) && schedule.warmup_epochs >= epochs)
      add({"schedule.warmup_epochs", "train.epochs"}, "schedule.warmup_epochs must be < train.epochs ({}), got {}",
          config_.train.epochs, shortest(schedule.warmup_epochs));
    if (usable({"schedule.min_learning_rate", "optimizer.learning_rate"}) &&
        schedule.min_learning_rate > config_.optimizer.learning_rate)
      add({"schedule.min_learning_rate", "optimizer.learning_rate"},
          "schedule.min_learning_rate must be ≤ optimizer.learning_rate ({}), got {}",
          shortest(config_.optimizer.learning_rate), shortest(schedule.min_learning_rate));
  }

  void line_search() {
    if (!usable({"optimizer.name", "optimizer.line_search"})) return;
    const std::string search = chosen_line_search(config_.optimizer);
    const LineSearchConfig& c = config_.line_search;
    if (search == "wolfe" && usable({"line_search.c1", "line_search.c2"}) && c.c2 != 0 && c.c2 <= c.c1)
      add({"line_search.c1", "line_search.c2"}, "line_search.c2 must be > line_search.c1 ({}), or 0, got {}",
          shortest(c.c1), shortest(c.c2));
    if (search == "polyak" && usable({"line_search.minimum"}) && !std::isfinite(c.minimum))
      add({"optimizer.line_search"},
          "optimizer.line_search = \"polyak\" needs the lowest value of the sum: set line_search.minimum, such as 0");
  }

  void monitors() {
    if (!config_.objective.formula.empty()) return formula_monitors();
    const DataConfig& data = config_.data;
    const Paths sources = {"data.validation_split", "data.validation_path"};
    if (data.validation_split > 0 || !data.validation_path.empty() || !usable(sources)) return;
    const auto check = [&](std::string_view path, const std::string& monitor) {
      if (monitor.starts_with("val_"))
        add({path},
            "{} = \"{}\" needs validation rows; set data.validation_split (such as 0.2) or data.validation_path", path,
            monitor);
    };
    check("schedule.monitor", config_.schedule.monitor);
    check("early_stopping.monitor", config_.early_stopping.monitor);
  }

  void formula_monitors() {
    for (const auto& [path, monitor] :
         {std::pair<std::string_view, const std::string&>{"schedule.monitor", config_.schedule.monitor},
          {"early_stopping.monitor", config_.early_stopping.monitor}})
      if (usable({path}) && monitor != "auto" && monitor != "loss")
        add({path}, "{} = \"{}\" is a figure of networks; a formula has \"loss\", its value", path, monitor);
  }

  // A loss with its penalty is no measure of the penalty.
  void tune() {
    const bool held_out = config_.data.validation_split > 0 || !config_.data.validation_path.empty();
    if (held_out || !usable({"data.validation_split", "data.validation_path"})) return;
    for (const Variation& variation : config_.tune.vary)
      if (variation.path == "train.l2")
        add({"tune.\"train.l2\""},
            "values of train.l2 are compared on validation rows; set data.validation_split (such as 0.2)");
  }

  const Config& config_;
  const Given& given_;
  ConfigErrors& errors_;
};

// A setting at its default misleads nobody, and the config of a run folder holds them all.
bool is_default(const Field& field, const Config& config) {
  Config copy = config, defaults;
  return std::visit([&](auto* value) { return *value == *std::get<decltype(value)>(field.slot(defaults)); },
                    field.slot(copy));
}

bool has_word(std::string_view words, std::string_view word) {
  const std::string padded = fmt::format(" {} ", words);
  return padded.find(fmt::format(" {} ", word)) != std::string::npos;
}

struct Method {
  std::string name;
  std::string constants;
};

// Notices for the keys of `section` that the method chosen by `chooser` does not use but others do.
void idle_constants(std::string_view section, std::string_view chooser, std::string_view chosen,
                    const std::vector<Method>& methods, const Config& config, const Given& given,
                    const ConfigErrors& errors, std::vector<std::string>& notices) {
  const auto method = std::find_if(methods.begin(), methods.end(), [&](const Method& m) { return m.name == chosen; });
  if (method == methods.end()) return;
  for (const Field& field : fields()) {
    if (field.section != section || !given.has(field.path()) || has_word(method->constants, field.key)) continue;
    if (is_default(field, config)) continue;
    std::vector<std::string> users;
    for (const Method& other : methods)
      if (has_word(other.constants, field.key)) users.push_back(other.name);
    if (users.empty()) continue;
    notices.push_back(fmt::format("{}: {} does nothing with {} = \"{}\"; it is for {}",
                                  errors.place(given.spot(field.path())), field.path(), chooser, chosen, join(users)));
  }
}

// Names and constants of a table's rows.
template <class Rows>
std::vector<Method> methods_of(const Rows& rows) {
  std::vector<Method> methods;
  for (const auto& row : rows) methods.push_back({std::string(row.name), std::string(row.constants)});
  return methods;
}

// A line search takes the place of learning_rate and [schedule], and wants to see the whole sum.
void notice_searches(const Config& config, const std::string& search, const Given& given, const ConfigErrors& errors,
                     std::vector<std::string>& notices) {
  for (const Field& field : fields()) {
    const std::string path = field.path();
    if ((path == "optimizer.learning_rate" || field.section == "schedule") && given.has(path) &&
        !is_default(field, config))
      notices.push_back(
          fmt::format("{}: {} does nothing, as the line search {} finds γ; optimizer.line_search = "
                      "\"none\" lets it",
                      errors.place(given.spot(path)), path, search));
  }
  if (config.objective.formula.empty() && config.train.batch_size != 0)
    notices.push_back(fmt::format(
        "{}: {} in batches of {} rows sees another function in every step; train.batch_size = \"full\" is what it is "
        "made for",
        errors.place(given.spot("train.batch_size")), search, config.train.batch_size));
}

}  // namespace

void check_rules(const Config& config, const Given& given, ConfigErrors& errors) {
  Rules(config, given, errors).check();
}

std::vector<std::string> idle_settings(const Config& config, const Given& given, const ConfigErrors& errors) {
  std::vector<std::string> notices;
  idle_constants("optimizer", "optimizer.name", config.optimizer.name, methods_of(directions<float>()), config, given,
                 errors, notices);
  const std::string search = chosen_line_search(config.optimizer);
  std::vector<Method> searches = methods_of(line_searches<float>());
  searches.push_back({"none", ""});
  idle_constants("line_search", "optimizer.line_search", search.empty() ? "none" : search, searches, config, given,
                 errors, notices);
  if (search.empty())
    idle_constants("schedule", "schedule.name", config.schedule.name, methods_of(schedules()), config, given, errors,
                   notices);
  else
    notice_searches(config, search, given, errors, notices);
  for (const Field& field : fields())
    if (field.section == "objective" && config.objective.formula.empty() && given.has(field.path()))
      notices.push_back(fmt::format("{}: {} does nothing without objective.formula",
                                    errors.place(given.spot(field.path())), field.path()));
  for (const std::string_view path : {"early_stopping.monitor", "early_stopping.mode", "early_stopping.min_delta"})
    if (given.has(path) && config.early_stopping.patience == 0)
      notices.push_back(
          fmt::format("{}: {} does nothing without early_stopping.patience", errors.place(given.spot(path)), path));
  return notices;
}

}  // namespace descent
