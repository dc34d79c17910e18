#include "trainers/check_options.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"

#include <cmath>
#include <utility>

namespace descent {

template <class Real>
void check_options(const Options<Real>& options, std::size_t n, const Objective<Real>& objective, bool full_batch) {
  const std::size_t dimension = objective.dimension(), terms = objective.terms();
  if (n != dimension) throw Error(Fault::usage, "w has {} numbers, but the objective has dimension {}", n, dimension);
  if (!(options.gradient_tolerance >= 0))
    throw Error(Fault::usage, "gradient_tolerance = {} must be in [0, inf)", shortest(options.gradient_tolerance));
  for (const auto& [name, value] : {std::pair{"relative_gradient_tolerance", options.relative_gradient_tolerance},
                                    std::pair{"loss_tolerance", options.loss_tolerance}})
    if (!(value >= 0 && value < 1)) throw Error(Fault::usage, "{} = {} must be in [0, 1)", name, shortest(value));
  if (!(options.loss_bound > 0))
    throw Error(Fault::usage, "loss_bound = {} must be in (0, inf]", shortest(options.loss_bound));
  if (!(options.seconds >= 0)) throw Error(Fault::usage, "seconds = {} must be in [0, inf]", shortest(options.seconds));
  if (!(options.seconds_before >= 0))
    throw Error(Fault::usage, "seconds_before = {} must be in [0, inf]", shortest(options.seconds_before));
  if (std::isnan(options.loss_target)) throw Error(Fault::usage, "loss_target must be a number, got nan");
  const bool knows_norm = options.loss_log == LossLog::exact && options.log_gradient_norm;
  if (!options.term_names.empty() && options.term_names.size() != terms)
    throw Error(Fault::usage, "term_names has {} entries for {} terms", options.term_names.size(), terms);
  for (const auto& [name, value] : {std::pair{"gradient_tolerance", options.gradient_tolerance},
                                    std::pair{"relative_gradient_tolerance", options.relative_gradient_tolerance}})
    if (value > 0 && !full_batch && !knows_norm)
      throw Error(Fault::usage,
                  "{} = {} with mini-batches needs the norm of the whole gradient: use the exact loss log "
                  "with log_gradient_norm, or a full batch",
                  name, shortest(value));
}

template <class Real>
void check_methods(const Objective<Real>& objective, const Direction<Real>& direction,
                   const StepSize<Real>& step_size) {
  if (objective.has_hessian()) return;
  if (direction.needs_hessian())
    throw Error(
        Fault::usage,
        "{} needs second derivatives, which this objective does not have; use lbfgs, which needs gradients only",
        direction.name());
  if (step_size.needs_hessian())
    throw Error(
        Fault::usage,
        "this step size needs second derivatives, which this objective does not have; use wolfe or armijo, which "
        "need gradients only");
}

template void check_options(const Options<float>&, std::size_t, const Objective<float>&, bool);
template void check_options(const Options<double>&, std::size_t, const Objective<double>&, bool);
template void check_methods(const Objective<float>&, const Direction<float>&, const StepSize<float>&);
template void check_methods(const Objective<double>&, const Direction<double>&, const StepSize<double>&);

}  // namespace descent
