// The point rolling down, step after step, as an animation.
#pragma once

#include "app/pictures/landscape.hpp"
#include "app/pictures/slope.hpp"

#include <string>
#include <vector>

namespace descent::pictures {

struct Rolling {
  std::vector<double> f, gamma;  // of each step of the path, for the line under the title; either may be shorter
  std::size_t most_frames = 80;  // 2 to 200: a longer path is shown in ever longer strides
  double seconds = 0.25;         // each frame is shown; the first and the last longer
};

// Animations as GIF of at most 1000 pixels either way, and at most `most_frames` frames, without those in which nothing
// moved by a pixel. They end one step after the path has left the box for good, or become no number. A file ending in
// .gp gets the script that draws the frames as frame-000.png, … Throws Error as draw_landscape and draw_slope do.
void animate(const Landscape& landscape, const Rolling& rolling, const PictureFile& file);
void animate(const SlopePicture& picture, const Rolling& rolling, const PictureFile& file);

}  // namespace descent::pictures
