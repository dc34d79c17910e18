#include "app/formula/pictures.hpp"

#include "app/formula/assignments.hpp"
#include "app/pictures/curves.hpp"
#include "app/pictures/landscape.hpp"
#include "app/pictures/rates.hpp"
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
constexpr std::string_view kKinds[] = {"path", "surface", "steps"};
constexpr std::size_t kMostRates = 6;
constexpr double kFarDown = 10;  // one that falls without end up to so many

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

// What a picture shows: the ranges of the variables, and the critical points in them.
struct Shown {
  std::vector<pictures::Range> box;
  std::vector<pictures::CriticalPoint> critical;  // x only, for one variable

  bool holds(const std::vector<double>& w) const {
    for (std::size_t i = 0; i < w.size(); ++i)
      if (!box[i].contains(w[i])) return false;
    return true;
  }
};

using Marked = std::pair<std::vector<double>, PointKind>;

// The critical points in the box, none where the search is not for so many terms.
std::vector<Marked> critical_points(FormulaProblem& problem, const std::vector<pictures::Range>& box) {
  constexpr std::size_t kMostTerms = 1000;
  if (problem.f().terms() > kMostTerms) return {};
  Box sides;
  for (const pictures::Range& side : box) {
    sides.low.push_back(side.low);
    sides.high.push_back(side.high);
  }
  const CriticalPoints found = find_critical_points(problem.f(), sides);
  std::vector<Marked> points;
  for (const FoundPoint& each : found.points) points.emplace_back(each.point.w, each.point.kind);
  for (const Kink& each : found.kinks) points.emplace_back(each.w, PointKind::kink);
  return points;
}

std::vector<pictures::Range> grown(std::vector<pictures::Range> box, double part) {
  for (pictures::Range& side : box) side = {side.low - part * side.span(), side.high + part * side.span()};
  return box;
}

// Widens the box to critical points nearby, the nearest first: where a run went is told by what it missed.
void reach_for(std::vector<pictures::Range>& box, std::vector<Marked> points) {
  const std::vector<pictures::Range> path = box;
  const double most = box.size() == 1 ? 3.5 : 1.8;  // times as wide as without them
  const auto beyond = [&](const Marked& point) {
    double part = 0;
    for (std::size_t i = 0; i < path.size(); ++i)
      part = std::max(
          {part, (path[i].low - point.first[i]) / path[i].span(), (point.first[i] - path[i].high) / path[i].span()});
    return part;
  };
  std::ranges::stable_sort(points, {}, beyond);
  for (const auto& [w, kind] : points) {
    std::vector<pictures::Range> wider = box;
    bool near = true;
    for (std::size_t i = 0; i < box.size(); ++i) {
      const double margin = 0.15 * path[i].span();
      wider[i] = {std::min(box[i].low, w[i] - margin), std::max(box[i].high, w[i] + margin)};
      near = near && wider[i].span() <= most * path[i].span();
    }
    if (near) box = wider;
  }
}

// A strip is hard to read: where one unit can be as long on both axes, neither side is much shorter than the other.
void fill_out(std::vector<pictures::Range>& box) {
  constexpr double kSlimmest = 0.62, kLongest = 4;  // beyond it the axes have scales of their own
  if (box.size() != 2) return;
  auto& shorter = box[0].span() < box[1].span() ? box[0] : box[1];
  const double longest = std::max(box[0].span(), box[1].span()), wanted = kSlimmest * longest;
  if (shorter.span() >= wanted || shorter.span() * kLongest < longest) return;
  const double extra = (wanted - shorter.span()) / 2;
  shorter = {shorter.low - extra, shorter.high + extra};
}

// What the picture of a run shows: the box that was asked for, or one around the path.
Shown shown_of(FormulaProblem& problem, const FormulaRun& run, const std::string& asked) {
  Shown shown;
  std::vector<Marked> points;
  if (asked.empty()) {
    shown.box = box_of(run);
    points = critical_points(problem, grown(shown.box, problem.names().size() == 1 ? 2.5 : 0.8));
    reach_for(shown.box, points);
    fill_out(shown.box);
  } else {
    const Box sides = parse_box("--plot-box", asked, problem.names());
    for (std::size_t i = 0; i < sides.low.size(); ++i) shown.box.push_back({sides.low[i], sides.high[i]});
    points = critical_points(problem, shown.box);
  }
  if (points.empty() && (is_marked(run.end.kind) || run.end.kind == PointKind::kink))
    points.emplace_back(run.end.w, run.end.kind);
  for (const auto& [w, kind] : points)
    if (shown.holds(w)) shown.critical.push_back({{w[0], w.size() > 1 ? w[1] : 0}, drawn_as(kind)});
  return shown;
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
  const char* const scaled = run.is_scaled() ? " in scaled variables" : "";
  return fmt::format("{} on {} with {}{} {}", who, printable(problem.formula().text(), 50), how, scaled, end_of(run));
}

pictures::Progress progress_of(const FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run) {
  pictures::Progress picture;
  picture.title = title_of(problem, method, run);
  picture.gradient_name = run.gradient_name();
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

FormulaMethod with_rate(FormulaMethod method, double rate) {
  method.line_search.clear();
  method.learning_rate = rate;
  return completed(std::move(method));
}

// "γ = 0.3: 56 steps"; of a run that is under way what f is.
std::string name_of(const FormulaRun& run, double rate) {
  std::string end = fmt::format("f = {:.3g}", run.last.f);
  if (run.status == Status::converged) end = fmt::format("{} steps", run.report.steps);
  if (run.status == Status::diverged) end = run.report.reason == Reason::unbounded ? "falls on" : "diverges";
  return fmt::format("γ = {}: {}", shortest(rate), end);
}

void draw_comparison(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run,
                     const RunPictures& wanted) {
  const bool plane = problem.names().size() == 2;
  pictures::RateComparison comparison;
  pictures::Curves curves;
  const std::string formula = printable(problem.formula().text(), 50);
  comparison.title = fmt::format("{} from the same start with several learning rates γ", formula);
  if (plane) {
    const pictures::Landscape landscape = landscape_of(problem, method, run, wanted.box);
    comparison.x_name = landscape.x_name;
    comparison.y_name = landscape.y_name;
    comparison.grid = landscape.grid;
  }
  curves.title = comparison.title;
  curves.x_label = "step";
  curves.log_y = true;
  for (const double rate : wanted.rates) {
    const FormulaRun each = run_formula(problem, with_rate(method, rate), run.start);
    pictures::RateRun shown{name_of(each, rate), {}, {}};
    pictures::Series series{shown.name, {}, {}};
    const std::size_t across = !plane || problem.names()[0] < problem.names()[1] ? 0 : 1;
    for (const StepRecord& row : each.rows) {
      if (plane) shown.path.push_back({row.w[across], row.w[1 - across]});
      shown.f.push_back(row.f);
      series.x.push_back(static_cast<double>(row.step));
      series.y.push_back(row.f);
      curves.log_y = curves.log_y && !(row.f <= 0);
    }
    comparison.runs.push_back(std::move(shown));
    curves.series.push_back(std::move(series));
  }
  curves.y_label = curves.log_y ? "f  (log)" : "f";
  if (plane)
    draw_rates(comparison, {wanted.plot});
  else
    draw_curves(curves, {wanted.plot});
}

}  // namespace

pictures::Landscape landscape_of(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run,
                                 const std::string& asked) {
  pictures::Landscape picture;
  const Shown shown = shown_of(problem, run, asked);
  const std::vector<pictures::Range>& box = shown.box;
  picture.title = title_of(problem, method, run);
  picture.ascending = problem.maximize();
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
  for (pictures::CriticalPoint point : shown.critical) {
    if (across == 1) std::swap(point.at.x, point.at.y);
    picture.critical.push_back(point);
  }
  return picture;
}

pictures::SlopePicture slope_of(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run,
                                const std::string& asked) {
  pictures::SlopePicture picture;
  const Shown shown = shown_of(problem, run, asked);
  const std::vector<pictures::Range>& box = shown.box;
  picture.title = title_of(problem, method, run);
  picture.ascending = problem.maximize();
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
  for (const pictures::CriticalPoint& point : shown.critical) picture.zeros.push_back({point.at.x, point.kind});
  return picture;
}

std::string run_picture_kinds() { return join(std::vector<std::string>(std::begin(kKinds), std::end(kKinds))); }

pictures::PointKind drawn_as(PointKind kind) {
  switch (kind) {
    case PointKind::minimum:
      return pictures::PointKind::minimum;
    case PointKind::maximum:
      return pictures::PointKind::maximum;
    case PointKind::saddle:
      return pictures::PointKind::saddle;
    case PointKind::kink:
    case PointKind::jump:
      return pictures::PointKind::kink;
    default:
      return pictures::PointKind::undecided;
  }
}

void check_run_pictures(const FormulaProblem& problem, const RunPictures& wanted) {
  const std::size_t n = problem.names().size();
  if (wanted.plot.empty() && (!wanted.as.empty() || !wanted.rates.empty()))
    throw Error(Fault::usage, "--plot-as and --plot-rates say what --plot FILE draws; add --plot FILE");
  if (wanted.plot.empty() && wanted.animation.empty() && !wanted.box.empty())
    throw Error(Fault::usage, "--plot-box says what --plot FILE and --animate FILE show; add one of them");
  if (!wanted.plot.empty()) pictures::check_picture_file({wanted.plot});
  if (!wanted.as.empty() && std::ranges::find(kKinds, wanted.as) == std::end(kKinds))
    throw Error(Fault::usage, "--plot-as: unknown picture '{}'; known: {}", printable(wanted.as), run_picture_kinds());
  if (wanted.as == "surface" && n != 2)
    throw Error(Fault::usage, "--plot-as surface shows two variables, and this formula has {} ({})", n,
                join(problem.names()));
  if (!wanted.box.empty()) {
    if (n > 2)
      throw Error(Fault::usage, "--plot-box belongs to pictures of one or two variables, and this formula has {} ({})",
                  n, join(problem.names()));
    parse_box("--plot-box", wanted.box, problem.names());
  }
  if (!wanted.rates.empty()) {
    if (!wanted.as.empty()) throw Error(Fault::usage, "--plot-rates is a picture of its own; leave out --plot-as");
    if (wanted.rates.size() > kMostRates)
      throw Error(Fault::usage, "--plot-rates compares {} learning rates; expected at most {}", wanted.rates.size(),
                  kMostRates);
    for (const double rate : wanted.rates)
      if (!(rate > 0) || !std::isfinite(rate))
        throw Error(Fault::usage, "--plot-rates: {} is no learning rate; expected numbers above 0", rate);
  }
  if (wanted.animation.empty()) return;
  pictures::check_picture_file({wanted.animation}, true);
  if (n > 2)
    throw Error(Fault::usage,
                "--animate shows one or two variables, and this formula has {} ({}); --plot draws f and "
                "‖∇f‖ step by step",
                n, join(problem.names()));
}

void draw_run(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run, const RunPictures& wanted) {
  const std::size_t n = problem.names().size();
  const pictures::PictureFile file{wanted.plot};
  if (!wanted.rates.empty()) return draw_comparison(problem, method, run, wanted);
  if (n > 2 || wanted.as == "steps") return draw_progress(progress_of(problem, method, run), file);
  if (n == 1) return draw_slope(slope_of(problem, method, run, wanted.box), file);
  const pictures::Landscape landscape = landscape_of(problem, method, run, wanted.box);
  if (wanted.as == "surface") return draw_surface(landscape, file);
  draw_landscape(landscape, file);
}

void animate_run(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run,
                 const RunPictures& wanted) {
  pictures::Rolling rolling;
  for (const StepRecord& row : run.rows) {
    rolling.f.push_back(row.f);
    rolling.gamma.push_back(row.gamma);
  }
  if (problem.names().size() == 1)
    animate(slope_of(problem, method, run, wanted.box), rolling, {wanted.animation});
  else
    animate(landscape_of(problem, method, run, wanted.box), rolling, {wanted.animation});
}

}  // namespace descent
