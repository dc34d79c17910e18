#include "app/commands.hpp"
#include "app/formula_pictures.hpp"
#include "app/formula_run.hpp"
#include "app/formula_start.hpp"
#include "app/formula_text.hpp"
#include "framework/error.hpp"
#include "models/file_io.hpp"

#include <algorithm>
#include <iostream>

namespace descent {
namespace {

int exit_code(Status status) {
  switch (status) {
    case Status::converged:
      return kOk;
    case Status::diverged:
      return kDiverged;
    default:
      return kStoppedShort;
  }
}

FormulaMethod method_of(const MinimizeArguments& arguments) {
  FormulaMethod method;
  method.direction = arguments.method;
  method.line_search = arguments.line_search;
  method.learning_rate = arguments.learning_rate;
  method.steps = arguments.steps;
  method.tolerance = arguments.tolerance;
  if (!arguments.csv.empty()) method.keep = arguments.steps + 1;  // the file gets them all
  constexpr std::size_t kMostDrawn = 20'000;
  if (!arguments.plot.empty() || !arguments.animate.empty()) method.keep = std::max(method.keep, kMostDrawn + 1);
  return completed(method);
}

// The run to show: from the start; or, of random starts, the one that came to the best basin.
FormulaRun run_asked(FormulaProblem& problem, const FormulaMethod& method, const MinimizeArguments& arguments,
                     std::optional<Basins>& basins) {
  const std::optional<std::size_t> random = random_starts(arguments.start);
  if (!random) {
    if (!arguments.box.empty())
      throw Error(Fault::usage, "--box belongs to random starts: --start random:20");
    return run_formula(problem, method, parse_start(arguments.start, problem.names()));
  }
  const Box box = parse_box(arguments.box, problem.names());
  basins = run_from_starts(problem, method, box, *random, arguments.seed);
  const std::size_t shown = basins->basins.empty() ? 0 : basins->basins.front().starts.front();
  return run_formula(problem, method, basins->from[shown]);
}

}  // namespace

int minimize_command(const MinimizeArguments& arguments) {
  const FormulaMethod method = method_of(arguments);
  FormulaProblem problem(arguments.formula, arguments.data, arguments.maximize);
  check_run_pictures(problem, arguments.plot, arguments.animate);
  std::optional<Basins> basins;
  const FormulaRun run = run_asked(problem, method, arguments, basins);

  if (arguments.json) {
    nlohmann::ordered_json json = to_json(run, problem, method);
    if (basins) json["basins"] = to_json(*basins, problem);
    std::cout << json.dump() << '\n';
  } else {
    std::cout << problem_text(problem, method) << '\n';
    if (basins) std::cout << basins_text(*basins, problem) << "\nthe run to the best of them\n";
    std::cout << step_table_text(run, problem) << '\n' << outcome_text(run);
    for (const std::string& note : run.notes) std::cerr << "note: " << note << '\n';
  }
  if (!arguments.csv.empty()) write_file_atomically(arguments.csv, steps_csv(run, problem));
  if (!arguments.plot.empty()) draw_run(problem, method, run, arguments.plot);
  if (!arguments.animate.empty()) animate_run(problem, method, run, arguments.animate);
  return exit_code(run.status);
}

}  // namespace descent
