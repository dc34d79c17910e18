// Where f or its gradient jumps, as seen from points close by.
#pragma once

#include "framework/objective.hpp"

namespace descent {

// Whether ∇f jumps within 1e-7 of w by an amount that does not shrink with the distance. `size`: over which f may
// change, where w is nearer to 0 than that; max(size, |wᵢ|) is the measure along axis i.
bool gradient_jumps(Objective<double>& objective, ConstParams<double> w, double size = 1);

// Whether f jumps within 1e-7 of w along an axis: values on one side differ among each other by less than a sixteenth
// of what they differ by from those on the other side, or from f(w). A pole is no jump: f comes to no value there.
bool value_jumps(Objective<double>& objective, ConstParams<double> w, double size = 1);

// Whether f or ∇f jumps, or is not finite, within `distance` of w or 1e-5 of its size: of ways through w along the
// first axes and askew to all, halved again and again to where f and ∇f change more, one on which their change does not
// shrink.
bool jumps_within(Objective<double>& objective, ConstParams<double> w, double distance);

// Whether f or ∇f jumps just at w, however little, or is not finite on some side of it: for a point where a part of f
// is known to have a kink. Along the first axes and askew to all, what ∇f differs by on both sides, without what goes
// like the distance, is the same at 1e-8 of the size of w and at 1e-10.
bool jumps_at(Objective<double>& objective, ConstParams<double> w);

}  // namespace descent
