#include "app/commands.hpp"
#include "app/formula/assignments.hpp"
#include "app/formula/pictures.hpp"
#include "app/formula/run.hpp"
#include "app/pictures/landscape.hpp"
#include "app/pictures/slope.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "trainers/critical_search.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>

namespace descent {
namespace {

using Json = nlohmann::ordered_json;

std::string kind_text(const FoundPoint& found) {
  switch (found.point.kind) {
    case PointKind::minimum:
      return found.lowest ? "minimum, lowest in the box" : "local minimum";
    case PointKind::maximum:
      return found.highest ? "maximum, highest in the box" : "local maximum";
    case PointKind::saddle:
      return "saddle";
    case PointKind::undecided:
      return std::ranges::any_of(found.point.errors, [](double error) { return std::isinf(error); })
                 ? "undecided: curvature undefined"
                 : "undecided: flat direction";
    default:
      return std::string(to_string(found.point.kind));
  }
}

// Six digits; what rounding leaves of a zero is 0: less than 1e-10 of what such a number is like, or of 1.
std::string short_number(double v, double size = 1) {
  return fmt::format("{:.6g}", std::abs(v) < 1e-10 * std::min(size, 1.0) ? 0.0 : v);
}

std::string tuple(const std::vector<std::string>& parts) {
  return parts.size() == 1 ? parts[0] : "(" + join(parts) + ")";
}

std::string way(const std::vector<double>& v) {
  std::vector<std::string> parts;
  for (const double x : v) parts.push_back(short_number(x));
  return "(" + join(parts) + ")";
}

std::string place(const std::vector<std::string>& names, const std::vector<double>& w, const Box& box) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < w.size(); ++i) parts.push_back(short_number(w[i], box.width(i)));
  return tuple(names) + " = " + tuple(parts);
}

std::string curvature(const CriticalPoint& point) {
  std::vector<std::string> parts;
  for (std::size_t j = 0; j < point.eigenvalues.size(); ++j) parts.push_back(point.eigenvalue_text(j));
  return (parts.size() == 1 ? "f'' = " : "eigenvalues ") + tuple(parts);
}

// No more than values around it tell: there are no second derivatives to prove it by.
std::string kink_text(const Kink& kink) {
  const char* const line = kink.isolated ? "" : ", one of a line of such points";
  switch (kink.kind) {
    case KinkKind::minimum:
      return fmt::format("at a kink, without a slope: f is nowhere lower close by{}", line);
    case KinkKind::maximum:
      return fmt::format("at a kink, without a slope: f is nowhere higher close by{}", line);
    case KinkKind::jump:
      return "f jumps here, and has no slope: no critical point";
    case KinkKind::neither:
      break;
  }
  return "at a kink, without a slope";
}

Json to_json(const std::vector<double>& w, const std::vector<std::string>& names) {
  Json x = Json::object();
  for (std::size_t k = 0; k < names.size(); ++k) x[names[k]] = w[k];
  return x;
}

Json to_json(const CriticalPoints& found, const std::vector<std::string>& names) {
  Json points = Json::array(), continua = Json::array(), kinks = Json::array();
  for (const FoundPoint& each : found.points) {
    Json json = {{"x", to_json(each.point.w, names)},
                 {"f", each.point.value},
                 {"kind", to_string(each.point.kind)},
                 {"lowest", each.lowest},
                 {"highest", each.highest},
                 {"eigenvalues", each.point.eigenvalues}};
    if (each.point.kind == PointKind::saddle) json["downhill"] = each.point.downhill;
    points.push_back(json);
  }
  for (const Continuum& each : found.continua) {
    Json samples = Json::array();
    for (const auto& w : each.samples) samples.push_back(to_json(w, names));
    continua.push_back({{"dimensions", each.dimensions}, {"f", each.value}, {"samples", samples}});
  }
  for (const Kink& each : found.kinks)
    kinks.push_back({{"x", to_json(each.w, names)},
                     {"f", each.value},
                     {"kind", to_string(each.kind)},
                     {"isolated", each.isolated}});
  return {{"variables", names},           {"points", points},       {"continua", continua},      {"kinks", kinks},
          {"sentence", found.sentence()}, {"starts", found.starts}, {"complete", found.complete}};
}

std::string describe(const CriticalPoints& found, const std::vector<std::string>& names, const Box& box) {
  std::string text = found.sentence() + "\n";
  for (const FoundPoint& each : found.points) {
    text += fmt::format("\n{}\n  {}; f = {}\n  {}\n", place(names, each.point.w, box), kind_text(each),
                        short_number(each.point.value, found.value_scale), curvature(each.point));
    if (each.point.kind == PointKind::saddle) text += fmt::format("  downhill along ±{}\n", way(each.point.downhill));
  }
  for (const Kink& each : found.kinks)
    text += fmt::format("\n{}\n  {}; f = {}\n", place(names, each.w, box), kink_text(each),
                        short_number(each.value, found.value_scale));
  return text;
}

std::string title_of(const FormulaProblem& problem) {
  return "Critical points of " + printable(problem.formula().text(), 60);
}

void draw_curve(FormulaProblem& problem, const Box& box, const CriticalPoints& found,
                const pictures::PictureFile& file) {
  constexpr int kSamples = 600;
  pictures::SlopePicture picture;
  picture.title = title_of(problem);
  picture.variable = problem.names()[0];
  picture.tangents = {};
  for (int k = 0; k <= kSamples; ++k) picture.x.push_back(box.low[0] + box.width(0) * k / kSamples);
  // f' has its zeros on the curve, also where it is steep there; beside one it may be 0 · ∞.
  for (const FoundPoint& each : found.points) {
    const double zero = each.point.w[0];
    std::erase_if(picture.x, [&](double x) { return std::abs(x - zero) < 1e-9 * box.width(0); });
    picture.x.insert(std::ranges::upper_bound(picture.x, zero), zero);
  }
  for (const double& x : picture.x) {
    double slope = 0;
    picture.f.push_back(problem.f().value_and_gradient(std::span(&x, 1), std::span(&slope, 1)));
    picture.slope.push_back(slope);
  }
  for (const FoundPoint& each : found.points) picture.zeros.push_back({each.point.w[0], drawn_as(each.point.kind)});
  for (const Kink& each : found.kinks) picture.zeros.push_back({each.w[0], pictures::PointKind::kink});
  draw_slope(picture, file);
}

void draw_plane(FormulaProblem& problem, const Box& box, const CriticalPoints& found,
                const pictures::PictureFile& file) {
  constexpr std::size_t kPoints = 201;
  pictures::Landscape picture;
  picture.title = title_of(problem);
  // x goes to the right also where y is the first in the formula.
  const std::size_t across = problem.names()[0] < problem.names()[1] ? 0 : 1, up = 1 - across;
  picture.x_name = problem.names()[across];
  picture.y_name = problem.names()[up];
  picture.grid = {{box.low[across], box.high[across]}, {box.low[up], box.high[up]}, kPoints, kPoints, {}};
  std::vector<double> w(2);
  for (std::size_t i = 0; i < kPoints; ++i)
    for (std::size_t j = 0; j < kPoints; ++j) {
      w[across] = picture.grid.at_x(j);
      w[up] = picture.grid.at_y(i);
      picture.grid.f.push_back(problem.f().value(w));
    }
  for (const FoundPoint& each : found.points)
    picture.critical.push_back({{each.point.w[across], each.point.w[up]}, drawn_as(each.point.kind)});
  for (const Kink& each : found.kinks)
    picture.critical.push_back({{each.w[across], each.w[up]}, pictures::PointKind::kink});
  draw_landscape(picture, file);
}

}  // namespace

int critical_command(const CriticalArguments& arguments) {
  FormulaProblem problem(arguments.formula, arguments.data, false);
  const std::vector<std::string>& names = problem.names();
  const std::size_t n = names.size();
  if (arguments.box.empty())
    throw Error(Fault::usage, "--box is missing: where to search, such as --box -5:5, or a range for each of {}",
                join(names));
  const Box box = parse_box("--box", arguments.box, names);
  const pictures::PictureFile file{arguments.plot};
  if (!arguments.plot.empty()) {
    if (n > 2) throw Error(Fault::usage, "--plot draws formulas of 1 or 2 variables; this one has {}", n);
    pictures::check_picture_file(file);
  }
  const CriticalPoints found = find_critical_points(problem.f(), box);
  if (arguments.json)
    std::cout << to_json(found, names).dump() << '\n';
  else
    std::cout << describe(found, names, box);
  if (!arguments.plot.empty()) {
    if (n == 1)
      draw_curve(problem, box, found, file);
    else
      draw_plane(problem, box, found, file);
    std::cerr << "drawn: " << printable(arguments.plot, 300) << '\n';
  }
  return kOk;
}

}  // namespace descent
