// What the compiled peers share: arguments, data, the clock. The same protocol as common.py; stands alone, so that
// one call of the compiler makes a peer.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace peer {

using Clock = std::chrono::steady_clock;

struct Arguments {
  std::string workload, activation, loss;
  std::vector<std::size_t> layers;
  std::size_t rows = 0, batch = 0;
  double gamma = 0, seconds = 1;
  bool first_epoch = false;
  bool classes() const { return loss == "cross_entropy"; }
  bool whole() const { return batch >= rows; }
};

inline Arguments parse(int argc, char** argv, const char* version) {
  Arguments a;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--version") {
      std::printf("{\"version\": \"%s\"}\n", version);
      std::exit(0);
    }
    if (name == "--first-epoch") {
      a.first_epoch = true;
      continue;
    }
    if (++i == argc) break;
    const std::string value = argv[i];
    if (name == "--workload") a.workload = value;
    if (name == "--activation") a.activation = value;
    if (name == "--loss") a.loss = value;
    if (name == "--rows") a.rows = std::stoul(value);
    if (name == "--batch") a.batch = std::stoul(value);
    if (name == "--gamma") a.gamma = std::stod(value);
    if (name == "--seconds") a.seconds = std::stod(value);
    if (name == "--layers")
      for (std::size_t at = 0; at < value.size();
           at = value.find('-', at) == std::string::npos ? value.size() : value.find('-', at) + 1)
        a.layers.push_back(std::stoul(value.substr(at)));
  }
  if (a.layers.size() < 2 || !a.rows || !a.batch) {
    std::fprintf(stderr,
                 "usage: --workload NAME --layers 4-16-3 --activation A --rows N --batch B --loss L --gamma G\n");
    std::exit(2);
  }
  return a;
}

// Standard normal inputs x (N, d), row-major; classes c (N) or standard normal targets t (N, K).
struct Data {
  std::vector<float> x, t;
  std::vector<unsigned long> c;
};

inline Data data(const Arguments& a) {
  std::mt19937 rng(1);
  std::normal_distribution<float> normal;
  Data d;
  d.x.resize(a.rows * a.layers.front());
  for (float& x : d.x) x = normal(rng);
  if (a.classes()) {
    d.c.resize(a.rows);
    for (auto& c : d.c) c = rng() % a.layers.back();
  } else {
    d.t.resize(a.rows * a.layers.back());
    for (float& t : d.t) t = normal(rng);
  }
  return d;
}

// The order of the rows: a new one every epoch, none for a full batch.
class Order {
 public:
  explicit Order(const Arguments& a) : shuffled_(!a.whole()), rows_(a.rows) {
    std::iota(rows_.begin(), rows_.end(), 0u);
  }
  const std::vector<unsigned>& next() {
    if (shuffled_) std::shuffle(rows_.begin(), rows_.end(), rng_);
    return rows_;
  }

 private:
  bool shuffled_;
  std::vector<unsigned> rows_;
  std::mt19937 rng_{3};
};

inline double peak_rss_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmHWM:", 0) == 0) return std::stod(line.substr(6)) / 1024;
  return 0;
}

// Calls epoch(), one pass that returns the running loss, until the time is over; two passes do not count.
template <class Epoch>
int run(const Arguments& a, const char* version, Epoch epoch) {
  std::vector<double> durations;
  auto begin = Clock::now();
  for (std::size_t seen = 1;; ++seen) {
    const auto from = Clock::now();
    const double loss = epoch();
    const auto to = Clock::now();
    if (!std::isfinite(loss)) {
      std::fprintf(stderr, "%s: the loss is %g\n", a.workload.c_str(), loss);
      return 1;
    }
    if (a.first_epoch) {
      std::printf("{\"first_epoch\": 1, \"loss\": %g}\n", loss);
      std::fflush(stdout);
      return 0;
    }
    if (seen <= 2) {
      begin = to;
      continue;
    }
    durations.push_back(std::chrono::duration<double>(to - from).count());
    if (durations.size() >= 3 && std::chrono::duration<double>(to - begin).count() > a.seconds) break;
  }
  std::sort(durations.begin(), durations.end());
  std::printf(
      "{\"version\": \"%s\", \"workload\": \"%s\", \"epochs\": %zu, \"ms_per_epoch\": %.6g, \"ms_per_epoch_min\": "
      "%.6g, "
      "\"peak_rss_mb\": %.1f}\n",
      version, a.workload.c_str(), durations.size(), durations[durations.size() / 2] * 1e3, durations.front() * 1e3,
      peak_rss_mb());
  return 0;
}

}  // namespace peer
