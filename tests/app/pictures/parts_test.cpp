// What pictures are made of: steps of a curve, long paths, few colours.
#include "app/pictures/palette.hpp"
#include "app/pictures/slope_parts.hpp"
#include "tests/app/pictures/support.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace descent::pictures {
namespace {

using test::read_text;
using test::TemporaryFolder;

std::vector<double> numbers(std::size_t count) {
  std::vector<double> x(count);
  for (std::size_t k = 0; k < count; ++k) x[k] = static_cast<double>(k);
  return x;
}

std::size_t breaks(const std::vector<double>& y) {
  std::size_t found = 0;
  for (const Point& p : joined(numbers(y.size()), y)) found += std::isnan(p.x);
  return found;
}

TEST(PicturesCurve, BreaksWhereItJumps) {
  EXPECT_EQ(breaks({-1, -1, -1, -1, 1, 1, 1, 1}), 1u) << "a kink's slope";
  EXPECT_EQ(breaks({-1, -1, -1, 0, 1, 1, 1, 1}), 1u) << "with a sample right on it";
  EXPECT_EQ(breaks({0, 0, 0, 1, 1, 1, 2, 2, 2}), 2u) << "floor";
  EXPECT_EQ(breaks({-1, -2, -9, 9, 2, 1, 0.5, 0.2, 0.1, 0.1}), 1u) << "a pole";
}

TEST(PicturesCurve, IsWholeWhereItIsOnlySteep) {
  EXPECT_EQ(breaks({0, 1, 2, 3, 4, 5, 6, 7}), 0u);
  EXPECT_EQ(breaks({-1, -1, -0.9, -0.5, 0, 0.5, 0.9, 1, 1}), 0u);
  EXPECT_EQ(breaks({4, 1, 0, 1, 4}), 0u);
  EXPECT_EQ(breaks({3, 3, 3, 3}), 0u);
}

const Panel kPanel{{0, 0, 700, 400}, {"x", {-2, 2}}, {"f", {0, 2}}};

TEST(PicturesSteps, ToAndFroLieBesideEachOtherAndOnlyOnce) {
  std::vector<SlopePicture::Step> path;
  for (int k = 0; k < 50; ++k) path.push_back({k % 2 ? -1.0 : 0.5, k % 2 ? 1.0 : 0.5, 1});
  const DrawnSteps steps = drawn_steps(path, kPanel);
  ASSERT_EQ(steps.arrows.size(), 2u);
  EXPECT_TRUE(steps.arrows[0].rose);
  EXPECT_FALSE(steps.arrows[1].rose);
  const Point a = kPanel.pixel(steps.arrows[0].from), b = kPanel.pixel(steps.arrows[1].to);
  EXPECT_NEAR(std::hypot(a.x - b.x, a.y - b.y), 6, 0.1) << "the same end, but three pixels to each side";
  EXPECT_EQ(steps.shown, 50u);
}

TEST(PicturesSteps, InOneDirectionLieWhereTheyAre) {
  const std::vector<SlopePicture::Step> path = {{2, 2, 1}, {1, 1, 1}, {0.5, 0.5, 1}};
  const DrawnSteps steps = drawn_steps(path, kPanel);
  ASSERT_EQ(steps.arrows.size(), 2u);
  EXPECT_EQ(steps.arrows[1].from.x, 1);
  EXPECT_EQ(steps.arrows[1].to.x, 0.5);
}

TEST(PicturesSteps, TooShortToSeeAreNotInTheLegend) {
  const TemporaryFolder folder;
  SlopePicture picture = slope_of([](double x) { return x * x; }, {-4, 4}, 3, 0.3, 20);
  picture.path.push_back({picture.path.back().x, picture.path.back().f + 1e-9, 0});  // what rounding does
  draw_slope(picture, {folder.file("a.gp")});
  EXPECT_EQ(read_text(folder.file("a.gp")).find("f rose"), std::string::npos);
}

TEST(PicturesPath, GoesOnAsAHairlineWhereItWouldFillThePicture) {
  const TemporaryFolder folder;
  const auto hairline = [&](std::size_t steps) {
    std::vector<Point> path;
    for (std::size_t k = 0; k < steps; ++k) path.push_back({k % 2 ? 3.0 : -3.0, 0.01 * static_cast<double>(k % 97)});
    draw_landscape(landscape_of(quadratic, {-4, 4}, {-4, 4}, path), {folder.file("a.gp")});
    return read_text(folder.file("a.gp")).find("lw 0.6 ") != std::string::npos;
  };
  EXPECT_FALSE(hairline(4));
  EXPECT_TRUE(hairline(400));
}

TEST(PicturesPath, HasNoCrowdOfArrowsAtTheEdge) {
  const TemporaryFolder folder;
  std::vector<Point> path;
  for (int k = 0; k < 100; ++k) path.push_back({1e-3 * k, k % 2 ? 9.0 : -9.0});
  draw_landscape(landscape_of(quadratic, {-4, 4}, {-4, 4}, path), {folder.file("a.svg")});
  draw_landscape(landscape_of(quadratic, {-4, 4}, {-4, 4}, path), {folder.file("a.gp")});
  const std::string script = read_text(folder.file("a.gp"));
  const std::size_t heads = script.find("head filled size screen 0.015");
  ASSERT_NE(heads, std::string::npos);
  const std::size_t name = script.rfind('$', heads),
                    data = script.find(script.substr(name, script.find(' ', name) - name) + " << END");
  const std::string rows = script.substr(data, script.find("\nEND", data) - data);
  EXPECT_LE(count(rows, "\n"), 4u) << "two at each edge at most";
}

// A PNG whose pixels are 0xRRGGBB.
std::string encoded(int width, const std::vector<std::uint32_t>& rgb) {
  std::vector<png_byte> bytes;
  for (const std::uint32_t pixel : rgb)
    for (const int shift : {16, 8, 0}) bytes.push_back(static_cast<png_byte>(pixel >> shift & 255));
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(rgb.size()) / image.width;
  image.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string result(size, '\0');
  EXPECT_NE(png_image_write_to_memory(&image, result.data(), &size, 0, bytes.data(), 0, nullptr), 0);
  result.resize(size);
  return result;
}

TEST(PicturesPalette, HasFewColoursAndKeepsThoseOfAreas) {
  constexpr std::uint32_t kBand = 0xE5EDEB, kNext = 0xEAF0EB;  // neighbours that a coarse palette would make one
  std::vector<std::uint32_t> rgb(5000, kBand);
  rgb.resize(10000, kNext);
  for (std::uint32_t k = 0; k < 1000; ++k) rgb.push_back(k * 0x010307 % 0xFFFFFF);
  const Bitmap bitmap = decoded(with_palette(encoded(100, rgb)));
  EXPECT_LE(std::set(bitmap.rgb.begin(), bitmap.rgb.end()).size(), 256u);
  EXPECT_EQ(bitmap.width, 100);
  EXPECT_EQ(bitmap.rgb[0], kBand);
  EXPECT_EQ(bitmap.rgb[9999], kNext);
}

TEST(PicturesPalette, ChangesNothingWhereColoursAreFew) {
  const TemporaryFolder folder;
  draw_curves({.title = "One", .y_label = "L", .series = {{"a", {0, 1}, {0, 1}}}, .best = {}}, {folder.file("a.png")});
  const std::string once = read_text(folder.file("a.png"));
  EXPECT_EQ(decoded(with_palette(once)).rgb, decoded(once).rgb);
  EXPECT_THROW(with_palette("no picture"), Error);
}

TEST(PicturesAnimation, LeavesOutFramesInWhichNothingMoves) {
  const TemporaryFolder folder;
  animate(landscape_of(quadratic, {-4, 4}, {-4, 4}, descend(quadratic, {3, -2}, 0.3, 60)), {.f = {}, .gamma = {}},
          {folder.file("a.gif"), 400});
  const int frames = read_gif(folder.file("a.gif")).frames;
  EXPECT_GT(frames, 10);
  EXPECT_LT(frames, 25) << "0.3·10^-7 of a pixel is no motion";
}

}  // namespace
}  // namespace descent::pictures
