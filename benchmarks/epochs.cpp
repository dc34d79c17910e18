// Milliseconds an epoch, through the public path: minimize on SummedLoss, as a program of anyone's would.
//
// Plain steepest descent with a constant γ, a new order of the rows every epoch, the running loss logged at the
// end of each, an observer that reads the clock there. Between two epochs, now and then, it reads the machine's
// multiply-add peak, so that both figures come from the same minute.
#include "benchmarks/peak.hpp"
#include "benchmarks/workloads.hpp"
#include "framework/error.hpp"
#include "framework/kernels/products.hpp"
#include "framework/kernels/threads.hpp"
#include "framework/random.hpp"
#include "models/network.hpp"
#include "models/summed_loss.hpp"
#include "trainers/minimize.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace descent::benchmarks {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_between(Clock::time_point a, Clock::time_point b) {
  return std::chrono::duration<double>(b - a).count();
}

struct Settings {
  bool json = false;
  bool list = false;
  bool first_epoch = false;
  std::vector<std::string> only;
  double seconds = 1;
  std::string precision = "float32";
  std::size_t threads = 1;
  // 0, empty: as in the workload's row
  std::size_t rows = 0, batch = 0;
  std::string layers;
  std::string kernels = "auto";
};

struct Figures {
  std::size_t epochs = 0;
  double median = 0, minimum = 0;  // seconds an epoch
  double peak = 0;                 // GFLOP/s
  double peak_after = 0;           // the same right after an epoch, at the clock that the epoch left; the middle one
  double after = 0;                // of those epochs, seconds; the middle one. Both 0: unknown
};

// 0 of none.
double middle(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// Reads the clock at the end of every epoch, and the peak between epochs.
template <class Real>
class Stopwatch final : public Observer<Real> {
 public:
  Stopwatch(double seconds, std::size_t threads) : limit_(seconds), one_thread_(threads == 1), meter_(threads) {
    durations_.reserve(std::size_t{1} << 22);  // an epoch may take a microsecond
  }

  void on_start(const EpochRecord&, ConstParams<Real>) override {
    meter_.read();
    begin_ = from_ = read_ = Clock::now();
  }

  std::optional<Stop> on_epoch(const EpochRecord&, ConstParams<Real>) override {
    const auto now = Clock::now();
    if (durations_.size() < durations_.capacity()) durations_.push_back(seconds_between(from_, now));
    if (seconds_between(read_, now) > kBetweenReadings) {
      if (one_thread_) {
        peaks_after_.push_back(meter_.glance());
        glanced_.push_back(durations_.back());
      }
      meter_.read();
      read_ = Clock::now();
    }
    from_ = Clock::now();
    if (durations_.size() >= kFewestEpochs && seconds_between(begin_, from_) >= limit_)
      return Stop{Reason::time_budget, "measured long enough"};
    return std::nullopt;
  }

  Figures figures() {
    // The first epoch meets cold caches and makes the workspace.
    const std::vector<double> d(durations_.begin() + 1, durations_.end());
    return {d.size(), middle(d), std::ranges::min(d), meter_.best(), middle(peaks_after_), middle(glanced_)};
  }

 private:
  static constexpr std::size_t kFewestEpochs = 4;
  static constexpr double kBetweenReadings = 0.05;
  double limit_;
  bool one_thread_;
  PeakMeter<Real> meter_;
  std::vector<double> durations_, peaks_after_, glanced_;
  Clock::time_point begin_, from_, read_;
};

// Says that an epoch is over, for whoever waits outside with a clock, and stops.
template <class Real>
class FirstEpoch final : public Observer<Real> {
 public:
  std::optional<Stop> on_epoch(const EpochRecord& record, ConstParams<Real>) override {
    std::printf("{\"first_epoch\": 1, \"loss\": %.6g}\n", record.loss);
    std::fflush(stdout);
    return Stop{Reason::epoch_budget, "one epoch"};
  }
};

template <class Real>
TrainingRows<Real> make_rows(const Workload& workload) {
  TrainingRows<Real> rows;
  Rng rng(/*seed=*/1, Purpose::generate);
  rows.inputs = zeros<Real>(workload.rows, workload.layers.front());
  for (Real& x : rows.inputs) x = static_cast<Real>(rng.normal());
  const bool classes = workload.loss == "cross_entropy";
  const std::size_t outputs = workload.layers.back();
  rows.targets = zeros<Real>(workload.rows, classes ? 1 : outputs);
  for (Real& t : rows.targets)
    t = static_cast<Real>(classes ? rng.below(static_cast<std::uint32_t>(outputs)) : rng.normal());
  return rows;
}

NetworkSpec make_spec(const Workload& workload) {
  NetworkSpec spec{workload.layers.front(), {}};
  for (std::size_t l = 1; l < workload.layers.size(); ++l) {
    LayerSpec& layer = spec.layers.emplace_back();
    layer.units = workload.layers[l];
    if (l + 1 < workload.layers.size()) layer.activation = workload.activation;
  }
  return spec;
}

template <class Real>
void train(const Workload& workload, const Settings& settings, Observer<Real>& observer) {
  kernels::set_threads(settings.threads);
  kernels::set_backend(settings.kernels);
  const Network<Real> network(make_spec(workload));
  SummedLoss<Real> objective(network, find_loss<Real>(workload.loss), make_rows<Real>(workload));
  std::vector<Real> w(network.parameters());
  network.initialize(w, /*seed=*/1);
  const auto direction = make_direction<Real>("steepest");
  ScheduleOptions schedule;
  schedule.learning_rate = workload.gamma;
  const auto step_size = make_schedule<Real>(schedule);

  Options<Real> options;
  options.epochs = std::numeric_limits<std::uint32_t>::max();
  options.batch_size = workload.batch;
  options.loss_log = LossLog::running;
  options.log_gradient_norm = false;
  Observer<Real>* const observers[] = {&observer};
  const Report report = minimize<Real>(objective, w, *direction, *step_size, options, observers);
  if (report.status() == Status::diverged) throw Error(Fault::runtime, "{}: {}", workload.name, report.sentence);
}

// The largest this process was, in MB: VmHWM, which does not count the parent it was forked from.
double peak_rss_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

void print(const Workload& workload, const Settings& settings, const Figures& f) {
  const double gflops = workload.operations() / f.median * 1e-9;
  const double percent = 100 * (workload.operations() / f.minimum * 1e-9) / f.peak;
  const bool knows_clock = f.peak_after > 0;
  const double at_clock = 100 * (workload.operations() / f.after * 1e-9) / f.peak_after;
  const double rate = static_cast<double>(workload.rows) / f.median;
  if (settings.json)
    fmt::print(
        "{{\"name\": \"{}\", \"layers\": \"{}\", \"rows\": {}, \"batch\": {}, \"precision\": \"{}\", \"threads\": {}, "
        "\"epochs\": {}, \"ms_per_epoch\": {:.6g}, \"ms_per_epoch_min\": {:.6g}, \"samples_per_second\": {:.6g}, "
        "\"gflops\": {:.4g}, \"percent_of_peak\": {:.4g}, \"percent_at_clock\": {}, \"peak_gflops\": {:.5g}, "
        "\"vectors\": \"{}\", \"peak_rss_mb\": {:.1f}}}\n",
        workload.name, fmt::join(workload.layers, "-"), workload.rows, workload.batch, settings.precision,
        settings.threads, f.epochs, f.median * 1e3, f.minimum * 1e3, rate, gflops, percent,
        knows_clock ? fmt::format("{:.4g}", at_clock) : "null", f.peak, peak_vectors(), peak_rss_mb());
  else
    fmt::print("{:<9}{:>9}{:>13.5g}{:>13.5g}{:>14.4g}{:>10.4g}{:>11.1f}{:>10}{:>10.4g}\n", workload.name, f.epochs,
               f.median * 1e3, f.minimum * 1e3, rate, gflops, percent,
               knows_clock ? fmt::format("{:.1f}", at_clock) : "", f.peak);
  std::fflush(stdout);
}

template <class Real>
void run(const Workload& workload, const Settings& settings) {
  if (settings.first_epoch) {
    FirstEpoch<Real> observer;
    train<Real>(workload, settings, observer);
  } else {
    Stopwatch<Real> observer(settings.seconds, settings.threads);
    train<Real>(workload, settings, observer);
    print(workload, settings, observer.figures());
  }
}

std::vector<std::size_t> parse_layers(const std::string& text) {
  std::vector<std::size_t> layers;
  for (const std::string& part : CLI::detail::split(text, '-')) {
    std::size_t used = 0;
    const std::size_t width = part.empty() || part[0] < '0' || part[0] > '9' ? 0 : std::stoul(part, &used);
    if (width == 0 || used != part.size())
      throw Error(Fault::usage, "--layers {}: expected widths such as 64-32-10", text);
    layers.push_back(width);
  }
  if (layers.size() < 2) throw Error(Fault::usage, "--layers {}: expected at least inputs and outputs", text);
  return layers;
}

std::vector<Workload> chosen(const Settings& settings) {
  const std::vector<Workload> all = workloads();
  std::vector<Workload> some;
  std::vector<std::string> names;
  for (const Workload& workload : all) names.push_back(workload.name);
  for (const std::string& name : settings.only.empty() ? names : settings.only) {
    const auto found = std::ranges::find(all, name, &Workload::name);
    if (found == all.end()) throw Error(Fault::usage, "unknown workload '{}'; known: {}", name, fmt::join(names, ", "));
    Workload& workload = some.emplace_back(*found);
    const bool whole = workload.batch == workload.rows;
    if (settings.rows) workload.rows = settings.rows;
    workload.batch = settings.batch ? settings.batch : whole ? workload.rows : workload.batch;
    if (!settings.layers.empty()) workload.layers = parse_layers(settings.layers);
  }
  return some;
}

void print_list(const std::vector<Workload>& all) {
  for (const Workload& w : all)
    fmt::print(
        "{{\"name\": \"{}\", \"layers\": \"{}\", \"activation\": \"{}\", \"rows\": {}, \"batch\": {}, \"loss\": "
        "\"{}\", "
        "\"gamma\": {}, \"operations\": {}}}\n",
        w.name, fmt::join(w.layers, "-"), w.activation, w.rows, w.batch, w.loss, w.gamma, w.operations());
}

void run_all(const Settings& settings) {
  const std::vector<Workload> some = chosen(settings);
  if (settings.list) return print_list(some);
  if (!settings.json && !settings.first_epoch)
    fmt::print("{:<9}{:>9}{:>13}{:>13}{:>14}{:>10}{:>11}{:>10}{:>10}\n", "name", "epochs", "ms/epoch", "minimum",
               "samples/s", "GFLOP/s", "% of peak", "at clock", "peak");
  for (const Workload& workload : some)
    settings.precision == "float64" ? run<double>(workload, settings) : run<float>(workload, settings);
}

}  // namespace
}  // namespace descent::benchmarks

int main(int argc, char** argv) {
  using namespace descent;
  benchmarks::Settings settings;
  CLI::App app(
      "Milliseconds an epoch of seven small trainings, and how near that is to the processor's limit.\n"
      "% of peak comes from the fastest epoch, samples/s and GFLOP/s from the median one. \"at clock\" is the part of\n"
      "the peak that was read right after an epoch: processors lower their clock for products, for the peak less so.");
  app.add_flag("--json", settings.json, "One JSON object a line");
  app.add_flag("--list", settings.list, "Print the workloads and stop");
  app.add_flag("--first-epoch", settings.first_epoch, "Print a line after the first epoch and stop");
  app.add_option("--only,--workload", settings.only, "These workloads only")->delimiter(',');
  app.add_option("--seconds", settings.seconds, "Time for each workload")->capture_default_str();
  app.add_option("--precision", settings.precision)
      ->check(CLI::IsMember({"float32", "float64"}))
      ->capture_default_str();
  app.add_option("--threads", settings.threads)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--rows", settings.rows, "N, instead of the workload's");
  app.add_option("--batch", settings.batch, "B, instead of the workload's");
  app.add_option("--layers", settings.layers, "Widths, instead of the workload's, e.g. 64-32-10");
  app.add_option("--kernels", settings.kernels, "Who multiplies: as run.kernels of a config; tiles: row by row")
      ->check(CLI::IsMember(kernels::backend_names()))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    benchmarks::run_all(settings);
  } catch (const Error& error) {
    fmt::print(stderr, "epochs: {}\n", error.what());
    return error.fault() == Fault::usage ? 2 : 1;
  }
  return 0;
}
