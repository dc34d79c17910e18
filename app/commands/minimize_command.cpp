#include "app/commands.hpp"
#include "app/config/fields.hpp"
#include "app/config/names.hpp"
#include "app/config/optimizer_choice.hpp"
#include "app/console/interrupt.hpp"
#include "app/formula/assignments.hpp"
#include "app/formula/pictures.hpp"
#include "app/formula/run.hpp"
#include "app/formula/text.hpp"
#include "app/report/formula_report.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"

#include <algorithm>
#include <csignal>
#include <iostream>

namespace descent {
namespace {

bool is_constant(const Field& field) {
  return field.section == "line_search" || (field.section == "optimizer" && field.key != "name" &&
                                            field.key != "learning_rate" && field.key != "line_search");
}

int exit_code(Status status) {
  switch (status) {
    case Status::converged:
      return kOk;
    case Status::diverged:
      return kDiverged;
    case Status::interrupted:
      return kSignalled + interrupting_signal();
    default:
      return kStoppedShort;
  }
}

// "momentum=0.5", "c2=0.1": keys of [optimizer] and [line_search], read as a config's are.
Config read_constants(const std::vector<std::string>& constants) {
  std::vector<std::string> settings;
  for (const std::string& constant : constants) {
    const std::string key = constant.substr(0, constant.find('='));
    if (key.size() == constant.size())
      throw Error(Fault::usage, "--set {}: a constant is NAME=VALUE, such as momentum=0.5", printable(constant));
    if (key == "learning_rate" || key == "lr" || key == "name" || key == "line_search")
      throw Error(Fault::usage, "--set takes constants of methods; there are --learning-rate, --method, --line-search");
    const bool search = find_field("line_search", key) != nullptr;
    const bool known = search || find_field("optimizer", key) != nullptr || key.find('.') != std::string::npos;
    if (!known) {
      std::vector<std::string> names;
      for (const Field& field : fields())
        if (is_constant(field)) names.emplace_back(field.key);
      throw Error(Fault::usage, "--set: {}", unknown_name("constant", printable(key), names));
    }
    settings.push_back(key.find('.') != std::string::npos ? constant
                                                          : (search ? "line_search." : "optimizer.") + constant);
  }
  return parse_config("[objective]\nformula = \"x\"\nstart = \"0\"\n", "--set", settings).config;
}

// What a name that people know from elsewhere is called here.
std::string meant(std::span<const ValueAlias> aliases, const std::string& typed) {
  const auto alias = std::ranges::find(aliases, typed, &ValueAlias::typed);
  return alias == aliases.end() || alias->meant == "none" ? typed : std::string(alias->meant);
}

FormulaMethod method_of(const MinimizeArguments& arguments) {
  FormulaMethod method;
  method.direction = meant(direction_aliases(), arguments.method);
  method.line_search = meant(line_search_aliases(), arguments.line_search);
  method.learning_rate = arguments.learning_rate;
  method.steps = arguments.steps;
  method.tolerance = arguments.tolerance;
  method.scale = arguments.scale;
  method.interrupt = &watch_for_interrupts();
  const Config constants = read_constants(arguments.constants);
  method.direction_options = direction_options(constants.optimizer);
  method.search_options = line_search_options(constants.line_search);
  if (!arguments.csv.empty()) method.keep = arguments.steps + 1;  // the file gets them all
  constexpr std::size_t kMostDrawn = 20'000;
  if (!arguments.plot.empty() || !arguments.animate.empty() || !arguments.report.empty())
    method.keep = std::max(method.keep, kMostDrawn + 1);
  return completed(method);
}

// The run to show: from the start; or, of random starts, the one that came to the best basin.
FormulaRun run_asked(FormulaProblem& problem, const FormulaMethod& method, const MinimizeArguments& arguments,
                     std::optional<Basins>& basins) {
  const std::optional<std::size_t> random = random_starts("--start", arguments.start);
  if (!random) {
    if (arguments.start.empty())
      throw Error(Fault::usage,
                  "--start is missing: a number for each of {}, such as --start {}=1; or --start random:20 --box -5:5",
                  join(problem.names()), join(problem.names(), "=1,"));
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

void show_notes(const FormulaRun& run) {
  if (!run.warning.empty()) std::cerr << "warning: " << run.warning << '\n';
  for (const std::string& note : run.notes) std::cerr << "note: " << note << '\n';
}

void say(const char* deed, const std::string& file) { std::cerr << deed << ": " << printable(file, 300) << '\n'; }

}  // namespace

int minimize_command(const MinimizeArguments& arguments) {
  if (arguments.json && arguments.csv == "-")
    throw Error(Fault::usage, "--json and --csv - both write to stdout; name a file for one of them: --csv steps.csv");
  const FormulaMethod method = method_of(arguments);
  FormulaProblem problem(arguments.formula, arguments.data, arguments.maximize);
  const RunPictures pictures{arguments.plot, arguments.animate, arguments.plot_as, arguments.plot_box,
                             arguments.plot_rates};
  check_run_pictures(problem, pictures);
  std::optional<Basins> basins;
  const FormulaRun run = run_asked(problem, method, arguments, basins);
  std::signal(SIGPIPE, SIG_DFL);  // from here on `| head` ends the program, and a second Ctrl-C does
  std::signal(SIGINT, SIG_DFL);

  if (arguments.json) {
    nlohmann::ordered_json json = to_json(run, problem, method.text());
    if (basins) json["basins"] = to_json(*basins, problem);
    std::cout << json.dump() << '\n';
  } else if (arguments.csv == "-") {
    std::cout << steps_csv(run, problem);
    std::cerr << outcome_text(run);
    show_notes(run);
  } else {
    std::cout << problem_text(problem, method.text()) << '\n';
    if (basins) std::cout << basins_text(*basins, problem);
    std::cout << step_table_text(run, problem) << '\n' << outcome_text(run);
    show_notes(run);
  }
  std::cout.flush();  // a file may be /dev/stdout
  if (!arguments.csv.empty() && arguments.csv != "-") {
    write_file_atomically(arguments.csv, steps_csv(run, problem));
    say("written", arguments.csv);
  }
  if (!arguments.plot.empty()) {
    draw_run(problem, method, run, pictures);
    say("drawn", arguments.plot);
  }
  if (!arguments.animate.empty()) {
    animate_run(problem, method, run, pictures);
    say("drawn", arguments.animate);
  }
  if (!arguments.report.empty()) {
    write_formula_report(problem, method, run, arguments.report);
    say("written", arguments.report);
  }
  return exit_code(run.status);
}

}  // namespace descent
