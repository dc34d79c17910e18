// What single kernels take, at the shapes of the workloads that `epochs` trains. Google Benchmark's options apply:
// kernels --benchmark_filter='product/.*/digits' --benchmark_repetitions=5
//
// Everything here stays in the cache from one call to the next, as inside a training step.
#include "benchmarks/peak.hpp"
#include "benchmarks/workloads.hpp"
#include "framework/activation.hpp"
#include "framework/error.hpp"
#include "framework/kernels/products.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/loss.hpp"
#include "framework/random.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace descent::benchmarks {
namespace {

template <class Real>
constexpr std::string_view kPrecision = sizeof(Real) == 4 ? "float32" : "float64";

// Cache lines are 64 bytes; a library that is fast on unaligned memory would still be measured unevenly.
template <class Real>
class Numbers {
 public:
  explicit Numbers(std::size_t n) : memory_(n + 64 / sizeof(Real)) {
    Rng rng(/*seed=*/1, Purpose::generate);
    for (Real& x : memory_) x = static_cast<Real>(rng.normal());
  }
  Real* data() {
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
    return memory_.data() + (64 - address % 64) % 64 / sizeof(Real);
  }

 private:
  std::vector<Real> memory_;
};

struct Size {
  std::size_t rows, cols;
};

void add_rate(benchmark::State& state, const char* name, double per_call) {
  state.counters[name] =
      benchmark::Counter(per_call * static_cast<double>(state.iterations()) * 1e-9, benchmark::Counter::kIsRate);
}

template <class Real>
void register_product(const std::string& backend, const std::string& what, typename kernels::Product<Real>::Form form,
                      std::size_t m, std::size_t n, std::size_t k) {
  const auto name = fmt::format("product/{}/{}/{}/{}x{}x{}", backend, kPrecision<Real>, what, m, n, k);
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    using Product = kernels::Product<Real>;
    using Form = typename Product::Form;
    kernels::set_backend(backend);
    Product product(form, {m, n, k, form == Form::transposed ? m : k, form == Form::right_transposed ? k : n, n});
    kernels::set_backend("auto");
    Numbers<Real> a(m * k), b(k * n), c(m * n);
    for (auto _ : state) {
      product(a.data(), b.data(), c.data());
      benchmark::ClobberMemory();
    }
    add_rate(state, "GFLOP", 2.0 * static_cast<double>(m * n * k));
  });
}

// Products with so much of their left factor other than 0, spread at random.
template <class Real>
void register_sparse_product(const std::string& what, typename kernels::Product<Real>::Form form, std::size_t m,
                             std::size_t n, std::size_t k) {
  for (const double filled : {1.0, 0.5, 0.25, 0.1}) {
    const auto name = fmt::format("sparse/{}/{}/{}x{}x{}/filled:{}", kPrecision<Real>, what, m, n, k, filled);
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
      using Product = kernels::Product<Real>;
      using Form = typename Product::Form;
      Product product(form, {m, n, k, form == Form::transposed ? m : k, form == Form::right_transposed ? k : n, n});
      Numbers<Real> a(m * k), b(k * n), c(m * n);
      Rng rng(2, Purpose::generate);
      for (std::size_t i = 0; i < m * k; ++i)
        if (rng.uniform() > filled) a.data()[i] = 0;
      for (auto _ : state) {
        product(a.data(), b.data(), c.data());
        benchmark::ClobberMemory();
      }
      add_rate(state, "GFLOP", 2.0 * static_cast<double>(m * n * k));
    });
  }
}

// Batch, inputs and outputs of every layer of the workloads, each shape once.
struct LayerShape {
  std::string workload;
  std::size_t batch, in, out;
  bool behind;  // behind another layer: only then somebody needs the derivative by the inputs
};

std::vector<LayerShape> layer_shapes() {
  std::vector<LayerShape> shapes;
  for (const Workload& w : workloads())
    for (std::size_t l = 0; l + 1 < w.layers.size(); ++l) {
      const auto known = std::ranges::find_if(shapes, [&](const LayerShape& s) {
        return s.workload == w.name && s.in == w.layers[l] && s.out == w.layers[l + 1];
      });
      if (known == shapes.end())
        shapes.push_back({w.name, w.batch, w.layers[l], w.layers[l + 1], l > 0});
      else
        known->behind = true;
    }
  return shapes;
}

template <class Real>
void register_products() {
  using Form = typename kernels::Product<Real>::Form;
  for (const std::string& backend : kernels::backend_names()) {
    if (backend == "reference") continue;
    try {
      kernels::set_backend(backend);
    } catch (const Error&) {
      continue;  // this build has none
    }
    for (const LayerShape& s : layer_shapes()) {
      register_product<Real>(backend, s.workload + "/y=xw", Form::plain, s.batch, s.out, s.in);
      register_product<Real>(backend, s.workload + "/dw=x'dy", Form::transposed, s.in, s.out, s.batch);
      if (s.behind)
        register_product<Real>(backend, s.workload + "/dx=dyw'", Form::right_transposed, s.batch, s.in, s.out);
    }
    kernels::set_backend("auto");
  }
  register_sparse_product<Real>("y=xw", Form::plain, 64, 128, 784);
  register_sparse_product<Real>("dw=x'dy", Form::transposed, 784, 128, 64);
  register_sparse_product<Real>("y=xw", Form::plain, 128, 512, 512);
  register_sparse_product<Real>("dw=x'dy", Form::transposed, 512, 512, 128);
  register_sparse_product<Real>("dx=dyw'", Form::right_transposed, 128, 512, 512);
}

// Both passes of an activation, with the copy that gives every call the same values: they would fade otherwise.
template <class Real>
void register_activations(std::string_view instructions, const auto& activations) {
  for (const auto& row : activations)
    for (const Size size : {Size{32, 32}, Size{64, 128}}) {
      const std::size_t rows = size.rows, cols = size.cols;
      const auto name = [&](const char* pass) {
        return fmt::format("activation/{}/{}/{}/{}/{}x{}", instructions, kPrecision<Real>, row.name, pass, rows, cols);
      };
      const double elements = static_cast<double>(rows * cols);
      benchmark::RegisterBenchmark(name("forward").c_str(), [=](benchmark::State& state) {
        Numbers<Real> start(rows * cols), z(rows * cols);
        for (auto _ : state) {
          std::copy_n(start.data(), rows * cols, z.data());
          row.forward({z.data(), rows, cols}, {});
          benchmark::ClobberMemory();
        }
        add_rate(state, "Gelements", elements);
      });
      benchmark::RegisterBenchmark(name("backward").c_str(), [=](benchmark::State& state) {
        Numbers<Real> from(rows * cols), start(rows * cols), dy(rows * cols), sums(cols);
        for (auto _ : state) {
          std::copy_n(start.data(), rows * cols, dy.data());
          row.backward({from.data(), rows, cols}, {dy.data(), rows, cols}, sums.data());
          benchmark::ClobberMemory();
        }
        add_rate(state, "Gelements", elements);
      });
    }
}

template <class Real>
void register_losses(std::string_view instructions, const auto& losses) {
  for (const auto& row : losses)
    for (const Size size : {Size{16, 3}, Size{64, 10}, Size{256, 1}}) {
      const std::size_t rows = size.rows, cols = size.cols;
      const auto name = fmt::format("loss/{}/{}/{}/{}x{}", instructions, kPrecision<Real>, row.name, rows, cols);
      benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
        Numbers<Real> y(rows * cols), t(rows * cols), dy(rows * cols);
        const bool classes = row.name == "cross_entropy";
        // 0 is a class, a binary target and a count; a number it is too.
        std::fill_n(t.data(), rows * cols, Real(0));
        for (auto _ : state)
          benchmark::DoNotOptimize(
              row.evaluate({y.data(), rows, cols}, {t.data(), rows, classes ? 1 : cols}, {dy.data(), rows, cols}));
        add_rate(state, "Gelements", static_cast<double>(rows * cols));
      });
    }
}

// The passes over weights and rows, in bytes read and written.
template <class Real>
void register_moves(const kernels::SimdKernels<Real>& simd) {
  const auto name = [&](const char* what) {
    return fmt::format("{}/{}/{}", what, simd.instructions, kPrecision<Real>);
  };
  for (const std::size_t n : {std::size_t{131}, std::size_t{2'410}, std::size_t{101'770}})
    benchmark::RegisterBenchmark(fmt::format("{}/{}", name("move"), n).c_str(), [=](benchmark::State& state) {
      Numbers<Real> w(n), v(n), next(n);
      kernels::FiniteCheck<Real> check;
      for (auto _ : state) {
        simd.move(w.data(), v.data(), Real(-1e-4), next.data(), n, check);
        benchmark::DoNotOptimize(check);
      }
      add_rate(state, "GB", 3.0 * static_cast<double>(n * sizeof(Real)));
    });
  for (const std::size_t cols : {std::size_t{4}, std::size_t{64}, std::size_t{784}})
    benchmark::RegisterBenchmark(fmt::format("{}/32x{}", name("gather"), cols).c_str(), [=](benchmark::State& state) {
      constexpr std::size_t kRows = 1'000, kBatch = 32;
      Numbers<Real> from(kRows * cols), to(kBatch * cols);
      std::vector<std::uint32_t> order(kRows);
      for (std::uint32_t i = 0; i < kRows; ++i) order[i] = i;
      Rng rng(/*seed=*/1, Purpose::shuffle);
      shuffle(order, rng);
      std::size_t at = 0;
      for (auto _ : state) {
        simd.gather({from.data(), kRows, cols}, order.data() + at, {to.data(), kBatch, cols});
        benchmark::ClobberMemory();
        at = at + 2 * kBatch <= kRows ? at + kBatch : 0;
      }
      add_rate(state, "GB", 2.0 * static_cast<double>(kBatch * cols * sizeof(Real)));
    });
}

// A step of every direction that keeps means, in bytes read and written: by its definition and by the passes, and into
// the weights at once. Gradients of 0 and decays of 1 keep the numbers as they are.
template <class Real>
struct DirectionKernels {
  std::string_view name;
  bool move;  // the weights, too
  decltype(kernels::SimdKernels<Real>::momentum) momentum;
  decltype(kernels::SimdKernels<Real>::scaled_by_root) scaled_by_root;
  decltype(kernels::SimdKernels<Real>::adam) adam;
};

template <class Real>
DirectionKernels<Real> direction_definitions() {
  namespace reference = kernels::reference;
  using Use = kernels::DirectionUse<Real>;
  return {"definition", false,
          [](const Real* g, std::size_t n, Real mu, bool ahead, Real* v, const Use& use) {
            reference::momentum(g, n, mu, ahead, v, use.d);
          },
          [](const Real* g, std::size_t n, Real keep, Real add, Real epsilon, Real* v, const Use& use) {
            reference::scaled_by_root(g, n, keep, add, epsilon, v, use.d);
          },
          [](const Real* g, const Real* w, std::size_t n, const kernels::AdamStep<Real>& step, Real* m, Real* v,
             const Use& use) { reference::adam(g, w, n, step, m, v, use.d); }};
}

template <class Real>
void register_directions(const DirectionKernels<Real>& by) {
  const auto add = [&](std::string_view what, std::size_t n, double arrays, bool moves, auto step) {
    const auto name = fmt::format("direction/{}/{}/{}{}/{}", by.name, kPrecision<Real>, what, moves ? "+move" : "", n);
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
      Numbers<Real> g(n), w(n), m(n), v(n), d(n);
      kernels::FiniteCheck<Real> check;
      kernels::DirectionUse<Real> use{d.data()};
      if (moves) use = {nullptr, w.data(), Real(-0.1), d.data(), &check};
      std::fill_n(g.data(), n, Real(0));
      std::fill_n(v.data(), n, Real(1));
      for (auto _ : state) {
        step(g.data(), w.data(), n, m.data(), v.data(), use);
        benchmark::ClobberMemory();
      }
      add_rate(state, "GB", arrays * static_cast<double>(n * sizeof(Real)));
    });
  };
  using Use = kernels::DirectionUse<Real>;
  for (const std::size_t n : {std::size_t{2'410}, std::size_t{101'770}})
    for (int moves = 0; moves <= by.move; ++moves) {
      for (const bool ahead : {false, true})
        add(ahead ? "nesterov" : "momentum", n, 4 + moves, moves,
            [=](const Real* g, const Real*, std::size_t count, Real*, Real* v, const Use& use) {
              by.momentum(g, count, Real(1), ahead, v, use);
            });
      for (const bool decaying : {false, true})
        add(decaying ? "rmsprop" : "adagrad", n, 4 + moves, moves,
            [=](const Real* g, const Real*, std::size_t count, Real*, Real* v, const Use& use) {
              by.scaled_by_root(g, count, Real(1), Real(decaying ? 0.1 : 1), Real(1e-8), v, use);
            });
      for (const bool decays : {false, true})
        add(decays ? "adamw" : "adam", n, decays ? 7 : 6 + moves, moves,
            [=](const Real* g, const Real* w, std::size_t count, Real* m, Real* v, const Use& use) {
              const kernels::AdamStep<Real> step{1, Real(0.1), 1, Real(0.001), 1, 1, Real(1e-8), Real(0.01)};
              by.adam(g, decays ? w : nullptr, count, step, m, v, use);
            });
    }
}

template <class Real>
void register_peak() {
  benchmark::RegisterBenchmark(fmt::format("peak/{}/{}", peak_vectors(), kPrecision<Real>).c_str(),
                               [](benchmark::State& state) {
                                 double best = 0;
                                 for (auto _ : state) best = std::max(best, measure_peak<Real>(2e-3));
                                 state.counters["GFLOP/s"] = best;
                               });
}

template <class Real>
void register_all() {
  register_peak<Real>();
  register_products<Real>();
  for (const kernels::SimdKernels<Real>* simd : kernels::simd_variants<Real>()) {
    register_activations<Real>(simd->instructions, simd->activations);
    register_losses<Real>(simd->instructions, simd->losses);
    register_moves(*simd);
    register_directions<Real>({simd->instructions, true, simd->momentum, simd->scaled_by_root, simd->adam});
  }
  register_activations<Real>("definition", reference_activations<Real>());
  register_losses<Real>("definition", reference_losses<Real>());
  register_directions<Real>(direction_definitions<Real>());
}

}  // namespace
}  // namespace descent::benchmarks

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  descent::benchmarks::register_all<float>();
  descent::benchmarks::register_all<double>();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
