// Why a run stopped, in one line for a person.
#pragma once

#include "framework/tensor.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace descent {

// "0.31", "1e+06", "nan": six digits, and no sign on NaN (it differs between machines).
std::string rounded(double x);

// A curvature: "0.31", "∞", "−∞"; "undefined" for NaN.
std::string curvature_text(double x, int digits = 6);

// "rows 12, 5, 88, … 16 rows"; "row 7"; "" for no rows. `names`: what row i is called; empty: i.
std::string rows_text(Terms rows, std::span<const std::uint32_t> names);

// The first number of a run that was not finite, and where it came up.
struct Trouble {
  std::size_t epoch = 0;  // both from 1
  std::size_t step = 0;
  std::string terms;            // "rows 12, 5, 88, … 16 rows", "all 150 rows", or "" when there is no choice
  std::string what;             // "the loss is inf"
  std::string place;            // the objective's explanation, may be empty
  std::optional<double> gamma;  // of the last update; none before the first one
};

// The sentence of a diverged run without its advice, for who has better advice to give.
std::string without_advice(std::string sentence);

// "diverged in epoch 3, step 17 (rows 12, 5, 88, … 16 rows): the loss is inf (…) with step size γ = 1e+06; …"
std::string diverged_text(const Trouble& trouble);

// "reached the epoch budget (100 epochs); the loss was still falling (‖∇L‖ = 0.31)".
// `loss` and `previous` are those of the last two epochs logged; gradient_norm may be NaN.
std::string epoch_budget_text(std::size_t epochs, double previous, double loss, double gradient_norm);

// Where ‖∇L‖ = norm ≤ tolerance; epoch 0 is the start.
std::string gradient_small_text(std::size_t epoch, double norm, double tolerance);

// Where L = loss ≤ target; epoch 0 is the start.
std::string target_reached_text(std::size_t epoch, bool running, double loss, double target);

// Where a line search found no step. `known`: f is at the minimum that the caller stated.
std::string precision_limit_text(std::size_t steps, bool known, double loss, double norm);
std::string no_descent_text(std::size_t steps, double norm);

// Where L left its bound: upwards with step size γ, or downwards.
std::string loss_bound_text(std::size_t epoch, double loss, double start, double gamma);
std::string unbounded_text(std::size_t epoch, double loss);

// Where L changed by at most tolerance · |L| in `count` epochs in a row.
std::string loss_settled_text(std::size_t epoch, std::size_t count, double tolerance, double norm);

}  // namespace descent
