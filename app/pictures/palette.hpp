// Pictures with few colours: what a GIF must have, and what makes a PNG a third as large.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace descent::pictures {

struct Bitmap {
  int width = 0, height = 0;
  std::vector<std::uint32_t> rgb;  // 0xRRGGBB, row by row from the top
};

// The pixels of a PNG picture, on white. Throws Error(runtime) when it is none.
Bitmap decoded(const std::string& png);

// The most frequent colours of some pictures that can be told apart, and for each colour the nearest of them.
class Palette {
 public:
  void count(const Bitmap& bitmap);
  // After all have been counted: at most so many colours.
  void choose(std::size_t most);
  const std::vector<std::uint32_t>& colours() const { return colours_; }
  // The index of the colour nearest to `rgb`.
  int nearest(std::uint32_t rgb);

 private:
  std::unordered_map<std::uint32_t, std::size_t> counts_;
  std::unordered_map<std::uint32_t, int> nearest_;
  std::vector<std::uint32_t> colours_;
};

// The same picture as a PNG of at most 256 colours. Throws Error(runtime) when `png` is none.
std::string with_palette(const std::string& png);

}  // namespace descent::pictures
