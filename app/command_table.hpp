// The commands, the options that each takes, and the arguments these fill.
#pragma once

#include "app/commands.hpp"

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace descent {

class CommandTable {
 public:
  // Adds all commands to the parser, which writes into this from then on.
  explicit CommandTable(CLI::App& app);
  CommandTable(const CommandTable&) = delete;
  CommandTable& operator=(const CommandTable&) = delete;

  // Runs the command that was parsed and returns its exit code.
  int run() const { return chosen_(); }

 private:
  template <class Arguments>
  CLI::App* command(const char* name, const char* help, Arguments& arguments, int (*run)(const Arguments&));
  void add_train();
  void add_tune();
  void add_watch();
  void add_plot();
  void add_report();
  void add_evaluate();
  void add_predict();
  void add_inspect();
  void add_gradcheck();
  void add_config();
  void add_generate();
  void add_minimize();
  void add_derive();
  void add_critical();

  CLI::App& app_;
  std::function<int()> chosen_;
  TrainArguments train_;
  TuneArguments tune_;
  EvaluateArguments evaluate_;
  PredictArguments predict_;
  InspectArguments inspect_;
  GradcheckArguments gradcheck_;
  MinimizeArguments minimize_;
  ConfigArguments config_;
  GenerateArguments generate_;
  DeriveArguments derive_;
  CriticalArguments critical_;
  PlotArguments plot_;
  ReportArguments report_;
  WatchArguments watch_;
};

// The words of a command line, the program's name first, as the table takes them.
std::vector<std::string> with_formulas_marked(int argc, char** argv);

}  // namespace descent
