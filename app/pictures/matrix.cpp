#include "app/pictures/matrix.hpp"

#include "app/pictures/markup.hpp"
#include "framework/error.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace descent::pictures {
namespace {

constexpr double kMostCell = 96, kRight = 24, kAbove = 92, kBelow = 24, kLabel = 22;
constexpr double kMostName = 150, kLeastText = 8;

// White at 0 to the full colour at 1.
std::string shade(const double (&full)[3], double share) {
  const auto mix = [&](int c) { return static_cast<int>(std::lround(255 + std::sqrt(share) * (full[c] - 255))); };
  return fmt::format("#{:02x}{:02x}{:02x}", mix(0), mix(1), mix(2));
}

struct Layout {
  double left, top;
  double cell, wide;  // height and width of a cell: wider than high where names above the columns ask for it
  Layout(const CountMatrix& matrix, double width) {
    double widest = 0;
    for (const std::string& name : matrix.names) widest = std::max(widest, text_width(name, kText));
    left = 24 + kLabel + std::min(widest, kMostName) + 10;
    top = kAbove;
    const double room = (width - left - kRight) / static_cast<double>(matrix.names.size());
    cell = std::min(kMostCell, room);
    wide = std::min(std::max(kMostCell, std::min(widest, kMostName) + 12), room);
  }
  Box box(std::size_t row, std::size_t column) const {
    const double x = left + wide * static_cast<double>(column), y = top + cell * static_cast<double>(row);
    return {x, y, x + wide, y + cell};
  }
};

void name_row(Script& script, const Layout& layout, const CountMatrix& matrix, std::size_t k) {
  const Box row = layout.box(k, 0), column = layout.box(0, k);
  const double size = std::min(kText, layout.cell * 0.7);
  if (size < kLeastText) return;
  const auto fit = [&](double width) {
    const std::vector<std::string> lines = wrapped(matrix.names[k], size, width, 1);
    return lines.empty() ? std::string() : lines[0];
  };
  script.text({row.left - 8, (row.top + row.bottom) / 2}, fit(kMostName), {.size = size, .align = "right"});
  script.text({(column.left + column.right) / 2, layout.top - 11}, fit(layout.wide - 12),
              {.size = size, .align = "center"});
}

void compose(const CountMatrix& matrix, Script& script) {
  constexpr double kRight_[3] = {0, 114, 178}, kWrong[3] = {213, 94, 0};
  const Layout layout(matrix, script.width());
  script.title({24, 14}, matrix.title);
  const std::size_t n = matrix.names.size();
  const double side = layout.cell * static_cast<double>(n), across = layout.wide * static_cast<double>(n);
  script.text({layout.left + across / 2, layout.top - 31}, matrix.column_label, {.align = "center"});
  script.text({24 + kLabel / 2, layout.top + side / 2}, matrix.row_label, {.align = "center", .rotated = 90});
  for (std::size_t i = 0; i < n; ++i) {
    name_row(script, layout, matrix, i);
    const double total = std::accumulate(matrix.counts[i].begin(), matrix.counts[i].end(), 0.0);
    for (std::size_t j = 0; j < n; ++j) {
      const double count = matrix.counts[i][j], share = total > 0 ? count / total : 0;
      Box box = layout.box(i, j);
      const Point middle{(box.left + box.right) / 2, (box.top + box.bottom) / 2};
      box.right -= 1, box.bottom -= 1;
      script.box(box, count > 0 ? shade(i == j ? kRight_ : kWrong, share) : "#f3f3f3", false);
      const std::string text = fmt::format("{:.0f}", count);
      const double size = std::min(16.0, layout.cell * 0.42);
      if (size < kLeastText || text_width(text, size) > layout.wide - 2) continue;
      script.text(middle, text,
                  {.size = size,
                   .colour = count == 0     ? kFrame
                             : share > 0.45 ? kPaper
                                            : kInk,
                   .align = "center"});
    }
  }
  // Without axes of its own gnuplot needs something to plot for labels and boxes to appear.
  script.command("set lmargin 0; set rmargin 0; set tmargin 0; set bmargin 0; unset border; unset tics");
  script.command("set xrange [0:1]; set yrange [0:1]");
  script.close();
}

}  // namespace

void draw_matrix(const CountMatrix& matrix, const PictureFile& file) {
  const std::size_t n = matrix.names.size();
  if (n == 0 || matrix.counts.size() != n ||
      !std::ranges::all_of(matrix.counts, [&](const auto& row) { return row.size() == n; }))
    throw Error(Fault::usage, "a matrix of {} names and {} rows; expected a count for every pair", n,
                matrix.counts.size());
  const Layout layout(matrix, file.width);
  const double height = layout.top + layout.cell * static_cast<double>(n) + kBelow;
  save_picture(file, std::max(240, static_cast<int>(height)), [&](Script& script) { compose(matrix, script); });
}

}  // namespace descent::pictures
