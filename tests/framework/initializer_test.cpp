#include "framework/initializer.hpp"

#include "framework/dense.hpp"
#include "framework/error.hpp"
#include "tests/support/blas_threads.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace descent {
namespace {

Matrix<double> filled(std::string_view name, std::size_t in, std::size_t out, double scale = 1,
                      std::uint64_t seed = 1) {
  Matrix<double> w = zeros<double>(in, out);
  Rng rng(seed, Purpose::check);
  find_initializer(name).fill(view(w), scale, rng);
  return w;
}

enum class Shape { uniform, normal, other };
struct Row {
  Shape shape;
  double deviation;  // for I = 300, O = 200
};
const std::map<std::string_view, Row> kRows = {
    {"glorot_uniform", {Shape::uniform, std::sqrt(2.0 / 500)}},
    {"glorot_normal", {Shape::normal, std::sqrt(2.0 / 500)}},
    {"he_uniform", {Shape::uniform, std::sqrt(2.0 / 300)}},
    {"he_normal", {Shape::normal, std::sqrt(2.0 / 300)}},
    {"lecun_uniform", {Shape::uniform, std::sqrt(1.0 / 300)}},
    {"lecun_normal", {Shape::normal, std::sqrt(1.0 / 300)}},
    {"uniform", {Shape::uniform, 0.05 / std::sqrt(3.0)}},
    {"normal", {Shape::normal, 0.05}},
    {"orthogonal", {Shape::other, 0}},
    {"zeros", {Shape::other, 0}},
    {"constant", {Shape::other, 0}},
};

TEST(Initializers, HaveTheMomentsOfTheirFormulas) {
  for (const Initializer& initializer : initializers()) {
    ASSERT_TRUE(kRows.contains(initializer.name)) << initializer.name;
    const Row& row = kRows.at(initializer.name);
    if (row.shape == Shape::other) continue;
    for (const double scale : {1.0, 2.5}) {
      const Matrix<double> w = filled(initializer.name, 300, 200, scale);
      double mean = 0, squares = 0, fourth = 0, largest = 0;
      for (const double x : w) {
        mean += x / 60'000;
        squares += x * x / 60'000;
        fourth += x * x * x * x / 60'000;
        largest = std::max(largest, std::abs(x));
      }
      const double deviation = scale * row.deviation, error = 5 / std::sqrt(60'000.0);
      EXPECT_NEAR(mean, 0, error * deviation) << initializer.name;
      EXPECT_NEAR(squares / (deviation * deviation), 1, error * std::sqrt(2)) << initializer.name;
      const double kurtosis = fourth / (squares * squares);
      if (row.shape == Shape::uniform) {
        EXPECT_NEAR(kurtosis, 1.8, 0.03) << initializer.name;
        EXPECT_LE(largest, std::sqrt(3.0) * deviation) << initializer.name;
        EXPECT_GE(largest, 0.999 * std::sqrt(3.0) * deviation) << initializer.name;
      } else {
        EXPECT_NEAR(kurtosis, 3, 0.15) << initializer.name;
        EXPECT_GE(largest, 3.5 * deviation) << initializer.name;
      }
    }
  }
}

TEST(Initializers, OrthogonalHasOrthonormalColumnsOrRows) {
  const std::pair<std::size_t, std::size_t> kSizes[] = {{7, 4}, {4, 7}, {5, 5}, {1, 6}, {6, 1}, {1, 1}, {60, 40}};
  for (const auto& [in, out] : kSizes)
    for (const double scale : {1.0, 3.0}) {
      const Matrix<double> w = filled("orthogonal", in, out, scale);
      const bool wide = out > in;
      const std::size_t thin = std::min(in, out), tall = std::max(in, out);
      for (std::size_t a = 0; a < thin; ++a)
        for (std::size_t b = 0; b < thin; ++b) {
          double dot = 0;
          for (std::size_t k = 0; k < tall; ++k) dot += wide ? w(a, k) * w(b, k) : w(k, a) * w(k, b);
          ASSERT_NEAR(dot, a == b ? scale * scale : 0, 1e-13 * scale * scale) << in << " x " << out;
        }
    }
}

TEST(Initializers, OrthogonalPrefersNoDirection) {
  // Were the signs of R left in, LAPACK's Q would always have a negative first entry.
  int positive = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) positive += filled("orthogonal", 3, 3, 1, seed)(0, 0) > 0;
  EXPECT_NEAR(positive, 200, 50);
}

// Its bits would change with OPENBLAS_NUM_THREADS.
TEST(Initializers, OrthogonalIsTheWorkOfOneThread) {
  if (openblas_get_num_procs() == 1) GTEST_SKIP() << "there is no other thread";
  filled("orthogonal", 60, 40);
  EXPECT_EQ(openblas_get_num_threads(), 1);
}

TEST(Initializers, ZerosAndConstantOverwriteEverything) {
  Matrix<double> w = zeros<double>(3, 4);
  Rng rng(1, Purpose::check);
  w.fill(7);
  find_initializer("constant").fill(view(w), 0.25, rng);
  EXPECT_TRUE(std::ranges::all_of(w, [](double x) { return x == 0.25; }));
  find_initializer("zeros").fill(view(w), 5, rng);
  EXPECT_TRUE(std::ranges::all_of(w, [](double x) { return x == 0; }));
}

TEST(Initializers, DependOnTheSeedAlone) {
  for (const Initializer& initializer : initializers()) {
    EXPECT_EQ(filled(initializer.name, 4, 3, 1, 5), filled(initializer.name, 4, 3, 1, 5)) << initializer.name;
    if (initializer.name != "zeros" && initializer.name != "constant") {
      EXPECT_NE(filled(initializer.name, 4, 3, 1, 5), filled(initializer.name, 4, 3, 1, 6)) << initializer.name;
    }
  }
}

TEST(Initializers, StartFloatAndDoubleAtTheSameRoundedPoint) {
  for (const Initializer& initializer : initializers()) {
    const Dense<float> single(9, 7, find_activation<float>("tanh"), initializer);
    const Dense<double> twice(9, 7, find_activation<double>("tanh"), initializer);
    std::vector<float> w32(single.parameters(), 9);
    std::vector<double> w64(twice.parameters(), 9);
    Rng a(3, Purpose::check), b(3, Purpose::check);
    single.initialize(w32, a);
    twice.initialize(w64, b);
    for (std::size_t j = 0; j < w64.size(); ++j) ASSERT_EQ(w32[j], static_cast<float>(w64[j])) << initializer.name;
    for (std::size_t j = 63; j < w64.size(); ++j) EXPECT_EQ(w64[j], 0) << "biases start at 0";
  }
}

TEST(Initializers, AreFoundByTheirNames) {
  for (const Initializer& initializer : initializers()) EXPECT_EQ(&find_initializer(initializer.name), &initializer);
  EXPECT_EQ(initializer_names().size(), kRows.size());
  for (const auto& activation : activations<double>())
    EXPECT_NO_THROW(find_initializer(activation.default_initializer)) << activation.name;
  try {
    find_initializer("he_norm");
    FAIL() << "found";
  } catch (const Error& error) {
    EXPECT_TRUE(std::string_view(error.what()).starts_with("unknown initializer 'he_norm'; did you mean 'he_normal'?"));
  }
}

}  // namespace
}  // namespace descent
