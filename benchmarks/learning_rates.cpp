// The table of docs/tuning.md: learning_rates FOLDER_OF_DATASETS
#include "benchmarks/rate_tasks.hpp"

#include <cstdio>

int main(int argc, char** argv) {
  using namespace descent::rates;
  if (argc != 2) return std::fputs("usage: learning_rates FOLDER_OF_DATASETS\n", stderr), 2;
  bool headed = false;
  for (const Task& task : kTasks) {
    const Comparison c = compare(task, argv[1]);
    if (!headed) {
      std::string head = "| task | limit | γ | epochs | best of 60: γ | epochs | sweep's cost |";
      std::string rule = "|---|---|---|---|---|---|---|";
      for (const Rival& rival : c.rivals) head += " " + rival.name + " |", rule += "---|";
      std::printf("%s\n%s\n", head.c_str(), rule.c_str());
      headed = true;
    }
    std::string row = fmt::format("| {} | {:.3g} | {:.3g} | {} | {:.3g} | {} | {:.0f} % |", task.name, c.limit, c.gamma,
                                  c.steps, c.best_gamma, c.best_steps, 100 * c.share);
    for (const Rival& rival : c.rivals) row += std::isinf(rival.steps) ? " never |" : fmt::format(" {} |", rival.steps);
    std::printf("%s\n", row.c_str());
    std::fflush(stdout);
  }
}
