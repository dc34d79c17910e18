#include "app/pictures/legend.hpp"

#include "app/pictures/markup.hpp"

#include <algorithm>

namespace descent::pictures {
namespace {

constexpr double kMark = 26, kGap = 7, kBetween = 20, kSize = 13;

double entry_width(const LegendEntry& entry) {
  const bool narrow = entry.mark == LegendEntry::Mark::dot || entry.mark == LegendEntry::Mark::symbol;
  return (narrow ? 14 : kMark) + kGap + text_width(entry.text, kSize);
}

void draw_mark(Script& script, Point left, const LegendEntry& entry) {
  const Point right{left.x + kMark, left.y};
  switch (entry.mark) {
    case LegendEntry::Mark::line:
      script.line(left, right, entry.style);
      break;
    case LegendEntry::Mark::arrow:
      script.line(left, right, entry.style, true);
      break;
    case LegendEntry::Mark::dot:
      script.dot({left.x + 7, left.y}, entry.style.colour, 1);
      break;
    case LegendEntry::Mark::symbol:
      script.symbol({left.x + 7, left.y}, *entry.point_style);
      break;
    case LegendEntry::Mark::patch:
      script.box({left.x, left.y - 6, right.x, left.y + 6}, entry.style.colour);
      break;
  }
}

// Calls place(entry, x, row) for each; returns the number of rows.
template <class Place>
int flow(double width, const std::vector<LegendEntry>& entries, Place place) {
  double x = 0;
  int row = 0;
  for (const LegendEntry& entry : entries) {
    const double wanted = entry_width(entry);
    if (x > 0 && x + wanted > width) x = 0, ++row;
    place(entry, x, row);
    x += wanted + kBetween;
  }
  return entries.empty() ? 0 : row + 1;
}

}  // namespace

double draw_legend(Script& script, Point from, double right, const std::vector<LegendEntry>& entries) {
  const int rows = flow(right - from.x, entries, [&](const LegendEntry& entry, double x, int row) {
    const Point left{from.x + x, from.y + row * kLegendRow};
    draw_mark(script, left, entry);
    const double mark = entry_width(entry) - text_width(entry.text, kSize);
    const std::vector<std::string> lines = wrapped(entry.text, kSize, right - left.x - mark, 1);
    script.text({left.x + mark, left.y}, lines.empty() ? "" : lines[0], {.size = kSize});
  });
  return from.y + rows * kLegendRow;
}

int legend_rows(double width, const std::vector<LegendEntry>& entries) {
  return flow(width, entries, [](const LegendEntry&, double, int) {});
}

}  // namespace descent::pictures
