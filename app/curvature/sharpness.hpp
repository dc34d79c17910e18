// λmax of the Hessian in the log of a training: how sharp the landscape is, and how near γ is to what it stands.
#pragma once

#include "app/console/terminal.hpp"
#include "app/curvature/curvature_objective.hpp"
#include "trainers/report.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

// γ·λmax beyond which a method diverges on a quadratic: 2 for steepest descent, 2 (1 + μ) for momentum μ, and
// 2 (1 + μ) / (1 + 2 μ) for Nesterov's. None for methods that rescale the gradient: λmax says nothing about them.
std::optional<double> stable_product(std::string_view optimizer, double momentum);

// Off unless log.sharpness_every > 0; then two figures with each epoch, NaN in epochs between measurements:
//   sharpness           λmax of the whole L at the end of the epoch
//   lr_times_sharpness  γ λmax B/N: what meets the limit. A batch of B rows holds B/N of L, and so of its curvature, on
//                       average; a full batch has B = N.
// A function of the weights alone, so that a resumed run logs the same. Cohen et al., "Gradient descent on neural
// networks typically occurs at the edge of stability", ICLR 2021, for what to expect.
class Sharpness {
 public:
  // Copies the training rows in float64 where it is on.
  Sharpness(const Experiment& experiment, Log& log);

  std::vector<std::string> columns() const;  // the two names, or none

  // The record with both figures appended; the record itself where this is off. Valid until the next call.
  template <class Real>
  const EpochRecord& measured(const EpochRecord& record, ConstParams<Real> w);

  // After the line of an epoch: says once that the product crossed the limit.
  void warn();

 private:
  double first_gamma() const;  // before the first step; NaN where a warm-up starts at 0

  const Config& config_;
  Log& log_;
  std::unique_ptr<CurvatureObjective> curvature_;  // null: off
  EpochRecord record_;
  bool warned_ = false;
};

}  // namespace descent
