// Whether the data of a run is still what it was.
#pragma once

#include "app/experiment/experiment.hpp"

#include <string>

namespace descent {

// 16 hexadecimal digits over everything that training sees of the data: rows, inputs, targets, names and classes of all
// parts. A change of any one number always shows; no protection against intent.
std::string data_checksum(const Experiment& experiment);

}  // namespace descent
