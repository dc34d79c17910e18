// The commands of the program. Each takes its parsed arguments, writes results to stdout and its log to
// stderr, returns the exit code and throws Error for everything that is the input's fault.
#pragma once

#include "app/config/reader.hpp"
#include "app/console/terminal.hpp"
#include "app/runs/figures.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace descent {

// Exit codes, as documented in `descent --help`.
enum ExitCode {
  kOk = 0,
  kRuntimeError = 1,
  kUsageError = 2,  // usage or config
  kDataError = 3,
  kDiverged = 4,
  kStoppedShort = 5,  // ended before the target that was asked for
  kSignalled = 128,   // plus the number of the signal: 130 interrupted, 143 terminated, 141 reader gone
};

struct CommonArguments {
  bool json = false;
  bool quiet = false;
  Color color = Color::automatic;
};

struct TrainArguments : CommonArguments {
  ConfigSource config;
  std::string resume;  // folder of a run to go on with, instead of a config
  std::string from;    // folder of a run to repeat, instead of a config
  bool save = true;
  bool verdict = false;  // whatever it costs
  bool escape = false;   // train on from below a saddle
};
int train_command(const TrainArguments& arguments);

struct TuneArguments : CommonArguments {
  ConfigSource config;
  bool save = true;
  std::string resume;  // the folder of an interrupted tuning
};
int tune_command(const TuneArguments& arguments);

// How a data file is written; empty: as the training data was.
struct FormArguments {
  std::string delimiter, header, decimal;
};

struct EvaluateArguments : CommonArguments {
  std::string model, data;
  FormArguments form;
  std::string rows = "all";  // all, train, validation, test
};
int evaluate_command(const EvaluateArguments& arguments);

struct PredictArguments : CommonArguments {
  std::string model, data;
  FormArguments form;
  std::string output = "-";
};
int predict_command(const PredictArguments& arguments);

struct InspectArguments : CommonArguments {
  std::string model;
  bool verdict = false;   // at its weights, on the training rows of its run
  bool spectrum = false;  // likewise
};
int inspect_command(const InspectArguments& arguments);

struct GradcheckArguments : CommonArguments {
  ConfigSource config;
  std::size_t rows = 16;     // of the training rows
  std::size_t weights = 50;  // checked in each block
};
int gradcheck_command(const GradcheckArguments& arguments);

struct MinimizeArguments {
  std::string formula, start, box, data;
  std::optional<double> learning_rate;
  std::string line_search, method = "steepest";
  std::vector<std::string> constants;  // of both: "momentum=0.5", "c2=0.1"
  std::string scale = "none";
  bool maximize = false;
  std::size_t steps = 100'000;
  double tolerance = 1e-8;  // of ‖∇f‖
  std::uint64_t seed = 1;   // of random starts
  std::string plot, animate, csv, report;
  std::string plot_as, plot_box;   // RunPictures::as and box
  std::vector<double> plot_rates;  // γ of runs side by side in `plot`
  bool json = false;
};
int minimize_command(const MinimizeArguments& arguments);

struct PlotArguments : CommonArguments {
  std::vector<std::string> runs;
  std::string output;         // picture; empty: a chart in the terminal
  std::string y;              // "loss,lr"; empty: what was logged
  std::string view;           // of model_views(); empty: curves
  std::string rows = "auto";  // of a view
  Scale scale = Scale::automatic;
  bool log_x = false, terminal = false;
  int width = 800;  // pixels
};
int plot_command(const PlotArguments& arguments);

struct ReportArguments : CommonArguments {
  std::vector<std::string> runs;
  std::string output;  // "-" is stdout; empty: report.html in the folder of the only run, else here
};
int report_command(const ReportArguments& arguments);

struct WatchArguments {
  std::string run;
  bool lines = false;  // a line an epoch on a terminal as well
  Color color = Color::automatic;
};
int watch_command(const WatchArguments& arguments);

struct ConfigArguments {
  std::string deed;  // init, show, check, help, schema, reference
  ConfigSource config;
  std::string output;              // init: the file to write; empty: stdout
  std::vector<std::string> names;  // help: what to describe; none: everything
};
int config_command(const ConfigArguments& arguments);

struct GenerateArguments {
  std::string name;
  std::size_t rows = 0;
  std::optional<double> noise;
  std::uint64_t seed = 1;
  std::string output = "-";
};
int generate_command(const GenerateArguments& arguments);

struct DeriveArguments {
  std::string formula;
  std::string at;         // "x=3,y=-2"
  std::string data;       // CSV file for sum(...)
  bool at_given = false;  // an empty text is a mistake, none is not
  int order = 1;          // 1 or 2: the Hessian as well
  bool latex = false, json = false;
};
int derive_command(const DeriveArguments& arguments);

struct CriticalArguments {
  std::string formula;
  std::string data;  // a CSV file; empty: none
  std::string box;   // "x=-3:3,y=-3:3" or "-5:5"
  std::string plot;  // picture to draw; empty: none
  bool json = false;
};
int critical_command(const CriticalArguments& arguments);

}  // namespace descent
