// A chart of curves in characters, for a terminal or a pipe: dots of braille, eight to a character.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace descent {

struct ChartCurve {
  std::string name;  // written at its right end
  std::vector<double> x, y;
  int colour = 0;  // from 0; which of six the terminal shows
};

struct Chart {
  std::string title;  // above the chart: what the numbers at the left are
  std::string x_label;
  bool log = false;  // of y; values ≤ 0 are gaps
  std::vector<ChartCurve> curves;
};

// Lines of at most `columns` characters (at least 40) ending in '\n': the title, `rows` of plot with numbers at the
// left and names at the right, and the numbers below. Without a finite value a line that says so.
std::string terminal_chart(const Chart& chart, std::size_t columns, std::size_t rows, bool colour);

// The shape of a curve in one line of at most `columns` characters ▁▂▃▄▅▆▇█, the mean of as many values in each;
// a blank where there is no finite one. The logarithm's shape when all are > 0 and the largest is 20 times the
// smallest.
std::string sparkline(std::span<const double> values, std::size_t columns);

// How many characters a text shows.
std::size_t shown_width(std::string_view text);

}  // namespace descent
