// Where the rules of the libraries in use find the curve of a range test steepest.
//
// fastai's «steep» is the steepest step, without the first tenth of the points and the last five. Lightning and
// torch-lr-finder take the steepest central difference, without the first ten points and the last, or the last five.
#pragma once

#include "trainers/range_test.hpp"

#include <vector>

namespace descent {

// γ of the rules in that order, without those that have no points left.
std::vector<double> steepest_by_rules_in_use(const std::vector<RangePoint>& points);

}  // namespace descent
