// Every kind of picture, drawn by gnuplot and read back.

#include "tests/app/pictures/support.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace descent::pictures {
namespace {

using test::read_text;
using test::TemporaryFolder;

Progress progress_of() {
  Progress progress;
  progress.title = "f falls until γ is too large.";
  for (int k = 0; k < 40; ++k) {
    progress.f.push_back(std::exp(-k / 4.0) - 3.5);
    progress.gradient_norm.push_back(std::exp(-k / 8.0));
    progress.gamma_lambda.push_back(1 + k / 20.0);
  }
  progress.lowest = -3.5;
  return progress;
}

Curves curves_of() {
  Curves curves{
      .title = "Two curves.", .x_label = "epoch", .y_label = "L/N", .series = {}, .best = 12.0, .limit = 6.50004};
  for (const char* name : {"training", "validation"}) {
    Series series{name, {}, {}};
    for (int k = 0; k < 30; ++k) {
      series.x.push_back(k);
      series.y.push_back(std::exp(-k / 9.0) + (name[0] == 'v' ? 0.1 : 0.0));
    }
    curves.series.push_back(series);
  }
  return curves;
}

RateComparison rates_of() {
  RateComparison comparison{.title = "Three rates.", .grid = grid_of(quadratic, {-4, 4}, {-4, 4}), .runs = {}};
  for (const auto& [name, gamma] :
       {std::pair{"too small", 0.02}, std::pair{"good", 0.4}, std::pair{"too large", 0.7}}) {
    RateRun run{name, descend(quadratic, {3, -2}, gamma, 25), {}};
    for (const Point& p : run.path) run.f.push_back(quadratic(p.x, p.y));
    comparison.runs.push_back(run);
  }
  return comparison;
}

Landscape himmelblau_landscape() {
  Landscape landscape = landscape_of(himmelblau, {-5, 5}, {-5, 5}, descend(himmelblau, {0, 0}, 0.01, 6));
  landscape.critical = {{{3, 2}, PointKind::minimum},
                        {{-0.270845, -0.923039}, PointKind::maximum},
                        {{3.385154, 0.073852}, PointKind::saddle},
                        {{-2, 0}, PointKind::undecided}};
  return landscape;
}

SlopePicture quartic_picture() {
  SlopePicture picture = slope_of(quartic, {-2.2, 2.2}, 2, 0.02, 6);
  picture.zeros = {{-1.3008, PointKind::minimum}, {0.1699, PointKind::maximum}, {1.1309, PointKind::minimum}};
  return picture;
}

// A kind of picture, with words that must be legible in it.
struct Kind {
  const char* name;
  std::function<void(const PictureFile&)> draw;
  std::vector<std::string> words;
};

std::vector<Kind> kinds() {
  return {
      {"slope",
       [](auto& file) { draw_slope(quartic_picture(), file); },
       {"A curve and its slope.", "f(x)", "f′(x)", "f fell", "tangent", "minimum", "maximum", ">x<", ">0<", ">6<"}},
      {"landscape",
       [](auto& file) { draw_landscape(himmelblau_landscape(), file); },
       {"A landscape.", "path, 6 steps", "−∇f", "minimum", "maximum", "saddle", "undecided", ">x<", ">y<", ">0<",
        ">6<"}},
      {"surface",
       [](auto& file) { draw_surface(himmelblau_landscape(), file); },
       {"A landscape.", "path, 6 steps", "minimum", ">x<", ">y<", ">f<"}},
      {"progress",
       [](auto& file) { draw_progress(progress_of(), file); },
       {"f falls until γ is too large.", "f + 3.5", "‖∇f‖", "γ·λmax", "shaded: above 2", ">step<"}},
      {"curves",
       [](auto& file) { draw_curves(curves_of(), file); },
       {"Two curves.", "training", "validation", "best: epoch 12", "limit: epoch 6.5", ">L/N<"}},
      {"rates",
       [](auto& file) { draw_rates(rates_of(), file); },
       {"Three rates.", "too small", "good", "too large", ">step<"}},
  };
}

TEST(Pictures, OfEveryKindAreSvgWithTheirWords) {
  const TemporaryFolder folder;
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    kind.draw({folder.file("a.svg")});
    const std::string svg = read_text(folder.file("a.svg"));
    EXPECT_NE(svg.find("width=\"800\""), std::string::npos);
    EXPECT_NE(svg.find("</svg>"), std::string::npos);
    for (std::string word : kind.words) {
      if (word.front() == '>') word = word.substr(0, word.size() - 1) + "</tspan>";
      EXPECT_NE(svg.find(word), std::string::npos) << word;
    }
  }
}

TEST(Pictures, OfEveryKindArePngOfTheAskedSizeAndNotBlank) {
  const TemporaryFolder folder;
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    kind.draw({folder.file("a.png"), 640, 500});
    const Pixels pixels = read_png(read_text(folder.file("a.png")));
    EXPECT_EQ(pixels.width, 640u);
    EXPECT_EQ(pixels.height, 500u);
    EXPECT_GT(pixels.colours, 50u);
  }
}

TEST(Pictures, OfEveryKindArePdfOrTheScriptThatDrawsThem) {
  const TemporaryFolder folder;
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    kind.draw({folder.file("a.PDF")});
    EXPECT_EQ(read_text(folder.file("a.PDF")).substr(0, 5), "%PDF-");
    kind.draw({folder.file("it's.gp")});
    kind.draw({folder.file("direct.svg")});
    const std::string command = "cd '" + folder.path() + "' && gnuplot -d \"it's.gp\" 2>errors.txt";
    EXPECT_EQ(std::system(command.c_str()), 0) << read_text(folder.file("errors.txt"));
    EXPECT_EQ(read_text(folder.file("it's.svg")), read_text(folder.file("direct.svg")));
  }
}

TEST(Pictures, ShowEveryStepThatCanBeToldApart) {
  const TemporaryFolder folder;
  draw_landscape(landscape_of(quadratic, {-4, 4}, {-4, 4}, descend(quadratic, {3, -2}, 0.1, 6)),
                 {folder.file("a.svg")});
  EXPECT_EQ(circles(read_text(folder.file("a.svg"))).size(), 7u);
  SlopePicture slope = slope_of([](double x) { return x * x; }, {-4, 4}, 3.5, 0.9, 5);
  draw_slope(slope, {folder.file("b.svg")});
  EXPECT_EQ(circles(read_text(folder.file("b.svg"))).size(), 6u);
}

TEST(Pictures, ColourAndDashStepsByWhatFDid) {
  const TemporaryFolder folder;
  draw_slope(slope_of([](double x) { return x * x; }, {-4, 4}, 1, 1.1, 5), {folder.file("rose.svg")});
  const std::string rose = read_text(folder.file("rose.svg"));
  EXPECT_NE(rose.find("f rose"), std::string::npos);
  EXPECT_EQ(rose.find("f fell"), std::string::npos);
  const std::string dashed = "<path stroke='rgb(213,  94,   0)' stroke-dasharray";
  EXPECT_GE(count(rose, dashed), 2u) << "the steps, and their line in the legend";
  draw_slope(slope_of([](double x) { return x * x; }, {-4, 4}, 1, 0.9, 5), {folder.file("fell.svg")});
  const std::string fell = read_text(folder.file("fell.svg"));
  EXPECT_NE(fell.find("f fell"), std::string::npos);
  EXPECT_EQ(fell.find("f rose"), std::string::npos);
  EXPECT_EQ(count(fell, dashed), 0u);
}

TEST(Pictures, SayWhenThePathLeavesTheBox) {
  const TemporaryFolder folder;
  draw_landscape(landscape_of(saddle, {-3, 3}, {-2, 2}, descend(saddle, {2.5, 0.02}, 0.15, 40)),
                 {folder.file("a.svg")});
  const std::string svg = read_text(folder.file("a.svg"));
  EXPECT_NE(svg.find("arrow = leaves the box"), std::string::npos);
  EXPECT_EQ(svg.find("dot = end"), std::string::npos);
}

TEST(Pictures, AreDrawnOfAnythingThatHasNumbers) {
  const TemporaryFolder folder;
  for (const Surface f : {rosenbrock, monkey, valley, half_plane, overflowing, constant, nowhere}) {
    std::vector<Point> path = descend(f, {0.6, 0.3}, 0.001, 3);
    path.push_back({1e300, -1e300});
    path.push_back({kNaN, kInfinity});
    for (const std::vector<Point>& each :
         {path, std::vector<Point>{}, std::vector<Point>{{0, 0}}, std::vector<Point>{{9, 9}}}) {
      Landscape landscape = landscape_of(f, {-2, 2}, {-1, 3}, each);
      landscape.critical = {{{0, 0}, PointKind::saddle}, {{50, 50}, PointKind::minimum}};
      draw_landscape(landscape, {folder.file("a.png")});
      draw_surface(landscape, {folder.file("b.png")});
    }
  }
  for (const Line f : {magnitude, pole, Line([](double x) { return std::log(x); }), Line([](double) { return kNaN; }),
                       Line([](double) { return 1e308; }), Line([](double x) { return std::exp(std::exp(x * 3)); })})
    draw_slope(slope_of(f, {-2, 2}, 0.7, 0.1, 9), {folder.file("a.png")});
  draw_progress({.title = "", .f = {}, .gradient_norm = {}, .gamma_lambda = {}, .lowest = {}}, {folder.file("a.png")});
  draw_progress({.title = "",
                 .f = {kNaN, kInfinity, 1e308},
                 .gradient_norm = {0, 0, kNaN},
                 .gamma_lambda = {kNaN, 1e9, -1},
                 .lowest = 5},
                {folder.file("a.png")});
  draw_curves({.title = "Nothing yet", .y_label = "L", .series = {}, .log_y = true, .best = {}},
              {folder.file("a.png")});
  draw_curves(
      {.title = "One point", .y_label = "L", .series = {{"a", {1}, {-1}}}, .log_x = true, .log_y = true, .best = {}},
      {folder.file("a.png")});
}

TEST(Pictures, OfLongRunsStaySmall) {
  const TemporaryFolder folder;
  Curves curves = curves_of();
  for (int k = 0; k < 200000; ++k) {
    curves.series[0].x.push_back(30 + k);
    curves.series[0].y.push_back(1 + 0.5 * std::sin(k * 0.7));
  }
  draw_curves(curves, {folder.file("a.svg")});
  EXPECT_LT(read_text(folder.file("a.svg")).size(), 200000u);
  draw_landscape(landscape_of(rosenbrock, {-2, 2}, {-1, 3}, descend(rosenbrock, {-1.2, 1}, 0.001, 20000)),
                 {folder.file("b.svg")});
  EXPECT_LT(read_text(folder.file("b.svg")).size(), 400000u);
}

TEST(Pictures, RefuseDataThatDoNotFitTogether) {
  Landscape landscape = landscape_of(quadratic, {-1, 1}, {-1, 1});
  landscape.grid.f.pop_back();
  EXPECT_THROW(draw_landscape(landscape, {"never.svg"}), Error);
  EXPECT_THROW(draw_surface(landscape_of(quadratic, {1, -1}, {0, 1}), {"never.svg"}), Error);
  SlopePicture slope = slope_of(magnitude, {-1, 1}, 0, 0, 0);
  std::swap(slope.x[3], slope.x[4]);
  EXPECT_THROW(draw_slope(slope, {"never.svg"}), Error);
  EXPECT_THROW(draw_curves({.title = "", .y_label = "", .series = {{"a", {1, 2}, {1}}}, .best = {}}, {"never.svg"}),
               Error);
  RateComparison none = rates_of();
  none.runs.clear();
  EXPECT_THROW(draw_rates(none, {"never.svg"}), Error);
}

TEST(PicturesAnimation, HasAFrameForEachStepAndLoopsForever) {
  const TemporaryFolder folder;
  const Landscape landscape = landscape_of(quadratic, {-4, 4}, {-4, 4}, descend(quadratic, {3, -2}, 0.2, 5));
  animate(landscape, {.f = {7, 3, 1}, .gamma = {0.2, 0.2}}, {folder.file("a.gif"), 400});
  const Animation gif = read_gif(folder.file("a.gif"));
  EXPECT_EQ(gif.frames, 6);
  EXPECT_EQ(gif.width, 400);
  EXPECT_GT(gif.height, 240);
  EXPECT_GT(gif.colours, 4u) << "the last frame shows what changed";
  EXPECT_NE(read_text(folder.file("a.gif")).find("NETSCAPE2.0"), std::string::npos);
}

TEST(PicturesAnimation, OfALongPathIsLimitedAndStopsWhenItHasLeft) {
  const TemporaryFolder folder;
  animate(slope_of([](double x) { return x * x; }, {-4, 4}, 3.5, 0.001, 3000),
          {.f = {}, .gamma = {}, .most_frames = 12}, {folder.file("long.gif"), 400});
  EXPECT_LE(read_gif(folder.file("long.gif")).frames, 12);
  EXPECT_GE(read_gif(folder.file("long.gif")).frames, 9);
  // x_k = (-1.2)^k leaves [-4, 4] at step 8.
  animate(slope_of([](double x) { return x * x; }, {-4, 4}, 1, 1.1, 300), {}, {folder.file("gone.gif"), 400});
  EXPECT_EQ(read_gif(folder.file("gone.gif")).frames, 9);
}

TEST(PicturesAnimation, RefusesWhatWouldBeHuge) {
  const Landscape landscape = landscape_of(quadratic, {-4, 4}, {-4, 4});
  EXPECT_THROW(animate(landscape, {}, {"never.gif", 1200}), Error);
  EXPECT_THROW(animate(landscape, {.f = {}, .gamma = {}, .most_frames = 5000}, {"never.gif"}), Error);
  EXPECT_THROW(animate(landscape, {}, {"never.png"}), Error);
}

}  // namespace
}  // namespace descent::pictures
