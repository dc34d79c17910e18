#include "app/pictures/rates.hpp"

#include "app/pictures/curves.hpp"
#include "app/pictures/landscape_parts.hpp"
#include "app/pictures/markup.hpp"
#include "framework/error.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

namespace descent::pictures {
namespace {

constexpr std::string_view kColours[] = {kSeries[3], kSeries[2], kSeries[1], kSeries[4], kSeries[6], kSeries[0]};
constexpr std::size_t kMostRuns = std::size(kColours), kInRow = 3;
constexpr int kLevels = 8;
constexpr double kFar = 1e4;  // times f at the start: the rest of a run that diverges is not shown
constexpr double kBetween = 24, kAbove = 50, kBelow = 62, kCurves = 230;

// Where the panels stand; every one is as large as the first.
struct Layout {
  double left, right;
  std::size_t columns, rows;
  Box first;
  Layout(const RateComparison& comparison, double width, double top) {
    left = 24 + tick_room({comparison.y_name, comparison.grid.y});
    right = width - 24;
    columns = std::min(kInRow, comparison.runs.size());
    rows = (comparison.runs.size() + columns - 1) / columns;
    const double each =
        (right - left - static_cast<double>(columns - 1) * (kBetween + left - 24)) / static_cast<double>(columns);
    first = shaped({left, top, left + each, top + each * 1.25}, comparison.grid.x, comparison.grid.y);
    if (first.height() > each * 1.249)
      first = shaped({left, top, left + each, top + each * 0.8}, comparison.grid.x, comparison.grid.y);
  }
  Box panel(std::size_t k) const {
    const double dx = static_cast<double>(k % columns) * (first.width() + kBetween + left - 24);
    const double dy = static_cast<double>(k / columns) * (first.height() + kAbove + kBelow);
    return {first.left + dx, first.top + dy, first.right + dx, first.bottom + dy};
  }
  double bottom() const { return panel(columns * rows - 1).bottom; }
};

void draw_run(Script& script, const RateComparison& comparison, std::size_t k, const Box& box,
              const std::vector<Outline>& regions, const std::vector<double>& levels) {
  const RateRun& run = comparison.runs[k];
  const Panel panel{box, {comparison.x_name, comparison.grid.x}, {comparison.y_name, comparison.grid.y}};
  script.open(panel);
  const std::vector<std::string> name = wrapped(run.name, 15, box.width(), 1);
  if (!name.empty()) script.text({box.left, box.top - 34}, name[0], {.size = 14, .colour = kColours[k], .bold = true});
  fill_bands(script, comparison.grid, regions, levels.size());
  draw_contour_lines(script, panel, regions, levels, nullptr);
  draw_path(script, panel, visible_path(run.path, panel), kColours[k]);
  script.close();
}

void draw_heights(Script& script, const RateComparison& comparison, double left, double top) {
  std::vector<double> all;
  std::size_t steps = 2;
  double start = 0;
  for (const RateRun& run : comparison.runs) {
    if (!run.f.empty()) start = std::max(start, std::abs(run.f.front()));
    steps = std::max(steps, run.f.size());
  }
  // A run that diverges would press the others onto the bottom.
  for (const RateRun& run : comparison.runs)
    std::ranges::copy_if(run.f, std::back_inserter(all), [&](double f) { return !(std::abs(f) > kFar * start); });
  const auto range = range_of(all);
  const bool log = range && range->low > 0 && range->high > 20 * range->low;
  const Axis y = axis_over(log ? "f  (log), in the colours above" : "f, in the colours above", all, log);
  Panel panel;  // by assignment: aggregate initialisation makes GCC 12 warn of the labels
  panel.box = {std::max(left, 24 + tick_room(y)), top, script.width() - 24.0, script.height() - 58.0};
  panel.x.label = "step";
  panel.x.range = {0, static_cast<double>(steps - 1)};
  panel.y = y;
  script.open(panel);
  for (std::size_t k = 0; k < comparison.runs.size(); ++k) {
    std::vector<double> numbers(comparison.runs[k].f.size());
    std::iota(numbers.begin(), numbers.end(), 0.0);
    script.lines(drawable(panel, numbers, comparison.runs[k].f), {.colour = kColours[k], .width = kCurveWidth});
  }
  script.close();
}

void compose(const RateComparison& comparison, Script& script) {
  const double first_top =
      script.title({Layout(comparison, script.width(), 0).left, 14}, comparison.title) + kAbove + 8;
  const Layout layout(comparison, script.width(), first_top);
  const std::vector<double> levels = contour_levels(comparison.grid, kLevels);
  const std::vector<Outline> regions = outlines(comparison.grid, levels);
  for (std::size_t k = 0; k < comparison.runs.size(); ++k)
    draw_run(script, comparison, k, layout.panel(k), regions, levels);
  draw_heights(script, comparison, layout.left, layout.bottom() + kBelow + 26);
}

}  // namespace

void draw_rates(const RateComparison& comparison, const PictureFile& file) {
  check_grid(comparison.grid);
  if (comparison.runs.empty() || comparison.runs.size() > kMostRuns)
    throw Error(Fault::usage, "a picture of {} runs side by side; expected 1 to {}", comparison.runs.size(), kMostRuns);
  const double height = Layout(comparison, file.width, 120).bottom() + kBelow + 26 + kCurves;
  save_picture(file, static_cast<int>(height), [&](Script& script) { compose(comparison, script); });
}

}  // namespace descent::pictures
