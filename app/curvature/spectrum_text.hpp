// The spread of a Hessian's eigenvalues for people and for programs.
#pragma once

#include "trainers/spectral_density.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace descent {

// The trace, and a table of how many eigenvalues lie in each decade on either side of 0, with bars; 80 columns.
std::string describe(const SpectralDensity& spectrum);

// {"exact", "trace", "trace_error", "values": […], "counts": […]}
nlohmann::ordered_json to_json(const SpectralDensity& spectrum);

}  // namespace descent
