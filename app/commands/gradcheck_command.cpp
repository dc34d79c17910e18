#include "app/commands.hpp"
#include "app/experiment/experiment.hpp"
#include "framework/derivative_check.hpp"
#include "models/evaluator.hpp"
#include "models/summed_loss.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <numeric>

namespace descent {
namespace {

constexpr double kTolerance = 1e-7;

struct BlockCheck {
  std::string name;
  GradientCheck check;
  bool passed() const { return check.worst <= kTolerance; }
};

// About `count` entries of a block, spread evenly.
std::vector<std::size_t> some_of(const ParameterBlock& block, std::size_t count) {
  const std::size_t size = block.rows * block.cols;
  std::vector<std::size_t> which(std::min(size, count));
  for (std::size_t k = 0; k < which.size(); ++k) which[k] = block.offset + k * size / which.size();
  return which;
}

std::vector<BlockCheck> check_blocks(const Experiment& experiment, const GradcheckArguments& arguments) {
  std::vector<std::uint32_t> rows(std::min(arguments.rows, experiment.train.size()));
  std::iota(rows.begin(), rows.end(), 0);
  const Network<double> network(experiment.network);
  SummedLoss<double> objective(network, find_loss<double>(experiment.loss),
                               training_rows<double>(select(experiment.train, rows)));
  std::vector<double> w(network.parameters());
  network.initialize(w, static_cast<std::uint64_t>(experiment.config.run.seed));
  std::vector<BlockCheck> checks;
  for (const NetworkBlock& named : network.blocks())
    checks.push_back({named.name, check_gradient(objective, w, some_of(named.block, arguments.weights))});
  return checks;
}

}  // namespace

int gradcheck_command(const GradcheckArguments& arguments) {
  const Experiment experiment = prepare(read_config(arguments.config).config);
  const std::vector<BlockCheck> checks = check_blocks(experiment, arguments);
  const bool passed = std::ranges::all_of(checks, &BlockCheck::passed);
  if (arguments.json) {
    nlohmann::ordered_json blocks = nlohmann::ordered_json::array();
    for (const BlockCheck& block : checks)
      blocks.push_back({{"name", block.name},
                        {"checked", block.check.checked},
                        {"unsure", block.check.unsure},
                        {"worst", block.check.worst}});
    std::cout << nlohmann::ordered_json({{"passed", passed}, {"tolerance", kTolerance}, {"blocks", blocks}}).dump()
              << '\n';
    return passed ? kOk : kRuntimeError;
  }
  std::cout << fmt::format("{:<20}{:>9}{:>9}{:>12}{:>16}{:>16}\n", "block", "checked", "unsure", "worst", "backprop",
                           "differences");
  for (const BlockCheck& block : checks)
    std::cout << fmt::format("{:<20}{:>9}{:>9}{:>12.2g}{:>16.8g}{:>16.8g}{}\n", block.name, block.check.checked,
                             block.check.unsure, block.check.worst, block.check.analytic, block.check.numeric,
                             block.passed() ? "" : "  WRONG");
  std::cout << fmt::format(
      "{}: the gradient of {} over {} rows {} Ridders' differences within {:g} relative.\n"
      "unsure: too near a kink (relu, |r|) for finite differences to tell.\n",
      passed ? "passed" : "failed", experiment.loss, std::min(arguments.rows, experiment.train.size()),
      passed ? "equals" : "does not equal", kTolerance);
  return passed ? kOk : kRuntimeError;
}

}  // namespace descent
