#include "app/pictures/gif.hpp"

#include "framework/error.hpp"

#include <gif_lib.h>
#include <png.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace descent::pictures {
namespace {

constexpr int kTransparent = 255;  // the last colour: what was there before stays
constexpr int kColours = 256;

struct Pixels {
  int width = 0, height = 0;
  std::vector<std::uint32_t> rgb;  // 0xRRGGBB, row by row from the top
};

Pixels decoded(const std::string& png) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&image, png.data(), png.size()))
    throw Error(Fault::runtime, "a frame is no PNG picture: {}", image.message);
  image.format = PNG_FORMAT_RGB;
  std::vector<png_byte> bytes(PNG_IMAGE_SIZE(image));
  const png_color white{255, 255, 255};
  if (!png_image_finish_read(&image, &white, bytes.data(), 0, nullptr))
    throw Error(Fault::runtime, "a frame is a broken PNG picture: {}", image.message);
  Pixels pixels{static_cast<int>(image.width), static_cast<int>(image.height), {}};
  for (std::size_t k = 0; k + 2 < bytes.size(); k += 3)
    pixels.rgb.push_back(static_cast<std::uint32_t>(bytes[k] << 16 | bytes[k + 1] << 8 | bytes[k + 2]));
  return pixels;
}

int squared_distance(std::uint32_t a, std::uint32_t b) {
  int sum = 0;
  for (const int shift : {0, 8, 16}) {
    const int d = static_cast<int>(a >> shift & 255) - static_cast<int>(b >> shift & 255);
    sum += d * d;
  }
  return sum;
}

// The colours of all frames, and for each colour the nearest of them.
class Palette {
 public:
  void count(const Pixels& pixels) {
    for (const std::uint32_t rgb : pixels.rgb) ++counts_[rgb];
  }

  void choose() {
    std::vector<std::pair<std::size_t, std::uint32_t>> frequent;
    for (const auto& [rgb, count] : counts_) frequent.emplace_back(count, rgb);
    std::ranges::sort(frequent, std::greater<>());
    for (const int apart : {300, 60, 0})  // squared distances: the rest of the room goes to ever finer shades
      for (const auto& [count, rgb] : frequent) {
        if (colours_.size() == kTransparent) return;
        const bool near =
            std::ranges::any_of(colours_, [&, rgb = rgb](auto c) { return squared_distance(c, rgb) <= apart; });
        if (!near) colours_.push_back(rgb);
      }
  }

  int nearest(std::uint32_t rgb) {
    const auto [entry, fresh] = nearest_.try_emplace(rgb, 0);
    if (fresh)
      entry->second = static_cast<int>(
          std::ranges::min_element(colours_, {}, [&](auto c) { return squared_distance(c, rgb); }) - colours_.begin());
    return entry->second;
  }

  ColorMapObject* map() const {
    ColorMapObject* map = GifMakeMapObject(kColours, nullptr);
    for (std::size_t k = 0; map && k < colours_.size(); ++k)
      map->Colors[k] = {static_cast<GifByteType>(colours_[k] >> 16), static_cast<GifByteType>(colours_[k] >> 8 & 255),
                        static_cast<GifByteType>(colours_[k] & 255)};
    return map;
  }

 private:
  std::unordered_map<std::uint32_t, std::size_t> counts_;
  std::unordered_map<std::uint32_t, int> nearest_;
  std::vector<std::uint32_t> colours_;
};

// giflib's encoder, writing into a string.
class Encoder {
 public:
  Encoder(int width, int height, const Palette& palette) {
    int reason = 0;
    gif_ = EGifOpen(&bytes_, append, &reason);
    check(gif_ != nullptr);
    EGifSetGifVersion(gif_, true);
    map_ = palette.map();
    check(map_ && EGifPutScreenDesc(gif_, width, height, 8, 0, map_) == GIF_OK);
    // Starts again without end: the extension of Netscape 2.0, sub-block 1, count 0.
    constexpr std::string_view kApplication = "NETSCAPE2.0";
    constexpr std::array<GifByteType, 3> kForever = {1, 0, 0};
    check(EGifPutExtensionLeader(gif_, APPLICATION_EXT_FUNC_CODE) == GIF_OK &&
          EGifPutExtensionBlock(gif_, kApplication.size(), kApplication.data()) == GIF_OK &&
          EGifPutExtensionBlock(gif_, kForever.size(), kForever.data()) == GIF_OK &&
          EGifPutExtensionTrailer(gif_) == GIF_OK);
  }
  ~Encoder() {
    if (gif_) close();
    GifFreeMapObject(map_);
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  // `index`: colours of a rectangle, row by row.
  void frame(int left, int top, int width, int height, std::vector<GifByteType>& index, int hundredths) {
    const GraphicsControlBlock control{DISPOSE_DO_NOT, false, hundredths, kTransparent};
    std::array<GifByteType, 4> extension{};
    EGifGCBToExtension(&control, extension.data());
    check(EGifPutExtension(gif_, GRAPHICS_EXT_FUNC_CODE, extension.size(), extension.data()) == GIF_OK &&
          EGifPutImageDesc(gif_, left, top, width, height, false, nullptr) == GIF_OK);
    for (int row = 0; row < height; ++row)
      check(EGifPutLine(gif_, index.data() + static_cast<std::size_t>(row) * width, width) == GIF_OK);
  }

  std::string finish() {
    check(close());
    return bytes_;
  }

 private:
  static int append(GifFileType* gif, const GifByteType* bytes, int count) {
    static_cast<std::string*>(gif->UserData)
        ->append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
    return count;
  }
  static void check(bool good) {
    if (!good) throw Error(Fault::runtime, "cannot encode the animation as GIF: out of memory");
  }
  bool close() {
    int reason = 0;
    return EGifCloseFile(std::exchange(gif_, nullptr), &reason) == GIF_OK;
  }

  std::string bytes_;
  GifFileType* gif_ = nullptr;
  ColorMapObject* map_ = nullptr;
};

// Adds what changed since the frame before.
void add_frame(Encoder& encoder, Palette& palette, const Pixels& now, const Pixels* before, int hundredths) {
  int left = now.width, top = now.height, right = -1, bottom = -1;
  for (int y = 0; y < now.height; ++y)
    for (int x = 0; x < now.width; ++x) {
      const std::size_t at = static_cast<std::size_t>(y) * now.width + x;
      if (before && before->rgb[at] == now.rgb[at]) continue;
      left = std::min(left, x), right = std::max(right, x), top = std::min(top, y), bottom = std::max(bottom, y);
    }
  if (right < 0) left = top = right = bottom = 0;
  std::vector<GifByteType> index;
  for (int y = top; y <= bottom; ++y)
    for (int x = left; x <= right; ++x) {
      const std::size_t at = static_cast<std::size_t>(y) * now.width + x;
      const bool same = before && before->rgb[at] == now.rgb[at];
      index.push_back(static_cast<GifByteType>(same ? kTransparent : palette.nearest(now.rgb[at])));
    }
  encoder.frame(left, top, right - left + 1, bottom - top + 1, index, hundredths);
}

}  // namespace

std::string animated_gif(std::span<const std::string> pngs, std::span<const int> hundredths) {
  assert(!pngs.empty() && pngs.size() == hundredths.size());
  Palette palette;
  Pixels first = decoded(pngs[0]);
  for (const std::string& png : pngs) palette.count(decoded(png));
  palette.choose();
  Encoder encoder(first.width, first.height, palette);
  std::optional<Pixels> before;
  for (std::size_t k = 0; k < pngs.size(); ++k) {
    Pixels now = decoded(pngs[k]);
    if (now.width != first.width || now.height != first.height)
      throw Error(Fault::runtime, "frame {} is {} × {} pixels; expected {} × {} as the first", k, now.width, now.height,
                  first.width, first.height);
    add_frame(encoder, palette, now, before ? &*before : nullptr, hundredths[k]);
    before = std::move(now);
  }
  return encoder.finish();
}

}  // namespace descent::pictures
