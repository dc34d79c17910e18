#include "app/commands.hpp"
#include "app/console/interrupt.hpp"
#include "app/console/status_line.hpp"
#include "app/record/run_folder.hpp"
#include "app/runs/figures.hpp"
#include "app/runs/run_pictures.hpp"
#include "app/runs/run_state.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

namespace descent {
namespace {

constexpr auto kBetween = std::chrono::milliseconds(100);

// The lines of a metrics file as they come. A file that became shorter was begun anew and is read from its start.
class Follower {
 public:
  explicit Follower(std::string path) : path_(std::move(path)), reader_(path_) {}

  // Returns whether there is news.
  bool read() {
    std::error_code failure;
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path_, failure));
    if (failure) throw Error(Fault::runtime, "cannot read '{}': {}", path_, failure.message());
    if (size < at_) {
      reader_ = RecordReader(path_);
      at_ = 0;
    }
    if (size == at_) return false;
    std::ifstream file(path_, std::ios::binary);
    file.seekg(at_);
    std::string bytes(static_cast<std::size_t>(size - at_), '\0');
    file.read(bytes.data(), size - at_);
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    at_ += file.gcount();
    reader_.add(bytes);
    return true;
  }
  const RecordedRun& record() const { return reader_.record(); }

 private:
  std::string path_;
  RecordReader reader_;
  std::streamoff at_ = 0;
};

std::size_t epochs_asked(const std::vector<Setting>& settings) {
  for (const auto& [key, value] : settings)
    if (key == "train.epochs") {
      std::size_t epochs = 0;
      std::from_chars(value.data(), value.data() + value.size(), epochs);
      return epochs;
    }
  return 0;
}

// "epoch 12/100  L/N 0.12  val 0.13  ‖∇L‖ 1.2  γ 0.01  0.4 s": one epoch for a pipe.
std::string plain_line(const RecordedRun& record, const std::vector<Figure>& figures, std::size_t row,
                       std::size_t epochs) {
  std::string line = fmt::format("epoch {}", record.epochs[row]);
  if (epochs > 0) line += fmt::format("/{}", epochs);
  for (const Figure& figure : figures)
    for (const Curve& curve : figure.curves) {
      const auto at = std::ranges::find(curve.epoch, record.epochs[row]);
      if (at == curve.epoch.end()) continue;  // not measured in this epoch
      const std::string name = figure.name == "loss"        ? record.loss_name()
                               : figure.name == "grad_norm" ? record.gradient_name()
                               : figure.name == "lr"        ? "γ"
                                                            : figure.label.substr(0, figure.label.find(','));
      line += fmt::format("  {}{} {:.5g}", curve.validation ? "val " : "", name,
                          curve.y[static_cast<std::size_t>(at - curve.epoch.begin())]);
    }
  if (const std::vector<double>* seconds = record.find("time_s")) line += fmt::format("  {:.2f} s", (*seconds)[row]);
  return line;
}

// A chart of the loss above a line that says how far the run is, drawn over the last one.
class LiveView {
 public:
  LiveView(std::size_t epochs, bool colour) : epochs_(epochs), colour_(colour) {}

  void draw(RecordedRun record) {
    const auto columns = static_cast<std::size_t>(terminal_width(STDOUT_FILENO));
    std::string text;
    if (record.epochs.empty()) {
      text = "waiting for the first epoch\n";
    } else {
      record.end = nullptr;  // the best so far, not what was kept
      const std::vector<Figure> loss = figures({record}, {"loss"});
      text = chart_curves({record}, loss, columns, chart_rows(), colour_) + status(record, loss.front(), columns - 1) +
             '\n';
    }
    std::cout << erase() << text << std::flush;
    drawn_ = static_cast<std::size_t>(std::ranges::count(text, '\n'));
  }

 private:
  std::string erase() const { return drawn_ == 0 ? "" : fmt::format("\x1b[{}A\r\x1b[J", drawn_); }

  static std::size_t chart_rows() {
    constexpr std::size_t kMost = 16, kLeast = 4, kOthers = 7;  // lines beside the dots
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return kMost;
    return std::clamp<std::size_t>(size.ws_row > kOthers ? size.ws_row - kOthers : 0, kLeast, kMost);
  }

  std::string status(const RecordedRun& record, const Figure& loss, std::size_t columns) const {
    const std::vector<double>* seconds = record.find("time_s");
    return status_text({.epoch = static_cast<std::size_t>(record.epochs.back()),
                        .epochs = epochs_,
                        .seconds = seconds != nullptr ? seconds->back() : 0,
                        .loss = loss.curves.front().y,
                        .name = record.loss_name()},
                       columns);
  }

  std::size_t epochs_;
  bool colour_;
  std::size_t drawn_ = 0;  // lines
};

// Why there is nothing more to come, for a person.
std::string ending(const RecordedRun& record, const std::string& folder) {
  const RunState state = state_of(record, folder);
  const nlohmann::ordered_json end = record.end.is_object() ? record.end : read_result(folder);
  std::string text = "the run " + (state == RunState::ended ? "ended" : state_text(state, record, folder));
  if (!end.is_object()) return text;
  for (const char* key : {"reason", "sentence"})
    if (end.contains(key) && end[key].is_string()) text = end[key].get<std::string>();
  return state == RunState::interrupted ? text + "; go on with " + resume_command(folder) : text;
}

}  // namespace

int watch_command(const WatchArguments& arguments) {
  constexpr std::size_t kSilence = 10;  // looks without news before the lock is asked
  const std::string path = metrics_path(arguments.run);
  const std::string folder = run_of(path);
  const std::atomic<bool>& interrupt = watch_for_interrupts();
  Follower follower(path);
  const bool live = !arguments.lines && ::isatty(STDOUT_FILENO) == 1;
  std::optional<LiveView> view;
  std::size_t printed = 0, epochs = 0, silent = 0;
  while (!interrupt) {
    const RecordedRun& record = follower.record();
    // Asked before reading: what a run writes, it writes while it holds its lock.
    const RunState state = silent % kSilence == kSilence - 1 ? state_of(record, folder) : RunState::running;
    const bool news = follower.read();
    if (news) epochs = epochs_asked(run_settings(record, folder));
    silent = news ? 0 : silent + 1;
    if (live) {
      if (!view) view.emplace(epochs, use_color(arguments.color, STDOUT_FILENO));
      if (news || printed++ == 0) view->draw(record);
    } else if (news && !record.epochs.empty()) {
      const std::vector<Figure> shown = figures({record});
      if (record.epochs.size() < printed) printed = 0;  // begun anew
      for (; printed < record.epochs.size(); ++printed) std::cout << plain_line(record, shown, printed, epochs) << '\n';
      std::cout << std::flush;
    }
    const bool over = !news && state != RunState::running && state != RunState::unfinished;
    if (over || record.end.is_object()) {
      std::cout << printable(ending(record, folder), 1000) << '\n';
      return state == RunState::killed ? kRuntimeError : kOk;
    }
    if (!std::cout) throw Error(Fault::runtime, "cannot write to standard output");
    std::this_thread::sleep_for(kBetween);
  }
  return kSignalled + interrupting_signal();
}

}  // namespace descent
