// Derivatives as formulas.
#pragma once

#include "framework/formula/expression.hpp"

#include <cstddef>
#include <cstdint>

namespace descent::formula {

// Nodes of all the derivatives somebody asks for at once; beyond it nobody reads them.
constexpr std::size_t kMostDerivativeNodes = 200'000;

// ∂u/∂x_variable, in Style::tidy: true wherever u has a derivative. Kinks have the values that the table
// in functions.cpp gives them. `budget` counts the nodes still allowed and is lowered by those of the result;
// throws Error(usage) when it does not suffice. Evaluating derivatives with a Tape needs no such formulas.
Expr differentiate(const Expr& u, std::uint32_t variable, std::size_t& budget);

}  // namespace descent::formula
