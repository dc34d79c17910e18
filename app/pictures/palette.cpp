#include "app/pictures/palette.hpp"

#include "framework/error.hpp"

#include <png.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace descent::pictures {
namespace {

int squared_distance(std::uint32_t a, std::uint32_t b) {
  int sum = 0;
  for (const int shift : {0, 8, 16}) {
    const int d = static_cast<int>(a >> shift & 255) - static_cast<int>(b >> shift & 255);
    sum += d * d;
  }
  return sum;
}

}  // namespace

Bitmap decoded(const std::string& png) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&image, png.data(), png.size()))
    throw Error(Fault::runtime, "what gnuplot drew is no PNG picture: {}", image.message);
  image.format = PNG_FORMAT_RGB;
  std::vector<png_byte> bytes(PNG_IMAGE_SIZE(image));
  const png_color white{255, 255, 255};
  if (!png_image_finish_read(&image, &white, bytes.data(), 0, nullptr))
    throw Error(Fault::runtime, "what gnuplot drew is a broken PNG picture: {}", image.message);
  Bitmap bitmap{static_cast<int>(image.width), static_cast<int>(image.height), {}};
  for (std::size_t k = 0; k + 2 < bytes.size(); k += 3)
    bitmap.rgb.push_back(static_cast<std::uint32_t>(bytes[k] << 16 | bytes[k + 1] << 8 | bytes[k + 2]));
  return bitmap;
}

void Palette::count(const Bitmap& bitmap) {
  for (const std::uint32_t rgb : bitmap.rgb) ++counts_[rgb];
}

void Palette::choose(std::size_t most) {
  std::vector<std::pair<std::size_t, std::uint32_t>> frequent;
  for (const auto& [rgb, count] : counts_) frequent.emplace_back(count, rgb);
  std::ranges::sort(frequent, std::greater<>());
  // What fills an area keeps its colour.
  std::size_t pixels = 0;
  for (const auto& [count, rgb] : frequent) pixels += count;
  for (const auto& [count, rgb] : frequent)
    if (count * 500 >= pixels && colours_.size() < most / 2) colours_.push_back(rgb);
  for (const int apart : {300, 60, 0})  // squared distances: the rest of the room goes to ever finer shades
    for (const auto& [count, rgb] : frequent) {
      if (colours_.size() == most) return;
      const bool near =
          std::ranges::any_of(colours_, [&, rgb = rgb](auto c) { return squared_distance(c, rgb) <= apart; });
      if (!near) colours_.push_back(rgb);
    }
}

int Palette::nearest(std::uint32_t rgb) {
  const auto [entry, fresh] = nearest_.try_emplace(rgb, 0);
  if (fresh)
    entry->second = static_cast<int>(
        std::ranges::min_element(colours_, {}, [&](auto c) { return squared_distance(c, rgb); }) - colours_.begin());
  return entry->second;
}

std::string with_palette(const std::string& png) {
  const Bitmap bitmap = decoded(png);
  Palette palette;
  palette.count(bitmap);
  palette.choose(256);
  std::vector<png_byte> index, map;
  for (const std::uint32_t rgb : bitmap.rgb) index.push_back(static_cast<png_byte>(palette.nearest(rgb)));
  for (const std::uint32_t rgb : palette.colours())
    for (const int shift : {16, 8, 0}) map.push_back(static_cast<png_byte>(rgb >> shift & 255));
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(bitmap.width);
  image.height = static_cast<png_uint_32>(bitmap.height);
  image.format = PNG_FORMAT_RGB_COLORMAP;
  image.colormap_entries = static_cast<png_uint_32>(palette.colours().size());
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string result(size, '\0');
  if (!png_image_write_to_memory(&image, result.data(), &size, 0, index.data(), 0, map.data()))
    throw Error(Fault::runtime, "cannot encode the picture as PNG: {}", image.message);
  result.resize(size);
  return result;
}

}  // namespace descent::pictures
