// The curves of runs as pictures and as charts of the terminal.
#pragma once

#include "app/pictures/picture_file.hpp"
#include "app/runs/figures.hpp"
#include "app/runs/recorded_run.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace descent {

// "Loss and accuracy of iris: best epoch 41 of 100" — one run; of several: what is compared.
std::string curves_title(const std::vector<RecordedRun>& runs, const std::vector<Figure>& figures);

// A panel a figure. One run: training solid, validation dashed, the best epoch a line through all. Several: a colour a
// run, named by what differs between their settings, the best epoch of each a dot. Throws as draw_panels.
void draw_curves(const std::vector<RecordedRun>& runs, const std::vector<Figure>& figures, bool log_x,
                 const pictures::PictureFile& file);

// The same in characters, a chart a figure, with the legend below where names would not fit beside the curves.
std::string chart_curves(const std::vector<RecordedRun>& runs, const std::vector<Figure>& figures, std::size_t columns,
                         std::size_t rows, bool colour);

}  // namespace descent
