// Products of one instruction set, and whether they are what the definition gives.
#pragma once

#include "framework/kernels/products.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/random.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace descent::test {

template <class Real>
std::vector<Real> random_numbers(std::size_t count, Rng& rng) {
  std::vector<Real> numbers(count);
  for (Real& x : numbers) x = static_cast<Real>(rng.uniform(-1, 1));
  return numbers;
}

// A product of one variant with operands whose rows lie `gap` numbers apart.
template <class Real>
struct Trial {
  std::size_t m, n, k, gap;
  using Form = typename kernels::Product<Real>::Form;
  Form form;
  std::vector<Real> a, b, c, start, w, scratch;
  kernels::ProductCall<Real> call = {};

  Trial(std::size_t rows, std::size_t cols, std::size_t terms, Form f, std::size_t g, Rng& rng)
      : m(rows), n(cols), k(terms), gap(g), form(f) {
    const bool t = form == Form::transposed, right_t = form == Form::right_transposed;
    const std::size_t a_rows = t ? k : m, a_cols = t ? m : k, b_rows = right_t ? n : k, b_cols = right_t ? k : n;
    a = random_numbers<Real>(a_rows * (a_cols + gap), rng);
    b = random_numbers<Real>(b_rows * (b_cols + gap), rng);
    c = random_numbers<Real>(m * (n + gap), rng);
    w = random_numbers<Real>(m * (n + gap), rng);
    start = random_numbers<Real>(n, rng);
    call = {m, n, k, t, a.data(), a_cols + gap, b.data(), b_cols + gap, c.data(), n + gap};
    call.right_transposed = right_t;
    scratch.resize(kernels::product_scratch<Real>(m, n, k, t));
    call.scratch = scratch.data();
  }
  Real left(std::size_t i, std::size_t l) const {
    return form == Form::transposed ? a[l * (m + gap) + i] : a[i * (k + gap) + l];
  }
  Real right(std::size_t l, std::size_t j) const {
    return form == Form::right_transposed ? b[j * (k + gap) + l] : b[l * (n + gap) + j];
  }
  // Whether c(i, j) is begin + Σ to within (k + 1) ε Σ|·|, for all of c; and no gap was written.
  std::string differs(const std::vector<Real>& before, auto begin) const {
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        double sum = begin(i, j), sizes = std::abs(sum);
        for (std::size_t l = 0; l < k; ++l) {
          const double term = static_cast<double>(left(i, l)) * right(l, j);
          sum += term;
          sizes += std::abs(term);
        }
        const double bound = static_cast<double>(k + 1) * std::numeric_limits<Real>::epsilon() * sizes;
        if (!(std::abs(c[i * (n + gap) + j] - sum) <= bound))
          return fmt::format("({}, {}) of {} x {} x {}, form {}, gap {}", i, j, m, n, k, static_cast<int>(form), gap);
      }
      for (std::size_t j = n; j < n + gap; ++j)
        if (c[i * (n + gap) + j] != before[i * (n + gap) + j]) return "wrote between the rows";
    }
    return {};
  }
};

template <class Real>
std::string all_ways(const kernels::SimdKernels<Real>& simd, Trial<Real> trial) {
  simd.plan_product(trial.call);
  const std::vector<Real> before = trial.c;
  const auto run = [&](auto begin) {
    simd.product(trial.call);
    std::string wrong = trial.differs(before, begin);
    trial.c = before;
    trial.call.c = trial.c.data();
    return wrong;
  };
  trial.call.c = trial.c.data();
  trial.call.a = trial.a.data();
  trial.call.b = trial.b.data();
  if (auto wrong = run([](auto, auto) { return 0.0; }); !wrong.empty()) return "plain " + wrong;
  trial.call.start = trial.start.data();
  if (auto wrong = run([&](auto, std::size_t j) { return double(trial.start[j]); }); !wrong.empty())
    return "begun " + wrong;
  trial.call.start = nullptr;
  trial.call.adds = true;
  if (auto wrong = run([&](std::size_t i, std::size_t j) { return double(before[i * trial.call.c_stride + j]); });
      !wrong.empty())
    return "added " + wrong;
  return {};
}

}  // namespace descent::test
