// What a tuning found, as a picture: loss against γ.
#pragma once

#include "app/tuning/tuning.hpp"

#include <string>

namespace descent {

// The trials of the sweep, or the range test where there was none; nothing where neither has figures that differ.
// A colour is a change of other settings, of the six best where there are more, and a dashed curve is of trials that
// were cut. Of a config as it stands a colour is how far its trials went. Throws as save_picture does.
void draw_tuning(const Tuning& tuning, const std::string& path);

}  // namespace descent
