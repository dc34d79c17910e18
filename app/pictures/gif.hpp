// Pictures after each other in a GIF that starts again at its end.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace descent::pictures {

// Encodes PNG pictures of one size. All share 255 colours, the most frequent ones that can be told apart; a frame holds
// only the rectangle that changed. `hundredths`: how long each is shown, in 1/100 s. Throws Error(runtime) when a
// picture is no PNG or of another size.
std::string animated_gif(std::span<const std::string> pngs, std::span<const int> hundredths);

}  // namespace descent::pictures
