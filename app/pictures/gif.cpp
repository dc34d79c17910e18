#include "app/pictures/gif.hpp"

#include "app/pictures/palette.hpp"
#include "framework/error.hpp"

#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <optional>
#include <utility>

namespace descent::pictures {
namespace {

constexpr int kTransparent = 255;  // the last colour: what was there before stays

ColorMapObject* color_map(const Palette& palette) {
  ColorMapObject* map = GifMakeMapObject(256, nullptr);
  for (std::size_t k = 0; map && k < palette.colours().size(); ++k) {
    const std::uint32_t rgb = palette.colours()[k];
    map->Colors[k] = {static_cast<GifByteType>(rgb >> 16), static_cast<GifByteType>(rgb >> 8 & 255),
                      static_cast<GifByteType>(rgb & 255)};
  }
  return map;
}

// giflib's encoder, writing into a string.
class Encoder {
 public:
  Encoder(int width, int height, const Palette& palette) {
    int reason = 0;
    gif_ = EGifOpen(&bytes_, append, &reason);
    check(gif_ != nullptr);
    EGifSetGifVersion(gif_, true);
    map_ = color_map(palette);
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
void add_frame(Encoder& encoder, Palette& palette, const Bitmap& now, const Bitmap* before, int hundredths) {
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
  Bitmap first = decoded(pngs[0]);
  for (const std::string& png : pngs) palette.count(decoded(png));
  palette.choose(kTransparent);
  Encoder encoder(first.width, first.height, palette);
  std::optional<Bitmap> before;
  for (std::size_t k = 0; k < pngs.size(); ++k) {
    Bitmap now = decoded(pngs[k]);
    if (now.width != first.width || now.height != first.height)
      throw Error(Fault::runtime, "frame {} is {} × {} pixels; expected {} × {} as the first", k, now.width, now.height,
                  first.width, first.height);
    add_frame(encoder, palette, now, before ? &*before : nullptr, hundredths[k]);
    before = std::move(now);
  }
  return encoder.finish();
}

}  // namespace descent::pictures
