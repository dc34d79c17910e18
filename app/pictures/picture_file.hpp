// Where a picture goes: a file whose ending says its kind.
#pragma once

#include "app/pictures/script.hpp"

#include <functional>
#include <string>

namespace descent::pictures {

// .svg, .png or .pdf is drawn by gnuplot; .gp is the script that draws the picture as SVG, complete with its
// data. Animations are .gif, or .gp again.
struct PictureFile {
  std::string path;
  int width = 800;  // pixels, 320 to 4000
  int height = 0;   // pixels, 240 to 4000; 0: what suits the picture
};

// Throws Error(usage) when the ending of `file.path` is none that `animated` (or still) pictures have, or the
// size is out of bounds. Needs nothing drawn: commands call it before they start to compute.
void check_picture_file(const PictureFile& file, bool animated = false);

// Composes a script for the format and size of the file, `natural_height` high unless it says otherwise, runs it and
// writes the file: beside it first, then renamed, so that an existing picture is whole until the new one is.
// Throws Error as check_picture_file, run_gnuplot and write_file_atomically do.
void save_picture(const PictureFile& file, int natural_height, const std::function<void(Script&)>& compose);

// The same for an animation: compose(script, k) adds frame k, shown for hundredths[k]/100 seconds. At most 1000
// pixels either way.
void save_animation(const PictureFile& file, int natural_height, const std::vector<int>& hundredths,
                    const std::function<void(Script&, std::size_t)>& compose);

}  // namespace descent::pictures
