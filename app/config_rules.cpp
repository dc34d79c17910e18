#include "app/config_rules.hpp"

#include "app/config_fields.hpp"
#include "framework/text.hpp"
#include "trainers/direction.hpp"
#include "trainers/step_size.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace descent {
namespace {

constexpr double kMostWeights = 1e10;  // 40 GB in float32; the exact check against memory comes with the data

class Rules {
 public:
  Rules(const Config& config, const Given& given, ConfigErrors& errors)
      : config_(config), given_(given), errors_(errors) {}

  void check() {
    data_source();
    stdin_once();
    splits();
    columns();
    layers();
    weights();
    learning_rate();
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

  void data_source() {
    const DataConfig& data = config_.data;
    if (!usable({"data.path", "data.generator"})) return;
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

  void monitors() {
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

  void tune() {
    const TuneConfig& t = config_.tune;
    if (t.low > 0 && t.high > 0 && t.low >= t.high && usable({"tune.low", "tune.high"}))
      add({"tune.low", "tune.high"}, "tune.low must be < tune.high ({}), got {}", shortest(t.high), shortest(t.low));
  }

  const Config& config_;
  const Given& given_;
  ConfigErrors& errors_;
};

bool has_word(std::string_view words, std::string_view word) {
  const std::string padded = fmt::format(" {} ", words);
  return padded.find(fmt::format(" {} ", word)) != std::string::npos;
}

struct Method {
  std::string name;
  std::string constants;
};

// Notices for the keys of `section` that the chosen method does not use but others do.
void idle_constants(std::string_view section, std::string_view chosen, const std::vector<Method>& methods,
                    const Given& given, const ConfigErrors& errors, std::vector<std::string>& notices) {
  const auto method = std::find_if(methods.begin(), methods.end(), [&](const Method& m) { return m.name == chosen; });
  if (method == methods.end()) return;
  for (const Field& field : fields()) {
    if (field.section != section || !given.has(field.path()) || has_word(method->constants, field.key)) continue;
    std::vector<std::string> users;
    for (const Method& other : methods)
      if (has_word(other.constants, field.key)) users.push_back(other.name);
    if (users.empty()) continue;
    notices.push_back(fmt::format("{}: {} does nothing with {}.name = \"{}\"; it is for {}",
                                  errors.place(given.spot(field.path())), field.path(), section, chosen, join(users)));
  }
}

}  // namespace

void check_rules(const Config& config, const Given& given, ConfigErrors& errors) {
  Rules(config, given, errors).check();
}

std::vector<std::string> idle_settings(const Config& config, const Given& given, const ConfigErrors& errors) {
  std::vector<std::string> notices;
  std::vector<Method> methods;
  for (const auto& row : directions<float>()) methods.push_back({std::string(row.name), std::string(row.constants)});
  idle_constants("optimizer", config.optimizer.name, methods, given, errors, notices);
  methods.clear();
  for (const auto& row : schedules()) methods.push_back({std::string(row.name), std::string(row.constants)});
  idle_constants("schedule", config.schedule.name, methods, given, errors, notices);
  for (const std::string_view path : {"early_stopping.monitor", "early_stopping.mode", "early_stopping.min_delta"})
    if (given.has(path) && config.early_stopping.patience == 0)
      notices.push_back(
          fmt::format("{}: {} does nothing without early_stopping.patience", errors.place(given.spot(path)), path));
  return notices;
}

}  // namespace descent
