// What a formula takes at a point: value, gradient, Hessian; and on a grid, a point. Google Benchmark's options apply:
// formulas --benchmark_filter=value
#include "framework/formula/formula.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace descent::benchmarks {
namespace {

struct Example {
  const char *name, *formula;
};
constexpr Example kExamples[] = {
    {"bowl", "x^2 + x*y + y^2"},
    {"rosenbrock", "(1 - x)^2 + 100 (y - x^2)^2"},
    {"functions", "sin(x)*exp(-y^2) + log(1 + x^2) + abs(x)"},
    {"himmelblau", "(x^2 + y - 11)^2 + (x + y^2 - 7)^2"},
};

// Points differ from call to call, so that nothing can be known beforehand.
class Points {
 public:
  const std::vector<double>& next() {
    x_[0] += 1e-9;
    return x_;
  }

 private:
  std::vector<double> x_ = {0.7, -0.4};
};

void add(const Example& example) {
  const Formula f = Formula::parse(example.formula);
  const formula::Tape tape = f.tape();
  const std::string name = example.name;
  benchmark::RegisterBenchmark(("value/" + name).c_str(), [tape](benchmark::State& state) {
    formula::Tape::Work work(tape);
    Points points;
    for (auto _ : state) benchmark::DoNotOptimize(tape.value(points.next(), work));
  });
  benchmark::RegisterBenchmark(("gradient/" + name).c_str(), [tape](benchmark::State& state) {
    formula::Tape::Work work(tape);
    Points points;
    std::vector<double> g(2);
    for (auto _ : state) benchmark::DoNotOptimize(tape.gradient(points.next(), g, work));
  });
  benchmark::RegisterBenchmark(("hessian/" + name).c_str(), [tape](benchmark::State& state) {
    formula::Tape::Work work(tape);
    Points points;
    Matrix<double> h = zeros<double>(2, 2);
    for (auto _ : state) {
      tape.hessian(points.next(), view(h), work);
      benchmark::DoNotOptimize(h.data());
    }
  });
  benchmark::RegisterBenchmark(("grid/" + name).c_str(), [tape](benchmark::State& state) {
    constexpr std::size_t kSide = 128;
    std::vector<double> side(kSide);
    for (std::size_t k = 0; k < kSide; ++k) side[k] = -2 + 4.0 * static_cast<double>(k) / kSide;
    Matrix<double> z = zeros<double>(kSide, kSide);
    for (auto _ : state) evaluate_grid(tape, std::vector<double>{0, 0}, 0, side, 1, side, view(z));
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kSide * kSide));
  });
}

}  // namespace
}  // namespace descent::benchmarks

int main(int argc, char** argv) {
  for (const auto& example : descent::benchmarks::kExamples) descent::benchmarks::add(example);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
