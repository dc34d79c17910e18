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
constexpr double kMargin = 0.2;        // around the path, of its width
constexpr double kFar = 4;             // a run that diverged is shown up to so many times its first step

pictures::PointKind kind_of(PointKind kind) {
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

bool is_marked(PointKind kind) {
  return kind == PointKind::minimum || kind == PointKind::maximum || kind == PointKind::saddle ||
         kind == PointKind::undecided;
}

// The rows as f has them, the last one included.
std::vector<StepRecord> path_of(const FormulaRun& run) {
  std::vector<StepRecord> rows = run.rows;
  if (run.last.step >= rows.size()) rows.push_back(run.last);
  return rows;
}

// What part of each axis the path takes; of a run that diverged its beginning.
std::vector<pictures::Range> box_of(const FormulaRun& run) {
  const std::vector<StepRecord> rows = path_of(run);
  const std::size_t n = run.start.size();
  std::vector<pictures::Range> box(n);
  for (std::size_t i = 0; i < n; ++i) box[i] = {run.start[i], run.start[i]};
  double first = 0;
  for (std::size_t k = 1; k < rows.size(); ++k) {
    double width = 0;
    std::vector<pictures::Range> wider = box;
    for (std::size_t i = 0; i < n; ++i) {
      wider[i] = {std::min(box[i].low, rows[k].w[i]), std::max(box[i].high, rows[k].w[i])};
      width = std::max(width, wider[i].span());
    }
    if (!std::isfinite(width)) break;
    if (run.status == Status::diverged && k > 1 && width > kFar * first) break;
    if (k == 1) first = width;
    box = wider;
  }
  double widest = 0;
  for (const pictures::Range& side : box) widest = std::max(widest, side.span());
  if (widest == 0) widest = 2 * std::max(1.0, std::abs(run.start.front()));
  for (pictures::Range& side : box) {
    // A path along an axis has no width across it.
    const double width = std::max(side.span(), side.span() < 1e-3 * widest ? 0.6 * widest : 0.0);
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

std::string title_of(const FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run) {
  const std::string how = method.learning_rate ? fmt::format("γ = {}", shortest(*method.learning_rate))
                                               : method.line_search + " line search";
  const std::string what =
      run.status == Status::diverged ? "diverges"
      : is_marked(run.end.kind) || run.end.kind == PointKind::kink
          ? fmt::format("ends at a {} after {} step{}",
                        run.end.kind == PointKind::undecided ? "flat critical point" : run.verdict(), run.report.steps,
                        run.report.steps == 1 ? "" : "s")
          : fmt::format("is under way after {} steps", run.report.steps);
  return fmt::format("{} on {} with {} {}", method.direction, printable(problem.formula().text(), 50), how, what);
}

pictures::Landscape landscape_of(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run) {
  pictures::Landscape picture;
  const std::vector<pictures::Range> box = box_of(run);
  picture.title = title_of(problem, method, run);
  picture.x_name = problem.names()[0];
  picture.y_name = problem.names()[1];
  picture.grid = {box[0], box[1], kGrid, kGrid, {}};
  for (std::size_t i = 0; i < kGrid; ++i)
    for (std::size_t j = 0; j < kGrid; ++j)
      picture.grid.f.push_back(problem.f().value(std::vector<double>{picture.grid.at_x(j), picture.grid.at_y(i)}));
  for (const StepRecord& row : path_of(run)) picture.path.push_back({row.w[0], row.w[1]});
  for (const CriticalPoint& point : critical_points(problem, run, box))
    picture.critical.push_back({{point.w[0], point.w[1]}, kind_of(point.kind)});
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
  for (const StepRecord& row : path_of(run)) {
    f_at(row.w[0]);
    picture.path.push_back({row.w[0], row.f, g[0]});
  }
  for (const CriticalPoint& point : critical_points(problem, run, box))
    picture.zeros.push_back({point.w[0], kind_of(point.kind)});
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
  if (run.end.kind == PointKind::minimum) picture.lowest = run.end.value;
  return picture;
}

}  // namespace

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
  for (const StepRecord& row : path_of(run)) {
    rolling.f.push_back(row.f);
    rolling.gamma.push_back(row.gamma);
  }
  if (problem.names().size() == 1)
    animate(slope_of(problem, method, run), rolling, {path});
  else
    animate(landscape_of(problem, method, run), rolling, {path});
}

}  // namespace descent
