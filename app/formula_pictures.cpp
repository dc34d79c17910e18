#include "app/formula_pictures.hpp"

#include "app/pictures/curves.hpp"
#include "app/pictures/landscape.hpp"
#include "app/pictures/rolling.hpp"
#include "app/pictures/slope.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "trainers/critical_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {
namespace {

constexpr std::size_t kSamples = 801;  // of a curve
constexpr std::size_t kGrid = 180;     // of a landscape, each way
constexpr double kMargin = 0.25;       // around the path, of its width
constexpr double kFar = 4;             // a run that diverged is shown up to so many times its first step,
constexpr double kFarDown = 10;        // one that falls without end up to so many

bool is_marked(PointKind kind) {
  return kind == PointKind::minimum || kind == PointKind::maximum || kind == PointKind::saddle ||
         kind == PointKind::undecided;
}

// What part of each axis the path takes; of a run that diverged its beginning.
std::vector<pictures::Range> box_of(const FormulaRun& run) {
  const std::vector<StepRecord>& rows = run.rows;
  const std::size_t n = run.start.size();
  std::vector<pictures::Range> box(n);
  for (std::size_t i = 0; i < n; ++i) box[i] = {run.start[i], run.start[i]};
  const double far = run.report.reason == Reason::unbounded ? kFarDown : kFar;
  double first = 0;
  for (std::size_t k = 1; k < rows.size(); ++k) {
    double width = 0;
    std::vector<pictures::Range> wider = box;
    for (std::size_t i = 0; i < n; ++i) {
      wider[i] = {std::min(box[i].low, rows[k].w[i]), std::max(box[i].high, rows[k].w[i])};
      width = std::max(width, wider[i].span());
    }
    if (!std::isfinite(width)) break;
    if (run.status == Status::diverged && k > 1 && width > far * first) break;
    if (k == 1) first = width;
    box = wider;
  }
  double widest = 0;
  for (const pictures::Range& side : box) widest = std::max(widest, side.span());
  if (widest == 0) widest = 2 * std::max(1.0, std::abs(run.start.front()));
  for (pictures::Range& side : box) {
    // A path along an axis has no width across it; one that goes off has not yet got any.
    const double narrow = run.status == Status::diverged ? 0.2 : 1e-3;
    const double width = std::max(side.span(), side.span() < narrow * widest ? 0.6 * widest : 0.0);
    const double middle = (side.low + side.high) / 2, half = width * (0.5 + kMargin);
    side = {middle - half, middle + half};
  }
  return box;
}

// Those in the box, and the end of the run where the search is not for so many terms.
std::vector<CriticalPoint> critical_points(FormulaProblem& problem, const FormulaRun& run,
                                           const std::vector<pictures::Range>& box) {
  constexpr std::size_t kMostTerms = 1000;
  std::vector<CriticalPoint> points;
  if (problem.f().terms() <= kMostTerms) {
    Box sides;
    for (const pictures::Range& side : box) {
      sides.low.push_back(side.low);
      sides.high.push_back(side.high);
    }
    for (FoundPoint& found : find_critical_points(problem.f(), sides).points) points.push_back(std::move(found.point));
  }
  if (points.empty() && is_marked(run.end.kind)) points.push_back(run.end);
  return points;
}

std::string end_of(const FormulaRun& run) {
  const std::size_t steps = run.report.steps;
  const std::string after = fmt::format("after {} step{}", steps, steps == 1 ? "" : "s");
  if (run.report.reason == Reason::unbounded) return "goes on without end";
  if (run.status == Status::diverged) return "diverges";
  if (!is_marked(run.end.kind) && run.end.kind != PointKind::kink) return "is under way " + after;
  const std::string what = run.end.kind == PointKind::undecided ? "flat critical point" : run.verdict();
  return steps == 0 ? fmt::format("starts at a {}", what) : fmt::format("ends at a {} {}", what, after);
}

// A sentence: "Gradient descent on x^2 with γ = 0.1 ends at a local minimum after 83 steps".
std::string title_of(const FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run) {
  const std::string_view way = problem.maximize() ? "ascent" : "descent";
  const std::string who = method.direction == "steepest" ? fmt::format("Gradient {}", way)
                                                         : fmt::format("The {} by {}", way, method.direction);
  const std::string how = method.learning_rate ? fmt::format("γ = {}", shortest(*method.learning_rate))
                                               : fmt::format("the {} line search", method.line_search);
  return fmt::format("{} on {} with {} {}", who, printable(problem.formula().text(), 50), how, end_of(run));
}

pictures::Landscape landscape_of(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run) {
  pictures::Landscape picture;
  const std::vector<pictures::Range> box = box_of(run);
  picture.title = title_of(problem, method, run);
  // x goes to the right also where y is the first in the formula.
  const std::size_t across = problem.names()[0] < problem.names()[1] ? 0 : 1, up = 1 - across;
  picture.x_name = problem.names()[across];
  picture.y_name = problem.names()[up];
  picture.grid = {box[across], box[up], kGrid, kGrid, {}};
  std::vector<double> w(2);
  for (std::size_t i = 0; i < kGrid; ++i)
    for (std::size_t j = 0; j < kGrid; ++j) {
      w[across] = picture.grid.at_x(j);
      w[up] = picture.grid.at_y(i);
      picture.grid.f.push_back(problem.f().value(w));
    }
  for (const StepRecord& row : run.rows) picture.path.push_back({row.w[across], row.w[up]});
  for (const CriticalPoint& point : critical_points(problem, run, box))
    picture.critical.push_back({{point.w[across], point.w[up]}, drawn_as(point.kind)});
  return picture;
}

pictures::SlopePicture slope_of(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run) {
  pictures::SlopePicture picture;
  const std::vector<pictures::Range> box = box_of(run);
  picture.title = title_of(problem, method, run);
  picture.variable = problem.names().front();
  std::vector<double> g(1);
  const auto f_at = [&](double x) { return problem.f().value_and_gradient(std::vector<double>{x}, g); };
  for (std::size_t k = 0; k < kSamples; ++k) {
    const double x = box[0].low + box[0].span() * static_cast<double>(k) / static_cast<double>(kSamples - 1);
    picture.x.push_back(x);
    picture.f.push_back(f_at(x));
    picture.slope.push_back(g[0]);
  }
  for (const StepRecord& row : run.rows) {
    f_at(row.w[0]);
    picture.path.push_back({row.w[0], row.f, g[0]});
  }
  for (const CriticalPoint& point : critical_points(problem, run, box))
    picture.zeros.push_back({point.w[0], drawn_as(point.kind)});
  return picture;
}

pictures::Progress progress_of(const FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run) {
  pictures::Progress picture;
  picture.title = title_of(problem, method, run);
  for (const StepRecord& row : run.rows) {
    picture.f.push_back(row.f);
    picture.gradient_norm.push_back(row.gradient_norm);
    if (row.step > 0) picture.gamma_lambda.push_back(row.gamma_lambda);
  }
  // γ·λmax of the step taken from each point: none from the last.
  picture.gamma_lambda.push_back(std::numeric_limits<double>::quiet_NaN());
  if (std::ranges::all_of(picture.gamma_lambda, [](double x) { return std::isnan(x); })) picture.gamma_lambda.clear();
  // Where the minimum's value is 0 but for rounding, f itself is on the log axis.
  if (run.end.kind == PointKind::minimum && std::abs(run.end.value) > 1e-9 * std::abs(run.rows.front().f))
    picture.lowest = run.end.value;
  return picture;
}

}  // namespace

pictures::PointKind drawn_as(PointKind kind) {
  switch (kind) {
    case PointKind::minimum:
      return pictures::PointKind::minimum;
    case PointKind::maximum:
      return pictures::PointKind::maximum;
    case PointKind::saddle:
      return pictures::PointKind::saddle;
    default:
      return pictures::PointKind::undecided;
  }
}

void check_run_pictures(const FormulaProblem& problem, const std::string& plot, const std::string& animation) {
  if (!plot.empty()) pictures::check_picture_file({plot});
  if (animation.empty()) return;
  pictures::check_picture_file({animation}, true);
  if (problem.names().size() > 2)
    throw Error(Fault::usage,
                "--animate shows one or two variables, and this formula has {} ({}); --plot draws f and "
                "‖∇f‖ step by step",
                problem.names().size(), join(problem.names()));
}

void draw_run(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run, const std::string& path) {
  switch (problem.names().size()) {
    case 1:
      return draw_slope(slope_of(problem, method, run), {path});
    case 2:
      return draw_landscape(landscape_of(problem, method, run), {path});
    default:
      return draw_progress(progress_of(problem, method, run), {path});
  }
}

void animate_run(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run, const std::string& path) {
  pictures::Rolling rolling;
  for (const StepRecord& row : run.rows) {
    rolling.f.push_back(row.f);
    rolling.gamma.push_back(row.gamma);
  }
  if (problem.names().size() == 1)
    animate(slope_of(problem, method, run), rolling, {path});
  else
    animate(landscape_of(problem, method, run), rolling, {path});
}

}  // namespace descent
