#include "app/report/formula_report.hpp"

#include "app/formula/pictures.hpp"
#include "app/pictures/contours.hpp"
#include "app/pictures/landscape.hpp"
#include "app/pictures/slope.hpp"
#include "app/report/page.hpp"
#include "app/report/parts.hpp"
#include "framework/error.hpp"
#include "framework/formula/printer.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

using Json = nlohmann::ordered_json;
using pictures::Point;
using pictures::Range;

constexpr double kWidth = 800, kHeight = 520;  // of a drawing, in its own units
constexpr int kLevels = 14;
constexpr std::size_t kMostSteps = 1000;

// Numbers to places in the drawing, y downwards.
struct Canvas {
  Range x, y;
  double height;
  std::string place(Point p) const {
    return fmt::format("{:.1f} {:.1f}", (p.x - x.low) / x.span() * kWidth, height - (p.y - y.low) / y.span() * height);
  }
  // An SVG path; a point that is no number breaks it.
  std::string path(std::span<const Point> points, bool closed) const {
    std::string d;
    char pen = 'M';
    for (const Point& p : points) {
      if (!std::isfinite(p.x + p.y)) {
        pen = 'M';
        continue;
      }
      d += pen + place(p);
      pen = 'L';
    }
    return closed && !d.empty() ? d + 'Z' : d;
  }
};

Json axis(const std::string& name, Range range) {
  Json ticks = Json::array();
  for (const pictures::Tick& tick : pictures::ticks({name, range}, 7)) ticks.push_back({tick.value, tick.text});
  return {{"name", name}, {"low", range.low}, {"high", range.high}, {"ticks", ticks}};
}

std::string_view kind_name(pictures::PointKind kind) {
  switch (kind) {
    case pictures::PointKind::minimum:
      return "minimum";
    case pictures::PointKind::maximum:
      return "maximum";
    case pictures::PointKind::saddle:
      return "saddle";
    case pictures::PointKind::kink:
      return "kink";
    case pictures::PointKind::undecided:
      break;
  }
  return "undecided";
}

// [x, y, f, ‖∇f‖, γ] of a step.
Json step_of(const StepRecord& row, Point at) {
  return {report_number(at.x), report_number(at.y), report_number(row.f), report_number(row.gradient_norm),
          report_number(row.gamma)};
}

// The contours of a landscape, each region in the colour of its height, the larger ones first.
void add_contours(Json& scene, const pictures::Landscape& landscape, const Canvas& canvas) {
  const std::vector<double> levels = pictures::contour_levels(landscape.grid, kLevels);
  std::string lines;
  scene["bands"] = Json::array();
  for (const pictures::Outline& outline : pictures::outlines(landscape.grid, levels)) {
    const int band = outline.hole ? outline.level : outline.level + 1;
    const bool defined = band >= 0 && !(outline.hole && outline.level < 0);
    const double height = levels.empty() ? 0.5 : band / static_cast<double>(levels.size());
    scene["bands"].push_back({{"fill", defined ? pictures::height_colour(height) : std::string(pictures::kUndefined)},
                              {"d", canvas.path(outline.points, true)}});
    for (const std::vector<Point>& line : pictures::contour_lines(outline)) lines += canvas.path(line, false);
  }
  scene["lines"] = lines;
}

Json landscape_scene(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run) {
  const pictures::Landscape landscape = landscape_of(problem, method, run);
  const Range x = landscape.grid.x, y = landscape.grid.y;
  const Canvas canvas{x, y, std::clamp(kWidth * y.span() / x.span(), 0.4 * kWidth, kWidth)};
  Json scene = {{"label", landscape.title},
                {"f_name", "f"},
                {"x", axis(landscape.x_name, x)},
                {"y", axis(landscape.y_name, y)},
                {"width", kWidth},
                {"height", canvas.height},
                {"curve", nullptr}};
  add_contours(scene, landscape, canvas);
  scene["path"] = Json::array();
  for (std::size_t k = 0; k < std::min(run.rows.size(), kMostSteps); ++k)
    scene["path"].push_back(step_of(run.rows[k], landscape.path[k]));
  scene["critical"] = Json::array();
  for (const pictures::CriticalPoint& point : landscape.critical)
    if (x.contains(point.at.x) && y.contains(point.at.y))
      scene["critical"].push_back({{"x", point.at.x}, {"y", point.at.y}, {"kind", kind_name(point.kind)}});
  return scene;
}

Json slope_scene(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run) {
  const pictures::SlopePicture slope = slope_of(problem, method, run);
  const Range x{slope.x.front(), slope.x.back()}, y = pictures::padded(pictures::usual_range(slope.f), 0.08);
  const Canvas canvas{x, y, kHeight};
  std::vector<Point> curve;
  for (std::size_t i = 0; i < slope.x.size(); ++i) curve.push_back({slope.x[i], slope.f[i]});
  Json scene = {{"label", slope.title},   {"f_name", "f"},   {"x", axis(slope.variable, x)},
                {"y", axis("f", y)},      {"width", kWidth}, {"height", kHeight},
                {"bands", Json::array()}, {"lines", ""},     {"curve", canvas.path(curve, false)}};
  scene["path"] = Json::array();
  for (std::size_t k = 0; k < std::min(run.rows.size(), kMostSteps); ++k)
    scene["path"].push_back(step_of(run.rows[k], {run.rows[k].w[0], run.rows[k].f}));
  scene["critical"] = Json::array();
  std::vector<double> w(1);
  for (const auto& zero : slope.zeros) {
    w[0] = zero.x;
    scene["critical"].push_back({{"x", zero.x}, {"y", problem.f().value(w)}, {"kind", kind_name(zero.kind)}});
  }
  return scene;
}

// Whether all steps (the start has none) took the same γ.
bool is_constant(const std::vector<double>& gamma) {
  return std::ranges::all_of(gamma, [&](double v) { return std::isnan(v) || v == gamma.back(); });
}

// f, ‖∇f‖ and γ against the step, as the figures of a run.
Json step_charts(const FormulaRun& run) {
  std::vector<double> step, f, norm, gamma;
  for (const StepRecord& row : run.rows) {
    step.push_back(static_cast<double>(row.step));
    f.push_back(row.f);
    norm.push_back(row.gradient_norm);
    gamma.push_back(row.step == 0 ? std::nan("") : row.gamma);
  }
  const auto positive = [](const std::vector<double>& y) {
    return std::ranges::all_of(y, [](double v) { return !(v <= 0); });
  };
  Json charts = Json::array();
  for (const auto& [name, label, values] : {std::tuple{"f", std::string("f, the value"), &f},
                                            {"norm", run.gradient_name() + std::string(", the gradient norm"), &norm},
                                            {"gamma", std::string("γ, the step size"), &gamma}}) {
    if (values == &gamma && is_constant(gamma)) continue;  // the summary says it
    Json chart = report_chart({name, label, positive(*values), {{0, false, step, *values}}}, {}, {""});
    chart["x_label"] = "step";
    chart["series"][0]["name"] = label.substr(0, label.find(','));
    charts.push_back(chart);
  }
  return charts;
}

Json step_table(const FormulaProblem& problem, const FormulaRun& run) {
  constexpr std::size_t kFirst = 20, kLast = 10;
  Json columns = Json::array({"step"}), rows = Json::array();
  for (const std::string& name : problem.names()) columns.push_back(name);
  columns.insert(columns.end(), {"f", run.gradient_name(), "γ"});
  // A run read back from its record has no judgement of its steps.
  const bool judged = std::ranges::any_of(
      run.rows, [](const StepRecord& row) { return row.step > 0 && !std::isnan(row.gamma_curvature); });
  if (judged) columns.insert(columns.end(), {"γ·λmax", "verdict"});
  const std::size_t count = run.rows.size();
  for (std::size_t k = 0; k < count; ++k) {
    if (k == kFirst && count > kFirst + kLast) k = count - kLast;
    const StepRecord& row = run.rows[k];
    Json cells = Json::array({fmt::format("{}", row.step)});
    for (const double x : row.w) cells.push_back(report_number(x));
    for (const double x : {row.f, row.gradient_norm}) cells.push_back(report_number(x));
    cells.push_back(row.step == 0 ? Json(nullptr) : report_number(row.gamma));
    if (judged) cells.push_back(row.step == 0 ? Json(nullptr) : report_number(row.gamma_lambda));
    if (judged) cells.push_back(row.text());
    rows.push_back(cells);
  }
  const bool all = count <= kFirst + kLast;
  return {{"caption", all ? fmt::format("All {} steps", count - 1)
                          : fmt::format("The first {} and the last {} rows of {}", kFirst, kLast, count)},
          {"columns", columns},
          {"rows", rows}};
}

// f, its gradient and its Hessian; those that are too long for anybody are left out.
Json formulas_of(const FormulaProblem& problem) {
  constexpr std::size_t kMostHessian = 6;  // variables
  const std::vector<std::string>& names = problem.names();
  Json formulas = Json::array();
  formulas.push_back({"f", problem.formula().text()});
  try {
    const auto gradient = problem.formula().gradient(names);
    for (std::size_t i = 0; i < names.size(); ++i)
      formulas.push_back({"∂f/∂" + names[i], formula::to_text(gradient[i])});
    if (names.size() > kMostHessian) return formulas;
    const auto hessian = problem.formula().hessian(names);
    for (std::size_t i = 0; i < names.size(); ++i)
      for (std::size_t j = i; j < names.size(); ++j)
        formulas.push_back({i == j ? fmt::format("∂²f/∂{}²", names[i]) : fmt::format("∂²f/∂{}∂{}", names[i], names[j]),
                            formula::to_text(hessian[i][j])});
  } catch (const Error&) {
  }
  return formulas;
}

}  // namespace

Json report_of_formula(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run) {
  Json facts = Json::array();
  facts.push_back({"method", method.text()});
  for (std::size_t i = 0; i < problem.names().size(); ++i)
    facts.push_back({problem.names()[i], report_number(run.end.w[i])});
  facts.push_back({"f there", report_number(run.end.value)});
  facts.push_back({"‖∇f‖ there", report_number(run.end.gradient_norm)});
  facts.push_back({"steps", run.report.steps});
  if (!std::isnan(run.lambda_max))
    facts.push_back(
        {run.is_scaled() ? "λmax in scaled variables" : "λmax of the Hessian", report_number(run.lambda_max)});
  if (std::isfinite(run.limit)) facts.push_back({"stable for γ below 2/λmax", report_number(run.limit)});
  Json data = {
      {"title", (problem.maximize() ? "Maximum of " : "Minimum of ") + printable(problem.formula().text(), 200)},
      {"subtitle", "Gradient descent, step by step"},
      {"summary",
       {{{"name", ""},
         {"colour", 0},
         {"verdict", capital(run.verdict())},
         {"sentences", {capital(run.why) + ".", capital(run.what) + "."}},
         {"figures", nullptr},
         {"facts", facts}}}},
      {"formulas", formulas_of(problem)},
      {"notes", run.notes}};
  if (problem.names().size() == 2) data["scene"] = landscape_scene(problem, method, run);
  if (problem.names().size() == 1) data["scene"] = slope_scene(problem, method, run);
  data["charts"] = step_charts(run);
  data["steps"] = step_table(problem, run);
  data["foot"] = report_foot(false);
  return data;
}

void write_formula_report(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run,
                          const std::string& path) {
  const Json data = report_of_formula(problem, method, run);
  write_file_atomically(path, html_page(data["title"].get<std::string>() + " – Descent", data));
}

}  // namespace descent
