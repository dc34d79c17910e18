#include "app/pictures/picture_file.hpp"

#include "app/pictures/gif.hpp"
#include "app/pictures/gnuplot.hpp"
#include "app/pictures/palette.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>

namespace descent::pictures {
namespace {

struct Ending {
  std::string_view ending;
  std::optional<Format> format;  // none: the script itself
  bool still, animated;
};

constexpr Ending kEndings[] = {
    {".svg", Format::svg, true, false}, {".png", Format::png, true, false}, {".pdf", Format::pdf, true, false},
    {".gif", Format::gif, false, true}, {".gp", std::nullopt, true, true},
};

std::string lower_extension(const std::string& path) {
  std::string ending = std::filesystem::path(path).extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending;
}

constexpr std::string_view kHeading = "# A picture by descent; gnuplot 5.2 or later draws it.\n";
constexpr int kMostStill = 4000, kMostAnimated = 1000;  // pixels

std::string purpose(const PictureFile& file) { return fmt::format("cannot draw '{}'", printable(file.path, 400)); }

const Ending* find_ending(const std::string& path, bool animated) {
  for (const Ending& row : kEndings)
    if (row.ending == lower_extension(path) && (animated ? row.animated : row.still)) return &row;
  return nullptr;
}

void check_size(std::string_view name, int size, int least, bool animated) {
  const int most = animated ? kMostAnimated : kMostStill;
  if (size < least || size > most)
    throw Error(Fault::usage, "{}'s {} of {} pixels; expected {} to {}", animated ? "an animation" : "a picture", name,
                size, least, most);
}

// The name that a script gives its picture: the script's own, unless it cannot stand in a script.
std::string picture_of_script(const std::string& path) {
  std::string name = std::filesystem::path(path).stem().string();
  const bool plain = std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  return (plain && !name.empty() && name[0] != '\'' ? name : "picture") + ".svg";
}

}  // namespace

void check_picture_file(const PictureFile& file, bool animated) {
  if (!find_ending(file.path, animated)) {
    std::string known;
    for (const Ending& row : kEndings)
      if (animated ? row.animated : row.still) known += fmt::format("{}{}", known.empty() ? "" : ", ", row.ending);
    throw Error(Fault::usage, "'{}': the ending of {} says its kind; expected one of {}", printable(file.path, 400),
                animated ? "an animation" : "a picture", known);
  }
  check_size("width", file.width, 320, animated);
  if (file.height != 0) check_size("height", file.height, 240, animated);
}

void save_picture(const PictureFile& file, int natural_height, const std::function<void(Script&)>& compose) {
  check_picture_file(file);
  const Ending& row = *find_ending(file.path, false);
  Script script(row.format.value_or(Format::svg), file.width, file.height != 0 ? file.height : natural_height);
  compose(script);
  if (!row.format) {
    write_file_atomically(file.path, std::string(kHeading) + script.complete(picture_of_script(file.path)));
    return;
  }
  const std::string output = "picture" + std::string(row.ending);
  const std::string drawn = run_gnuplot(script.complete(output), std::vector{output}, purpose(file))[0];
  write_file_atomically(file.path, row.format == Format::png ? with_palette(drawn) : drawn);
}

void save_animation(const PictureFile& file, int natural_height, const std::vector<int>& hundredths,
                    const std::function<void(Script&, std::size_t)>& compose) {
  check_picture_file(file, true);
  const Ending& row = *find_ending(file.path, true);
  const int height = std::min(file.height != 0 ? file.height : natural_height, kMostAnimated);
  Script script(Format::gif, file.width, height);
  std::vector<std::string> frames;
  for (std::size_t k = 0; k < hundredths.size(); ++k) {
    frames.push_back(fmt::format("frame-{:03}.png", k));
    if (k > 0) script.next_frame(frames.back());
    compose(script, k);
  }
  if (!row.format) {
    write_file_atomically(file.path, std::string(kHeading) + script.complete(frames[0]));
    return;
  }
  write_file_atomically(file.path,
                        animated_gif(run_gnuplot(script.complete(frames[0]), frames, purpose(file)), hundredths));
}

}  // namespace descent::pictures
