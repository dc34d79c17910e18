// log.sharpness_every as a person meets it: columns, the warning, and nothing else changed.
#include "app/curvature/sharpness.hpp"

#include "tests/support/program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <sstream>

namespace descent {
namespace {

using nlohmann::json;
using test::Ran;
using test::run_program;
using test::TemporaryFolder;

Ran train(const std::string& config, std::vector<std::string> more) {
  std::vector<std::string> all = {"train", DESCENT_SOURCE_DIR "/examples/" + config, "--json"};
  for (const std::string& word : more) all.push_back(word);
  return run_program(all);
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

std::vector<json> epochs_of(const std::string& run) {
  std::istringstream lines(test::read_text(run + "/metrics.jsonl"));
  std::vector<json> epochs;
  for (std::string line; std::getline(lines, line);)
    if (json record = json::parse(line); record["event"] == "epoch") epochs.push_back(record);
  return epochs;
}

TEST(Sharpness, IsMeasuredEveryFewEpochsAndChangesNothing) {
  const TemporaryFolder folder;
  const std::vector<std::string> shorter = {"-s", "train.epochs=6", "-s", "run.out_dir=" + folder.path()};
  std::vector<std::string> measuring = shorter;
  measuring.insert(measuring.end(), {"-s", "log.sharpness_every=3"});
  const Ran plain = train("iris.toml", shorter), measured = train("iris.toml", measuring);
  const json a = json::parse(plain.out), b = json::parse(measured.out);
  EXPECT_EQ(a["weights_hash"], b["weights_hash"]);
  const std::vector<json> epochs = epochs_of(b["run"]);
  ASSERT_EQ(epochs.size(), 6u);
  for (const json& epoch : epochs) {
    const bool now = epoch["epoch"].get<int>() % 3 == 0;
    ASSERT_EQ(epoch["sharpness"].is_number(), now);
    if (!now) continue;
    // 16 of 120 rows a step: a batch has their share of the curvature.
    EXPECT_GT(epoch["sharpness"], 10);
    EXPECT_NEAR(epoch["lr_times_sharpness"].get<double>(), 0.01 * epoch["sharpness"].get<double>() * 16 / 120, 1e-9);
  }
  EXPECT_FALSE(epochs_of(a["run"]).front().contains("sharpness"));
  const std::string csv = test::read_text(b["run"].get<std::string>() + "/metrics.csv");
  EXPECT_NE(csv.substr(0, csv.find('\n')).find(",sharpness,lr_times_sharpness"), std::string::npos);
  EXPECT_NE(measured.err.find("λmax γ·λmax"), std::string::npos) << measured.err;
  EXPECT_EQ(count(measured.err, "edge of stability"), 0u);
}

TEST(Sharpness, WarnsOnceWhereTheProductCrossesItsLimit) {
  const Ran ran = train(
      "xor.toml", {"--no-save", "-s", "log.sharpness_every=1", "-s", "train.epochs=20", "-s", "train.loss_target=0"});
  EXPECT_EQ(count(ran.err,
                  "epoch 0: γ·λmax = 3.05 is beyond 2: the first steps overshoot along the sharpest "
                  "direction (γ < 0.656 is within, see docs/curvature.md)"),
            1u)
      << ran.err;
  EXPECT_EQ(count(ran.err, "is beyond"), 1u);
  // Below the limit at the start, and drawn to it by the training itself.
  const Ran edge = train("sine.toml", {"--no-save", "-s", "log.sharpness_every=10", "-s", "train.batch_size=full", "-s",
                                       "optimizer.name=steepest", "-s", "optimizer.learning_rate=0.002", "-s",
                                       "schedule.name=constant", "-s", "early_stopping.patience=0"});
  EXPECT_EQ(count(edge.err, "training rides the edge of stability"), 1u) << edge.err;
  EXPECT_EQ(count(edge.err, "epoch 0:"), 0u);
  const Ran adam = train("xor.toml", {"--no-save", "-s", "log.sharpness_every=1", "-s", "train.epochs=20", "-s",
                                      "optimizer.name=adam", "-s", "train.loss_target=0"});
  EXPECT_EQ(count(adam.err, "edge of stability"), 0u);
  EXPECT_EQ(count(adam.err, "no limit of 2 with adam"), 1u) << adam.err;
}

TEST(Sharpness, LimitsAreThoseOfTheIterationOnAQuadratic) {
  const auto grows = [](const std::string& method, double mu, double product) {
    double x = 1, v = 0, size = 0;  // ½ λ x², λ = 1, γ = product
    for (int k = 0; k < 4000; ++k) {
      v = mu * v + x;
      x -= product * (method == "nesterov" ? x + mu * v : v);
      size = k > 3900 ? std::max(size, std::abs(x)) : 0;
    }
    return !(size < 1);
  };
  for (const char* method : {"momentum", "nesterov"})
    for (const double mu : {0.0, 0.5, 0.9}) {
      const double limit = *stable_product(method, mu);
      EXPECT_FALSE(grows(method, mu, 0.99 * limit)) << method << mu;
      EXPECT_TRUE(grows(method, mu, 1.01 * limit)) << method << mu;
    }
  EXPECT_EQ(stable_product("steepest", 0.9), 2);
  EXPECT_FALSE(stable_product("adam", 0.9));
}

}  // namespace
}  // namespace descent
