#include "app/commands.hpp"
#include "app/pictures/picture_file.hpp"
#include "app/runs/figures.hpp"
#include "app/runs/model_pictures.hpp"
#include "app/runs/run_pictures.hpp"
#include "app/runs/run_state.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"

#include <unistd.h>

#include <iostream>

namespace descent {
namespace {

constexpr std::size_t kChartRows = 12;

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> names;
  std::size_t from = 0;
  while (from <= list.size()) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    if (comma > from) names.push_back(list.substr(from, comma - from));
    from = comma + 1;
  }
  return names;
}

// The picture of what one model does. Returns whether one was asked for.
bool draw_model(const PlotArguments& arguments) {
  if (arguments.view.empty()) return false;
  const std::string option = "--" + arguments.view;
  if (arguments.runs.size() != 1)
    throw Error(Fault::usage, "{} shows one run at a time, and there are {}", option, arguments.runs.size());
  if (arguments.terminal || arguments.output.empty())
    throw Error(Fault::usage, "{} draws a picture into a file; say which: -o {}.svg", option, arguments.view);
  if (!arguments.y.empty()) throw Error(Fault::usage, "--y chooses curves, which {} does not draw", option);
  draw_model_view(arguments.view, arguments.runs.front(), arguments.rows, {arguments.output, arguments.width});
  return true;
}

}  // namespace

int plot_command(const PlotArguments& arguments) {
  if (!arguments.output.empty()) pictures::check_picture_file({arguments.output, arguments.width});
  if (!draw_model(arguments)) {
    if (arguments.rows != "auto")
      throw Error(Fault::usage, "--rows goes with --confusion, --decision, --predicted or --fitted");
    std::vector<RecordedRun> runs;
    for (const std::string& folder : arguments.runs) {
      runs.push_back(read_run(folder));
      const RecordedRun& run = runs.back();
      if (const std::string state = state_text(state_of(run, run.folder), run, run.folder);
          !state.empty() && !arguments.quiet)
        std::cerr << "note: " << printable(run.folder, 400) << ' ' << state << '\n';
    }
    const std::vector<Figure> shown = figures(runs, split(arguments.y), arguments.scale);
    if (!arguments.output.empty()) draw_curves(runs, shown, arguments.log_x, {arguments.output, arguments.width});
    if (arguments.output.empty() || arguments.terminal)
      std::cout << chart_curves(runs, shown, static_cast<std::size_t>(terminal_width(STDOUT_FILENO)), kChartRows,
                                use_color(arguments.color, STDOUT_FILENO));
  }
  if (!arguments.output.empty() && !arguments.quiet) std::cerr << "wrote " << printable(arguments.output, 400) << '\n';
  return kOk;
}

}  // namespace descent
