// [tune]: the grid of learning rates, and the lists of other settings to try.
#include "app/config/tune.hpp"

#include "app/config/writer.hpp"
#include "tests/app/config/support.hpp"

#include <gtest/gtest.h>

#include <string>

namespace descent {
namespace {

std::string tune_section(const std::string& lines) { return std::string(kSmallest) + "[tune]\n" + lines + "\n"; }

// The first line, without the place in front of it and the excerpt behind.
std::string complaint(const std::string& line, const std::string& place = "run.toml:4") {
  const std::string whole = refusal(tune_section(line));
  EXPECT_TRUE(whole.starts_with(place)) << whole;
  const std::size_t begin = whole.find("error: ") + 7;
  return whole.substr(begin, whole.find('\n') - begin);
}

TEST(ConfigTune, ReadsAGridOfRatesAndListsOfOtherSettings) {
  const Config config =
      accepted(tune_section("learning_rate = {log = [1e-4, 1], points = 25}\n\"model.hidden\" = [[8], [16], [32]]\n"
                            "\"train.bs\" = [16, \"full\"]\n\"optimizer.momentum\" = {log = [0.1, 0.9], points = 3}"));
  EXPECT_EQ(config.tune.learning_rate, (RateGrid{.low = 1e-4, .high = 1, .points = 25}));
  const std::vector<Variation> expected = {{"model.hidden", {"[8]", "[16]", "[32]"}},
                                           {"train.batch_size", {"16", "\"full\""}},
                                           {"optimizer.momentum", {"0.1", "0.3", "0.9"}}};
  EXPECT_EQ(config.tune.vary, expected);
  EXPECT_EQ(accepted(to_toml(config)).tune, config.tune);
}

TEST(ConfigTune, EachKeyOfAGridMayBeLeftOut) {
  EXPECT_EQ(accepted(tune_section("learning_rate = {}")).tune, TuneConfig{});
  EXPECT_EQ(accepted(tune_section("lr = {points = 9, random = true}")).tune.learning_rate,
            (RateGrid{.points = 9, .random = true}));
  EXPECT_EQ(accepted(tune_section("learning_rate = [0.1, 1]")).tune.learning_rate, (RateGrid{.list = {0.1, 1}}));
}

TEST(ConfigTune, ALaterSetWins) {
  const Config config = accepted(
      tune_section("\"model.hidden\" = [[8]]"),
      {"tune.learning_rate={points=3}", "tune.\"model.hidden\"=[[4]]", "tune.model.activation=[\"relu\", \"tanh\"]"});
  EXPECT_EQ(config.tune.learning_rate.points, 3);
  const std::vector<Variation> expected = {{"model.hidden", {"[4]"}}, {"model.activation", {"\"relu\"", "\"tanh\""}}};
  EXPECT_EQ(config.tune.vary, expected);
}

TEST(ConfigTune, WhatIsWrongIsNamedWithItsPlaceAndARemedy) {
  struct Row {
    const char* line;
    const char* place;
    const char* message;
  };
  constexpr Row rows[] = {
      {"learning_rate = 0.1", "run.toml:4:17",
       "tune.learning_rate must be { log = [low, high], points = n } or a list of numbers > 0, got 0.1; one γ needs no "
       "tuning: optimizer.learning_rate"},
      {"learning_rate = {log = [1, 2, 3]}", "run.toml:4:24",
       "log of tune.learning_rate must be two numbers, such as [1e-4, 1.0], got a list of 3"},
      {"learning_rate = {log = [0, 2]}", "run.toml:4:25", "log of tune.learning_rate must be of numbers > 0, got 0"},
      {"learning_rate = {log = [2, 1]}", "run.toml:4:24", "log of tune.learning_rate must ascend, got [2, 1]"},
      {"learning_rate = {points = 0}", "run.toml:4:27",
       "points of tune.learning_rate must be a whole number ≥ 1 and ≤ 10000, got 0"},
      {"learning_rate = {random = 1}", "run.toml:4:27", "random of tune.learning_rate must be true or false, got 1"},
      {"learning_rate = {pionts = 3}", "run.toml:4",
       "unknown key of tune.learning_rate 'pionts'; did you mean 'points'? (known: log, points, random)"},
      {"learning_rate = []", "run.toml:4:17", "tune.learning_rate must have at least one value, got []"},
      {"learning_rate = [1, \"x\"]", "run.toml:4:21",
       "each value of tune.learning_rate must be a number > 0, got the text \"x\""},
      {"\"model.hiden\" = [[8]]", "run.toml:4:1", "unknown key 'hiden' in [model]; did you mean 'hidden'?"},
      {"\"modle.hidden\" = [[8]]", "run.toml:4:1", "unknown section [modle]; did you mean [model]?"},
      {"model.hidden = [[8]]", "run.toml:4:1", "a setting to try has its name in quotes; write \"model.hidden\" = …"},
      {"\"model.hidden\" = 8", "run.toml:4:18", "tune.\"model.hidden\" must be a list of values to try, got 8"},
      {"\"model.hidden\" = []", "run.toml:4:18", "tune.\"model.hidden\" must be a list of values to try, got []"},
      {"\"model.hidden\" = [8]", "run.toml:4:19",
       "value of tune.\"model.hidden\" must be a list of whole numbers ≥ 1, got 8; write [8]"},
      {"\"optimizer.name\" = [\"adma\"]", "run.toml:4:21",
       "unknown value of tune.\"optimizer.name\" 'adma'; did you mean 'adam'? (known: steepest, momentum, nesterov, "
       "adam, adamw, rmsprop, adagrad, conjugate_gradient, lbfgs, newton)"},
      {"\"optimizer.momentum\" = {points = 3}", "run.toml:4:24",
       "tune.\"optimizer.momentum\" must be { log = [low, high], points = n } or a list of values; only γ has a range "
       "of its own and random"},
      {"\"optimizer.lr\" = [1]", "run.toml:4:1",
       "values of optimizer.learning_rate cannot be tried: γ has a key of its own; write learning_rate = { log = "
       "[1e-4, "
       "1.0], points = 25 }"},
      {"\"train.loss\" = [\"auto\"]", "run.toml:4:1",
       "values of train.loss cannot be tried: other losses cannot be compared"},
      {"\"train.l2\" = [0.1]", "run.toml:4:1",
       "values of train.l2 are compared on validation rows; set data.validation_split (such as 0.2)"},
      {"\"train.bs\" = [8]\n\"train.batch_size\" = [16]", "run.toml:5:1",
       "values of train.batch_size are given twice; keep one list"},
  };
  for (const Row& row : rows) EXPECT_EQ(complaint(row.line, row.place), row.message) << row.line;
}

}  // namespace
}  // namespace descent
