#include "app/pictures/script.hpp"

#include "app/pictures/markup.hpp"

#include <algorithm>
#include <cmath>

namespace descent::pictures {
namespace {

constexpr double kPointsPerPixel = 0.75;  // what cairo's terminals measure text in

std::string number(double v) { return std::isfinite(v) ? fmt::format("{:.9g}", v) : "NaN"; }

// As many as fit side by side, up to one every 90 pixels or so.
std::vector<Tick> x_ticks(const Panel& panel) {
  for (int count = std::max(5, static_cast<int>(panel.box.width() / 90)); count > 2; --count) {
    std::vector<Tick> fitting = ticks(panel.x, count);
    double needed = 0;
    for (const Tick& tick : fitting) needed += text_width(tick.text, kSmallText) + 14;
    if (needed <= panel.box.width() && fitting.size() > 1) return fitting;
  }
  return ticks(panel.x, 2);
}

// One every 42 pixels or so, two at least where round numbers allow it.
std::vector<Tick> y_ticks(const Panel& panel) {
  const int wanted = std::max(2, static_cast<int>(panel.box.height() / 42));
  for (int count = wanted; count < wanted + 4; ++count)
    if (std::vector<Tick> enough = ticks(panel.y, count); enough.size() > 1) return enough;
  return ticks(panel.y, wanted);
}

}  // namespace

double tick_room(const Axis& axis) {
  double widest = 20;
  for (const int count : {2, 4, 8, 12, 16})  // as many as its length will ask for
    for (const Tick& tick : ticks(axis, count)) widest = std::max(widest, text_width(tick.text, kSmallText));
  return widest;
}

Script::Script(Format format, int width, int height) : format_(format), width_(width), height_(height) {}

void Script::command(std::string_view line) {
  body_ += line;
  body_ += '\n';
}

std::string Script::data(std::span<const std::vector<double>> rows) {
  const std::string name = fmt::format("$data{}", ++data_);
  blocks_ += name + " << END\n";
  for (const std::vector<double>& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) blocks_ += (i ? " " : "") + number(row[i]);
    blocks_ += '\n';
  }
  blocks_ += "END\n";
  return name;
}

std::string Script::data(std::span<const Point> points) {
  std::vector<std::vector<double>> rows;
  for (const Point& p : points)
    rows.push_back(std::isfinite(p.x + p.y) ? std::vector{p.x, p.y} : std::vector<double>());
  return data(rows);
}

std::string Script::font(const TextStyle& style) const {
  return fmt::format("font '{},{:.4g}'", style.bold ? "sans-serif:Bold" : "sans-serif",
                     format_ == Format::svg ? style.size : style.size * kPointsPerPixel);
}

// The line of a style as an option of gnuplot. The unit of dashes is half as long in cairo's terminals.
std::string Script::pen(const LineStyle& style) const {
  const std::string_view dashes = format_ == Format::svg ? "(5,4)" : "(10,8)";
  return fmt::format("lc rgb '{}' lw {:.3g} dt {}", style.colour, style.width, style.dashed ? dashes : "solid");
}

std::string Script::screen(Point at) const {
  return fmt::format("screen {:.6g},{:.6g}", at.x / width_, 1 - at.y / height_);
}

void Script::text(Point at, std::string_view text, const TextStyle& style) { markup(at, escaped(text), style); }

void Script::markup(Point at, std::string_view markup, const TextStyle& style) {
  command(fmt::format("set label {} at {} {} rotate by {} {} tc rgb '{}' front", markup_literal(markup), screen(at),
                      style.align, style.rotated, font(style), style.colour));
}

// The terminals measure points in units of their own: these make them equally large.
std::string Script::point(int symbol, double size) const {
  constexpr int kCircle = 7;
  const bool svg = format_ == Format::svg;
  const double scale = symbol == kCircle ? (svg ? 0.66 : 1.08) : (svg ? 0.56 : 1.2);
  return fmt::format("pt {} ps {:.3g}", symbol, scale * size);
}

void Script::symbol(Point at, const PointStyle& style) {
  for (const auto& [colour, size] : {std::pair{kInk, style.size + 0.45}, std::pair{style.colour, style.size}})
    command(
        fmt::format("set label '' at {} point {} lc rgb '{}' front", screen(at), point(style.symbol, size), colour));
}

void Script::dot(Point at, std::string_view colour, double size) {
  command(fmt::format("set label '' at {} point {} lc rgb '{}' front", screen(at), point(7, size), colour));
}

void Script::line(Point from, Point to, const LineStyle& style, bool head) {
  command(fmt::format("set arrow from {} to {} {} {} front", screen(from), screen(to),
                      head ? fmt::format("head filled size screen {:.5g},20", 9.0 / width_) : "nohead", pen(style)));
}

void Script::box(const Box& box, std::string_view colour, bool front) {
  command(fmt::format("set object rectangle from {} to {} {} fc rgb '{}' fs solid noborder",
                      screen({box.left, box.bottom}), screen({box.right, box.top}), front ? "front" : "behind",
                      colour));
}

void Script::layer(std::string_view item) { layers_.emplace_back(item); }

void Script::lines(std::span<const Point> points, const LineStyle& style) {
  if (!points.empty()) layer(fmt::format("{} with lines {} notitle", data(points), pen(style)));
}

void Script::vectors(std::span<const std::pair<Point, Point>> arrows, const LineStyle& style, std::string_view head) {
  std::vector<std::vector<double>> rows;
  for (const auto& [from, to] : arrows) rows.push_back({from.x, from.y, to.x - from.x, to.y - from.y});
  if (!rows.empty()) layer(fmt::format("{} with vectors {} {} notitle", data(rows), head, pen(style)));
}

void Script::arrows(std::span<const std::pair<Point, Point>> arrows, const LineStyle& style, double head_pixels,
                    double gap_pixels) {
  // Shafts and heads apart: a dashed shaft has a solid head, and one shorter than a head has none.
  std::vector<std::pair<Point, Point>> shafts, heads;
  for (const auto& [from, to] : arrows) {
    const Point a = panel_.pixel(from), b = panel_.pixel(to);
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    const auto along = [&, from = from, to = to](double pixels) {
      const double t = std::clamp(pixels / length, 0.0, 1.0);
      return Point{from.x + t * (to.x - from.x), from.y + t * (to.y - from.y)};
    };
    const bool headed = length > 2 * gap_pixels + head_pixels;
    const double tip = headed ? length - gap_pixels : length;
    shafts.emplace_back(from, along(tip - (headed ? 0.7 * head_pixels : 0)));
    if (headed) heads.emplace_back(along(tip - head_pixels), along(tip));
  }
  vectors(shafts, style, "nohead");
  LineStyle solid = style;
  solid.dashed = false;
  vectors(heads, solid, fmt::format("head filled size screen {:.5g},20", head_pixels / width_));
}

void Script::dots(std::span<const Point> points, std::string_view colour, double size, int symbol) {
  if (!points.empty())
    layer(fmt::format("{} with points {} lc rgb '{}' notitle", data(points), point(symbol, size), colour));
}

void Script::symbols(std::span<const Point> points, const PointStyle& style) {
  dots(points, kInk, style.size + 0.45, style.symbol);
  dots(points, style.colour, style.size, style.symbol);
}

void Script::axis(char name, const Axis& axis, std::span<const Tick> ticks, bool labels) {
  const bool lifted = name == 'x' && format_ == Format::svg;  // that terminal sets them farther below the axis
  command(fmt::format("{} logscale {}", axis.log ? "set" : "unset", name));
  command(fmt::format("set {}range [{:.15g}:{:.15g}] noextend", name, axis.range.low, axis.range.high));
  std::string list;
  for (const Tick& tick : ticks)
    list +=
        fmt::format("{}{} {:.15g}", list.empty() ? "" : ", ", labels ? markup_literal(tick.markup) : "''", tick.value);
  command(fmt::format("set {}tics nomirror out scale 0.4 {} tc rgb '{}' offset {} ({})", name,
                      font({.size = kSmallText}), kFaint, lifted ? "0,0.45" : "0,0", list));
}

void Script::open(const Panel& panel, bool x_labels) {
  panel_ = panel;
  const Box& box = panel.box;
  command(
      fmt::format("set lmargin at screen {:.6g}\nset rmargin at screen {:.6g}", box.left / width_, box.right / width_));
  command(fmt::format("set tmargin at screen {:.6g}\nset bmargin at screen {:.6g}", 1 - box.top / height_,
                      1 - box.bottom / height_));
  axis('x', panel.x, x_ticks(panel), x_labels);
  axis('y', panel.y, y_ticks(panel), true);
  text({box.left, box.top - 12}, panel.y.label, {.size = kText});
  if (x_labels) text({(box.left + box.right) / 2, box.bottom + 39}, panel.x.label, {.size = kText, .align = "center"});
}

void Script::close() { close("plot "); }

void Script::close(std::string plot) {
  if (layers_.empty()) layers_.emplace_back("NaN notitle");
  for (std::size_t i = 0; i < layers_.size(); ++i) plot += (i ? ", \\\n  " : "") + layers_[i];
  command(plot);
  command("unset label; unset arrow; unset object");
  layers_.clear();
}

void Script::next_frame(std::string_view output) {
  command(fmt::format("unset multiplot\nset output {}\nset multiplot", markup_literal(output)));
}

void Script::close_surface(const std::string& settings) {
  command(settings);
  close("splot ");
}

double Script::title(Point from, std::string_view sentence) {
  constexpr double kLine = kTitleText * 1.35;
  double y = from.y + kTitleText / 2;
  for (const std::string& line : wrapped(sentence, kTitleText * 1.13, width_ - from.x - 12, 2)) {
    text({from.x, y}, line, {.size = kTitleText, .bold = true});
    y += kLine;
  }
  return y - kLine / 2;
}

std::string Script::complete(std::string_view output) const {
  const std::string face = font({});
  std::string terminal;
  switch (format_) {
    case Format::svg:
      terminal = fmt::format("svg size {},{} {} enhanced background rgb '{}'", width_, height_, face, kPaper);
      break;
    case Format::pdf:
      terminal = fmt::format("pdfcairo size {:.4f}in,{:.4f}in fontscale 0.75 linewidth 1.8 {} enhanced", width_ / 96.0,
                             height_ / 96.0, face);
      break;
    case Format::png:
    case Format::gif:
      terminal = fmt::format("pngcairo size {},{} {} enhanced background rgb '{}'", width_, height_, face, kPaper);
      break;
  }
  return fmt::format(
      "set encoding utf8\nset decimalsign '.'\nset terminal {}\nset output {}\n"
      "unset key\nset border 3 lc rgb '{}' lw 1\nset style line 1 lc rgb '{}' lw 1 dt solid\n"
      "set grid xtics ytics back ls 1\n{}set multiplot\n{}unset multiplot\nset output\n",
      terminal, markup_literal(output), kFrame, kGrid, blocks_, body_);
}

}  // namespace descent::pictures
