#include "app/config/writer.hpp"

#include "app/config/errors.hpp"
#include "app/config/fields.hpp"
#include "framework/activation.hpp"
#include "framework/error.hpp"
#include "framework/initializer.hpp"
#include "framework/loss.hpp"
#include "tests/app/config/support.hpp"
#include "trainers/direction.hpp"
#include "trainers/line_search.hpp"
#include "trainers/step_size.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>
#include <random>
#include <sstream>
#include <string>

namespace descent {
namespace {

Config reread(const Config& config) { return parse_config(to_toml(config), "elsewhere/run.toml").config; }

// A value unlike the default, for whatever kind of setting.
struct Changed {
  const Field& field;

  void operator()(bool* value) const { *value = !*value; }
  void operator()(std::int64_t* value) const { *value = field.word.empty() ? *value + 7 : 0; }
  void operator()(double* value) const {
    *value = field.bounds.high <= 1 ? 0.1 + 0.2 : field.bounds.low >= 1 ? 4.0 / 3 : 1.0 / 3;
  }
  void operator()(std::string* value) const {
    if (field.text == Text::choice) {
      for (const std::string& name : field.choices())
        if (name != *value && !name.starts_with("val_")) *value = name;
    } else if (field.text == Text::delimiter) {
      *value = "\t";
    } else {
      *value = "tücke \"#1\" = [x]";
    }
  }
  void operator()(std::vector<std::string>* value) const {
    *value = {std::string(field.key), "\\ " + field.path(), "'c' " + field.path()};
  }
  void operator()(std::vector<std::int64_t>* value) const { *value = {}; }
  void operator()(std::vector<LayerConfig>* value) const {
    *value = {{.units = 3, .activation = "relu", .initializer = "zeros", .initializer_scale = 0.7, .bias = false},
              {.kind = "activation", .activation = "tanh"}};
  }
  void operator()(RateGrid* value) const { *value = {.low = 1e-4, .high = 0.7, .points = 7, .random = true}; }
};

TEST(ConfigWriter, EverySettingSurvivesByItself) {
  for (const Field& field : fields()) {
    Config config;
    config.data.path = "/data.csv";
    config.optimizer.learning_rate = 0.5;
    if (field.section == "objective") {
      config.data.path.clear();
      config.objective.formula = "x";
      config.objective.start = field.key == "box" ? "random:3" : "0";
    }
    config.line_search.minimum = 0.5;  // for polyak
    std::visit(Changed{field}, field.slot(config));
    if (field.key == "generator" || field.key == "rows" || field.key == "noise") {
      config.data.path.clear();
      config.data.generator = "moons";
    }
    config = with_absolute_paths(config);
    EXPECT_NE(config, Config{}) << field.path();
    EXPECT_EQ(reread(config), config) << field.path() << "\n" << to_toml(config);
  }
}

TEST(ConfigWriter, EverySettingSurvivesTogether) {
  Config config;
  for (const Field& field : fields())
    if (field.path() != "model.layers" && field.section != "objective") std::visit(Changed{field}, field.slot(config));
  config.data.generator.clear();
  config.data.rows = Config{}.data.rows;
  config.data.noise = Config{}.data.noise;
  config.data.validation_path.clear();
  config.data.test_path.clear();
  config.optimizer.learning_rate = 0.7;
  config.tune.vary = {{"model.hidden", {"[8]", "[16, 4]"}}, {"optimizer.name", {"\"adam\""}}};
  EXPECT_EQ(reread(config), with_absolute_paths(config));
  EXPECT_EQ(to_toml(reread(config)), to_toml(config));
}

TEST(ConfigWriter, NumbersKeepEveryBit) {
  std::mt19937_64 random(1);
  Config config;
  config.data.path = "/d";
  for (int i = 0; i < 2000; ++i) {
    const double x = std::abs(std::bit_cast<double>(random()));
    if (!std::isfinite(x) || x == 0) continue;
    config.optimizer.learning_rate = x;
    ASSERT_EQ(reread(config).optimizer.learning_rate, x);
  }
}

TEST(ConfigWriter, WritesDataPathsThatHoldAnywhere) {
  Config config;
  config.data.path = "some/../data.csv";
  const auto expected = (std::filesystem::current_path() / "data.csv").string();
  EXPECT_EQ(reread(config).data.path, expected);
  config.data.path = "-";
  EXPECT_EQ(reread(config).data.path, "-");
}

TEST(ConfigWriter, ResolvedConfigReadsLikeAConfig) {
  Config config;
  config.data.path = "/d.csv";
  config.model.layers = {{.units = 3, .activation = "relu"}};
  const std::string text = to_toml(config);
  EXPECT_TRUE(contains(text, "\n[data]\npath = \"/d.csv\"\n# validation_path: none\n")) << text;
  EXPECT_TRUE(contains(text, "# hidden: see [[model.layers]]\n")) << text;
  EXPECT_TRUE(contains(text, "\n[[model.layers]]\nkind = \"dense\"\nunits = 3\nactivation = \"relu\"\n")) << text;
  EXPECT_TRUE(contains(text, "# max_seconds: no limit\n")) << text;
}

TEST(ConfigWriter, WritesOfAFormulaWhatAFormulaHas) {
  Config config;
  config.objective.formula = "x^2";
  config.objective.start = "1";
  const std::string text = to_toml(config);
  for (const char* part : {"[data]", "[model]", "precision", "l2 ="}) EXPECT_FALSE(contains(text, part)) << part;
  EXPECT_TRUE(contains(text, "\n[objective]\nformula = \"x^2\"\nstart = \"1\"\n# box: none\n")) << text;
  EXPECT_EQ(reread(config), config);
  EXPECT_FALSE(contains(to_toml(Config{}), "[objective]"));
}

TEST(ConfigTemplate, IsAllDefaults) {
  Config expected;
  expected.data.path = "data.csv";
  const ConfigResult result = parse_config(commented_template(), "run.toml");
  EXPECT_EQ(result.config, expected);
  EXPECT_TRUE(result.notices.empty());
  EXPECT_EQ(accepted(commented_template("a \"b\".csv")).data.path, "a \"b\".csv");
}

TEST(ConfigTemplate, NamesEverySettingWithinNinetySixColumns) {
  const std::string text = commented_template();
  for (const Field& field : fields())
    EXPECT_TRUE(contains(text, "\n#" + std::string(field.key) + " = ") ||
                contains(text, "\n" + std::string(field.key) + " = "))
        << field.path();
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(count_characters(line), 96u) << line;
}

// Every commented line can be switched on as it stands.
TEST(ConfigTemplate, EachLineCanBeSwitchedOn) {
  const std::string text = commented_template();
  std::size_t switched = 0;
  for (std::size_t at = text.find("\n#"); at != std::string::npos; at = text.find("\n#", at + 1)) {
    if (text[at + 2] == ' ') continue;
    std::string changed = std::string(text).erase(at + 1, 1);
    const std::string key = changed.substr(at + 1, changed.find(' ', at) - at - 1);
    if (key == "generator" || key == "rows" || key == "noise") {
      changed.replace(changed.find("\npath = "), 8, "\n#path = ");
      if (key != "generator") changed.replace(changed.find("\n#generator"), 11, "\ngenerator");
    }
    if (key == "formula") {
      changed.replace(changed.find("\npath = "), 8, "\n#path = ");
      changed.replace(changed.find("\n#start = "), 10, "\nstart = ");
    }
    ++switched;
    EXPECT_NO_THROW(parse_config(changed, "run.toml")) << key;
  }
  EXPECT_EQ(switched, fields().size() - 1);
}

TEST(ConfigHelp, NamesEverySettingWithinAHundredColumns) {
  const std::string text = field_help();
  for (const Field& field : fields()) EXPECT_TRUE(contains(text, "\n  " + std::string(field.key))) << field.path();
  EXPECT_TRUE(contains(text, "  epochs = 100"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(count_characters(line), 100u) << line;
}

TEST(ConfigHelp, DescribesOnlyWhatIsNamed) {
  const auto help = [](std::vector<std::string> names) { return field_help(names); };
  const auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };
  EXPECT_TRUE(help({"train.epochs"}).starts_with("[train]\n  epochs = 100"));
  EXPECT_LE(lines(help({"epochs"})), 4);
  EXPECT_EQ(help({"lr"}), help({"learning_rate"})) << "by its alias";
  EXPECT_TRUE(contains(help({"learning_rate"}), "[optimizer]\n") && contains(help({"learning_rate"}), "[tune]\n"))
      << "in every section that has it";
  EXPECT_TRUE(contains(help({"units"}), "[[model.layers]]\n  units"));
  EXPECT_EQ(help({"[train]"}), help({"train"}));
  EXPECT_EQ(help({"train", "train.epochs"}), help({"train"})) << "once";
  EXPECT_TRUE(contains(help({"train", "seed"}), "[run]\n  seed")) << help({"train", "seed"});
  const std::string all = field_help();
  for (const Section& section : sections()) EXPECT_TRUE(contains(all, help({std::string(section.name)})));
}

// The formulas of the tables are for people: ½ or none, which δ, which distribution.
TEST(ConfigHelp, SaysWhatNamesStandFor) {
  const auto help = [](const std::string& name) { return field_help(std::vector<std::string>{name}); };
  EXPECT_TRUE(contains(help("loss"), "\n    squared_error                   (y - t)^2\n")) << help("loss");
  EXPECT_TRUE(contains(help("loss"), "r^2 / 2 where |r| <= 1")) << help("loss");
  const std::string reference = markdown_reference();
  std::size_t formulas = 0;
  for (const Field& field : fields()) {
    if (!field.meanings.list) continue;
    const std::string text = help(field.path());
    EXPECT_TRUE(contains(reference, fmt::format("\n| `{}` | {} |\n", field.key, field.meanings.what)));
    for (const auto& [value, formula] : field.meanings.list()) {
      EXPECT_TRUE(contains(text, fmt::format("\n    {} ", value))) << text;
      EXPECT_TRUE(contains(reference, fmt::format("\n| `{}` | `", value))) << value;
      EXPECT_FALSE(formula.empty()) << value;
      ++formulas;
    }
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(count_characters(line), 100u) << line;
  }
  EXPECT_EQ(formulas, losses<double>().size() + activations<double>().size() + initializers().size() +
                          directions<double>().size() + line_searches<double>().size() + schedules().size());
}

TEST(ConfigHelp, SuggestsANameForOneThatNothingHas) {
  const auto message = [](const std::string& name) {
    const std::vector<std::string> names{name};
    try {
      field_help(names);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(
      message("epoch"),
      "no section or setting is called 'epoch'; did you mean 'epochs' in [train]? (all of them: descent config help)");
  EXPECT_TRUE(contains(message("optimiser"), "did you mean [optimizer]?")) << message("optimiser");
  EXPECT_TRUE(contains(message("train.epoch"), "did you mean 'epochs'?")) << message("train.epoch");
  EXPECT_TRUE(contains(message("trian.epochs"), "did you mean [train]?")) << message("trian.epochs");
  EXPECT_TRUE(contains(message("model.layers.unit"), "did you mean 'units'?")) << message("model.layers.unit");
  EXPECT_TRUE(contains(message("qqq"), "sections: [run]")) << message("qqq");
}

TEST(ConfigSchema, IsDraftFourAndClosed) {
  const auto schema = nlohmann::json::parse(json_schema());
  EXPECT_EQ(schema["$schema"], "http://json-schema.org/draft-04/schema#");
  EXPECT_EQ(schema["additionalProperties"], false);
  const auto& optimizer = schema["properties"]["optimizer"];
  EXPECT_EQ(optimizer["additionalProperties"], false);
  const auto& rate = optimizer["properties"]["learning_rate"];
  EXPECT_EQ(rate["exclusiveMinimum"], true);
  EXPECT_EQ(rate["minimum"], 0);
  EXPECT_EQ(rate["default"], 0.01);
  EXPECT_TRUE(optimizer["properties"].contains("lr"));
  const auto& layer = schema["properties"]["model"]["properties"]["layers"]["items"];
  EXPECT_TRUE(layer["properties"].contains("units"));
  EXPECT_EQ(schema["properties"]["data"]["properties"]["header"]["enum"], nlohmann::json({"auto", true, false}));
  for (const Field& field : fields())
    EXPECT_TRUE(schema["properties"][std::string(field.section)]["properties"].contains(std::string(field.key)));
}

TEST(ConfigReference, HasARowForEverySettingWithSixCells) {
  const std::string page = markdown_reference();
  for (const Field& field : fields())
    EXPECT_TRUE(contains(page, "\n| `" + std::string(field.key) + "` |")) << field.path();
  std::istringstream lines(page);
  bool of_settings = false;  // else of formulas, in two cells
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("|")) of_settings = false;
    if (!line.starts_with("|")) continue;
    of_settings = of_settings || line.starts_with("| key |");
    std::size_t bars = 0;
    for (std::size_t i = 0; i < line.size(); ++i) bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
    EXPECT_EQ(bars, of_settings ? 7u : 3u) << line;
  }
}

}  // namespace
}  // namespace descent
