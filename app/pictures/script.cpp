#include "app/pictures/script.hpp"

#include "app/pictures/markup.hpp"

#include <algorithm>
#include <cmath>

namespace descent::pictures {
namespace {

constexpr double kPointsPerPixel = 0.75;  // what cairo's terminals measure text in

std::string number(double v) { return std::isfinite(v) ? fmt::format("{:.9g}", v) : "NaN"; }

// The line of a style as an option of gnuplot.
std::string pen(const LineStyle& style) {
  return fmt::format("lc rgb '{}' lw {:.3g} dt {}", style.colour, style.width, style.dashed ? "(5,4)" : "solid");
}

}  // namespace

double tick_room(const Axis& axis) {
  double widest = 20;
  for (const Tick& tick : ticks(axis, 8)) widest = std::max(widest, text_width(tick.text, kSmallText));
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

std::string Script::screen(Point at) const {
  return fmt::format("screen {:.6g},{:.6g}", at.x / width_, 1 - at.y / height_);
}

void Script::text(Point at, std::string_view text, const TextStyle& style) { markup(at, escaped(text), style); }

void Script::markup(Point at, std::string_view markup, const TextStyle& style) {
  command(fmt::format("set label {} at {} {} rotate by {} {} tc rgb '{}' front", markup_literal(markup), screen(at),
                      style.align, style.rotated, font(style), style.colour));
}

void Script::dot(Point at, std::string_view colour, double size) {
  command(fmt::format("set label '' at {} point pt 7 ps {} lc rgb '{}' front", screen(at), size, colour));
}

void Script::symbol(Point at, const PointStyle& style) {
  for (const auto& [colour, size] : {std::pair{kInk, style.size + 0.45}, std::pair{style.colour, style.size}})
    command(
        fmt::format("set label '' at {} point pt {} ps {} lc rgb '{}' front", screen(at), style.symbol, size, colour));
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

void Script::arrows(std::span<const std::pair<Point, Point>> arrows, const LineStyle& style, double head_pixels) {
  std::vector<std::vector<double>> rows;
  for (const auto& [from, to] : arrows) rows.push_back({from.x, from.y, to.x, to.y});
  if (rows.empty()) return;
  // With head and tail apart by a difference, axes of any scale get what they were given.
  layer(fmt::format("{} using 1:2:($3-$1):($4-$2) with vectors head filled size screen {:.5g},20 {} notitle",
                    data(rows), head_pixels / width_, pen(style)));
}

void Script::dots(std::span<const Point> points, std::string_view colour, double size, int symbol) {
  if (points.empty()) return;
  layer(fmt::format("{} with points pt {} ps {:.3g} lc rgb '{}' notitle", data(points), symbol, size, colour));
}

void Script::symbols(std::span<const Point> points, const PointStyle& style) {
  dots(points, kInk, style.size + 0.45, style.symbol);
  dots(points, style.colour, style.size, style.symbol);
}

void Script::axis(char name, const Axis& axis, std::span<const Tick> ticks, bool labels) {
  command(fmt::format("{} logscale {}", axis.log ? "set" : "unset", name));
  command(fmt::format("set {}range [{:.15g}:{:.15g}] noextend", name, axis.range.low, axis.range.high));
  std::string list;
  for (const Tick& tick : ticks)
    list +=
        fmt::format("{}{} {:.15g}", list.empty() ? "" : ", ", labels ? markup_literal(tick.markup) : "''", tick.value);
  command(fmt::format("set {}tics nomirror out scale 0.4 {} tc rgb '{}' offset 0,0 ({})", name,
                      font({.size = kSmallText}), kFaint, list));
}

void Script::open(const Panel& panel, bool x_labels) {
  const Box& box = panel.box;
  command(
      fmt::format("set lmargin at screen {:.6g}\nset rmargin at screen {:.6g}", box.left / width_, box.right / width_));
  command(fmt::format("set tmargin at screen {:.6g}\nset bmargin at screen {:.6g}", 1 - box.top / height_,
                      1 - box.bottom / height_));
  axis('x', panel.x, ticks(panel.x, std::max(2, static_cast<int>(box.width() / 90))), x_labels);
  axis('y', panel.y, ticks(panel.y, std::max(2, static_cast<int>(box.height() / 55))), true);
  text({box.left, box.top - 12}, panel.y.label, {.size = kText});
  if (x_labels) text({(box.left + box.right) / 2, box.bottom + 36}, panel.x.label, {.size = kText, .align = "center"});
}

void Script::close() {
  std::string plot = "plot ";
  if (layers_.empty()) layers_.emplace_back("NaN notitle");
  for (std::size_t i = 0; i < layers_.size(); ++i) plot += (i ? ", \\\n  " : "") + layers_[i];
  command(plot);
  command("unset label; unset arrow; unset object");
  layers_.clear();
}

void Script::next_frame(std::string_view output) {
  command(fmt::format("unset multiplot\nset output {}\nset multiplot", literal(output)));
}

double Script::title(Point from, std::string_view sentence) {
  constexpr double kLine = kTitleText * 1.35;
  double y = from.y + kTitleText / 2;
  for (const std::string& line : wrapped(sentence, kTitleText * 1.06, width_ - from.x - 12, 2)) {
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
      terminal = fmt::format("pdfcairo size {:.4f}in,{:.4f}in {} enhanced", width_ / 96.0, height_ / 96.0, face);
      break;
    case Format::png:
    case Format::gif:
      terminal = fmt::format("pngcairo size {},{} {} enhanced background rgb '{}'", width_, height_, face, kPaper);
      break;
  }
  return fmt::format(
      "set encoding utf8\nset decimalsign '.'\nset terminal {}\nset output {}\n"
      "unset key\nset border 3 lc rgb '{}' lw 1\nset grid xtics ytics back lc rgb '{}' lw 1 dt solid\n"
      "set style arrow 1 head filled\n{}set multiplot\n{}unset multiplot\nset output\n",
      terminal, markup_literal(output), kFrame, kGrid, blocks_, body_);
}

}  // namespace descent::pictures
