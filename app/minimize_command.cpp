#include "app/assignments.hpp"
#include "app/commands.hpp"
#include "app/formula_pictures.hpp"
#include "app/formula_run.hpp"
#include "app/formula_text.hpp"
#include "app/report/formula_report.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"

#include <algorithm>
#include <charconv>
#include <iostream>

namespace descent {
namespace {

constexpr std::size_t kUsualStarts = 20, kMostStarts = 100'000;

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
  if (!arguments.plot.empty() || !arguments.animate.empty() || !arguments.report.empty())
    method.keep = std::max(method.keep, kMostDrawn + 1);
  return completed(method);
}

// "random:20" is 20, "random" too; anything else nothing. Throws Error(usage) for a number that is no count.
std::optional<std::size_t> random_starts(std::string_view text) {
  if (text == "random") return kUsualStarts;
  if (!text.starts_with("random:")) return std::nullopt;
  const std::string_view digits = text.substr(7);
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (error != std::errc() || end != digits.data() + digits.size() || count == 0 || count > kMostStarts)
    throw Error(Fault::usage, "--start random:{} must say how many starts, from 1 to {}: random:20", printable(digits),
                kMostStarts);
  return count;
}

// The run to show: from the start; or, of random starts, the one that came to the best basin.
FormulaRun run_asked(FormulaProblem& problem, const FormulaMethod& method, const MinimizeArguments& arguments,
                     std::optional<Basins>& basins) {
  const std::optional<std::size_t> random = random_starts(arguments.start);
  if (!random) {
    if (!arguments.box.empty()) throw Error(Fault::usage, "--box belongs to random starts: --start random:20");
    return run_formula(problem, method, parse_point("--start", arguments.start, problem.names()));
  }
  if (arguments.box.empty())
    throw Error(Fault::usage, "random starts need a box to be drawn from: --box -5:5, or a range for each variable");
  const Box box = parse_box("--box", arguments.box, problem.names());
  basins = run_from_starts(problem, method, box, *random, arguments.seed);
  const std::size_t shown = basins->basins.empty() ? 0 : basins->basins.front().starts.front();
  return run_formula(problem, method, basins->from[shown]);
}

}  // namespace

int minimize_command(const MinimizeArguments& arguments) {
  const FormulaMethod method = method_of(arguments);
  FormulaProblem problem(arguments.formula, arguments.data, arguments.maximize);
  const RunPictures pictures{arguments.plot, arguments.animate, arguments.plot_as, arguments.plot_box,
                             arguments.plot_rates};
  check_run_pictures(problem, pictures);
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
  if (!arguments.plot.empty()) draw_run(problem, method, run, pictures);
  if (!arguments.animate.empty()) animate_run(problem, method, run, pictures);
  if (!arguments.report.empty()) write_formula_report(problem, method, run, arguments.report);
  return exit_code(run.status);
}

}  // namespace descent
