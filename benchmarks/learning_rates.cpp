// The tables of docs/tuning.md: learning_rates rules|halving FOLDER_OF_DATASETS
#include "benchmarks/rate_tasks.hpp"

#include <cstdio>
#include <iterator>
#include <string>

namespace {

using namespace descent;
using namespace descent::rates;

void print_rules(const std::string& datasets) {
  bool headed = false;
  for (const Task& task : kTasks) {
    const Comparison c = compare(task, datasets);
    if (!headed) {
      std::string head = "| task | limit | γ | epochs | best of 60: γ | epochs | sweep's cost |";
      std::string rule = "|---|---|---|---|---|---|---|";
      for (const Rival& rival : c.rivals) head += " " + rival.name + " |", rule += "---|";
      std::printf("%s\n%s\n", head.c_str(), rule.c_str());
      headed = true;
    }
    std::string row = fmt::format("| {} | {} | {:.3g} | {} | {:.3g} | {} | {:.0f} % |", task.name,
                                  std::isnan(c.limit) ? "does not apply" : fmt::format("{:.3g}", c.limit), c.gamma,
                                  c.steps, c.best_gamma, c.best_steps, 100 * c.share);
    for (const Rival& rival : c.rivals) row += std::isinf(rival.steps) ? " never |" : fmt::format(" {} |", rival.steps);
    std::printf("%s\n", row.c_str());
    std::fflush(stdout);
  }
}

// One row for a task and a figure: the sweep as the table of the rules has it, and how often it agrees with all trials
// in full when it starts from other seeds.
void print_halving(const std::string& datasets) {
  constexpr int kOther[] = {311, 321, 331, 341, 351, 361, 371, 381};
  std::printf(
      "| task | figure | γ | epochs | in full: γ | epochs | place | cost | other seeds |\n"
      "|---|---|---|---|---|---|---|---|---|\n");
  for (const Task& task : kTasks)
    for (const double validation : {0.0, 0.25}) {
      Config config = config_of(task, datasets);
      config.data.validation_split = validation;
      const Halving h = compare_halving(config);
      int agree = 0;
      for (const int seed : kOther) {
        config.run.seed = seed;
        agree += compare_halving(config).place == 1 ? 1 : 0;
      }
      const auto epochs = [](double x) { return std::isnan(x) ? std::string("never") : fmt::format("{}", x); };
      std::printf("%s\n", fmt::format("| {} | {} | {} | {} | {} | {} | {} | {:.0f} % | {}/{} |", task.name,
                                      validation > 0 ? "val_loss" : "loss", h.picked.gamma, epochs(h.picked.to_target),
                                      h.winner.gamma, epochs(h.winner.to_target), h.place, 100 * h.share, agree,
                                      std::size(kOther))
                              .c_str());
      std::fflush(stdout);
    }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc == 3 ? argv[1] : "";
  if (what == "rules") return print_rules(argv[2]), 0;
  if (what == "halving") return print_halving(argv[2]), 0;
  return std::fputs("usage: learning_rates rules|halving FOLDER_OF_DATASETS\n", stderr), 2;
}
