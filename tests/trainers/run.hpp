// One call for a minimisation in a test.
#pragma once

#include "trainers/minimize.hpp"

#include <string>
#include <type_traits>
#include <vector>

namespace descent::support {

// How to go: a row of directions() and a schedule. The default is w ← w − γ∇L with a constant γ.
struct Method {
  std::string direction = "steepest";
  ScheduleOptions schedule;
  DirectionOptions constants;
};

inline Method steepest(double gamma) {
  Method method;
  method.schedule.learning_rate = gamma;
  return method;
}

inline Method momentum(double gamma) {
  Method method = steepest(gamma);
  method.direction = "momentum";
  return method;
}

template <class Real>
Report descend(Objective<Real>& objective, std::vector<Real>& w, const Method& method,
               const std::type_identity_t<Options<Real>>& options, const std::vector<Observer<Real>*>& observers = {}) {
  const auto direction = make_direction<Real>(method.direction, method.constants);
  const auto step_size = make_schedule<Real>(method.schedule);
  return minimize<Real>(objective, w, *direction, *step_size, options, observers);
}

}  // namespace descent::support
