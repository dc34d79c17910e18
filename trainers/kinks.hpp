// Points where f has no gradient: kinks, at which ∇f jumps, and jumps of f itself.
#pragma once

#include "framework/objective.hpp"
#include "trainers/box.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace descent {

enum class KinkKind {
  minimum,  // f is nowhere lower where it was looked at close by
  maximum,  // nowhere higher
  neither,
  jump,  // f itself jumps
};
std::string_view to_string(KinkKind kind);

struct Kink {
  std::vector<double> w;  // (n)
  double value = 0;
  KinkKind kind = KinkKind::neither;
  bool isolated = true;  // false: one of a line of such points
};

// What f does around a kink, by its values at w + r d for lengths r from 1e-3 to 1e-6 along the axes, their diagonals
// and 64 directions more. That proves no minimum, but finds out most that are none.
KinkKind look_around(Objective<double>& objective, ConstParams<double> w);

// Whether f is the same at both and halfway (`scale` as for same_value): they lie on a line of kinks.
bool on_one_line(Objective<double>& objective, const Kink& a, const Kink& b, double scale);

// Moves a kink to a round number beside it, of six to eight digits of the box's width, where that is no worse: a search
// comes within about 1e-10 of it across, and 1e-7 along it.
void round_off(Objective<double>& objective, const Box& box, Kink& kink);

// Kinks of f in the box from low to high (n), where f has a local minimum or maximum as far as look_around sees; by
// value. Of one variable: each kink between two of 401 points where f′ has opposite signs. Of more: where gradient
// sampling ends from `starts` points (Burke, Lewis & Overton, SIAM J. Optim. 15, 2005, §2), down and up.
// The box should be about 1 wide along each variable.
std::vector<Kink> find_kinks(Objective<double>& objective, ConstParams<double> low, ConstParams<double> high,
                             std::size_t starts);

}  // namespace descent
