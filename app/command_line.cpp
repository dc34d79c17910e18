#include "app/command_line.hpp"

#include "app/commands.hpp"
#include "app/config/render.hpp"
#include "app/config/writer.hpp"
#include "app/formula/pictures.hpp"
#include "app/runs/model_pictures.hpp"
#include "datasets/generators.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "trainers/direction.hpp"
#include "trainers/line_search.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <functional>
#include <iostream>
#include <map>

namespace descent {
namespace {

constexpr const char* kFooter =
    "Results go to stdout, the log to stderr.\n"
    "Exit codes: 0 ok, 1 runtime failure, 2 usage or config, 3 data, 4 diverged,\n"
    "            5 stopped before the target, 130 interrupted, 143 terminated.\n"
    "Settings of a config: descent config help; a file to start from:\n"
    "descent config init.";

int exit_code(Fault fault) {
  switch (fault) {
    case Fault::usage:
    case Fault::config:
      return kUsageError;
    case Fault::data:
      return kDataError;
    case Fault::runtime:
      return kRuntimeError;
  }
  return kRuntimeError;
}

// Of the line searches those that need not know the minimum's value.
std::vector<std::string> searches_without_minimum() {
  std::vector<std::string> names = line_search_names();
  std::erase(names, "polyak");
  return names;
}

// A formula, point or box may begin with a minus and is no option then; with a space before it nobody thinks so.
// Numbers are left alone.
std::vector<std::string> with_formulas_marked(int argc, char** argv) {
  std::vector<std::string> words(argv, argv + argc);
  const auto takes_formula = [](std::string_view command) {
    return command == "minimize" || command == "minimise" || command == "derive" || command == "critical";
  };
  const auto is_number = [](const std::string& word) {
    return word.find_first_not_of("0123456789.eE+-", 1) == std::string::npos && word.find_first_of("0123456789") == 1;
  };
  if (words.size() < 2 || !takes_formula(words[1])) return words;
  for (std::string& word : words)
    if (word.size() > 1 && word[0] == '-' && word[1] != '-' && word != "-h" && !is_number(word)) word.insert(0, " ");
  return words;
}

// Takes that space away again: carets count columns.
CLI::Validator unmarked() {
  return CLI::Validator(
      [](std::string& word) {
        if (word.starts_with(" -")) word.erase(0, 1);
        return std::string();
      },
      "");
}

// Help in 80 columns: descriptions are broken between words.
class Formatter final : public CLI::Formatter {
 public:
  static constexpr std::size_t kColumns = 80, kLeft = 28;
  std::string make_option_desc(const CLI::Option* option) const override {
    std::string text = wrap(CLI::Formatter::make_option_desc(option), kColumns - kLeft, "", "");
    text.pop_back();
    return text;
  }
};

// All commands with the arguments they fill; `chosen` is what the command line asks for.
class CommandLine {
 public:
  CommandLine() : app_("Descent: train small neural networks by gradient descent, and see what it does.", "descent") {
    app_.set_version_flag("-V,--version", "descent " DESCENT_VERSION);
    app_.require_subcommand(1);
    const auto formatter = std::make_shared<Formatter>();
    formatter->column_width(Formatter::kLeft);
    app_.formatter(formatter);
    app_.footer(kFooter);
    add_train();
    add_tune();
    add_watch();
    add_plot();
    add_report();
    add_evaluate();
    add_predict();
    add_inspect();
    add_gradcheck();
    add_config();
    add_generate();
    add_minimize();
    add_derive();
    add_critical();
  }
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  int run(int argc, char** argv) {
    try {
      std::vector<std::string> words = with_formulas_marked(argc, argv);
      words.erase(words.begin());
      std::ranges::reverse(words);  // as the parser takes them
      app_.parse(std::move(words));
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() != 0) refuse(error);
      app_.exit(error, std::cout, std::cerr);  // help, version
      return kOk;
    }
    return chosen_();
  }

 private:
  template <class Arguments>
  CLI::App* command(const char* name, const char* help, Arguments& arguments, int (*run)(const Arguments&)) {
    CLI::App* sub = app_.add_subcommand(name, help);
    sub->callback([this, &arguments, run] { chosen_ = [&arguments, run] { return run(arguments); }; });
    return sub;
  }
  static void add_common(CLI::App* sub, CommonArguments& arguments) {
    sub->add_flag("--json", arguments.json, "Print one JSON object on stdout");
    sub->add_flag("-q,--quiet", arguments.quiet, "No log; warnings and errors only");
    add_color(sub, arguments.color);
  }
  static void add_config_source(CLI::App* sub, ConfigSource& source, bool required = true) {
    sub->add_option("config", source.path, "Config file (TOML); - reads stdin")
        ->required(required)
        ->type_name("CONFIG");
    // One value each: otherwise the option would swallow what follows it.
    sub->add_option("-s,--set", source.overrides, "Override a setting, e.g. -s train.epochs=9")
        ->take_all()
        ->allow_extra_args(false)
        ->type_name("KEY=VALUE");
  }
  static void add_model(CLI::App* sub, std::string& model) {
    sub->add_option("model", model, "Model file, or the folder of a run")->required()->type_name("MODEL");
  }
  static void add_data(CLI::App* sub, std::string& data) {
    sub->add_option("data", data, "CSV file, may be .gz; - reads stdin")->required()->type_name("DATA");
  }

  static CLI::Validator count() {
    constexpr std::int64_t kMost = 1'000'000'000;
    return CLI::Range(std::int64_t{1}, kMost).description("");
  }

  // An empty name is a shell variable that was not set.
  static CLI::Validator named() {
    return CLI::Validator([](std::string& file) { return std::string(file.empty() ? "the file name is empty" : ""); },
                          "");
  }

  void add_train() {
    CLI::App* sub = command("train", "Train the network of a config", train_, train_command);
    sub->alias("fit");
    add_config_source(sub, train_.config, false);
    sub->add_option("--resume", train_.resume, "Go on with a run instead; --set may give it more train.epochs")
        ->type_name("RUN");
    sub->add_option("--from", train_.from, "Repeat a run from its own record instead, and compare")->type_name("RUN");
    add_common(sub, train_);
    sub->add_option_function<std::string>(
           "--seed", [this](const std::string& seed) { train_.config.overrides.push_back("run.seed=" + seed); },
           "Shorthand for --set run.seed=N")
        ->type_name("N");
    sub->add_flag_callback(
        "--no-save", [this] { train_.save = false; }, "Keep neither model nor record");
    sub->add_flag("--verdict", train_.verdict, "Judge the point it ends at even where that costs more than a tenth");
    sub->add_flag("--escape", train_.escape, "Where it ends at a saddle, step down from it and train on, in a new run");
  }
  void add_tune() {
    CLI::App* sub = command("tune", "Find the learning rate of a config, and say why", tune_, tune_command);
    sub->alias("lr-find");
    add_config_source(sub, tune_.config);
    add_common(sub, tune_);
    sub->add_flag_callback(
        "--no-sweep", [this] { tune_.config.overrides.push_back("tune.sweep=false"); },
        "Curvature and range test only: seconds");
    sub->add_option("--resume", tune_.resume, "Go on with an interrupted tuning")->type_name("FOLDER");
    sub->add_flag_callback(
        "--no-save", [this] { tune_.save = false; }, "Keep no folder");
  }
  void add_evaluate() {
    CLI::App* sub =
        command("evaluate", "Loss and metrics of a model on data with targets", evaluate_, evaluate_command);
    add_model(sub, evaluate_.model);
    add_data(sub, evaluate_.data);
    sub->add_flag("--json", evaluate_.json, "Print one JSON object on stdout");
    sub->add_option("--rows", evaluate_.rows, "all, or the train, validation or test rows of the run")
        ->check(CLI::IsMember({"all", "train", "validation", "test"}).description(""))
        ->type_name("PART");
  }
  void add_predict() {
    CLI::App* sub = command("predict", "Predictions of a model as CSV, a line a row", predict_, predict_command);
    add_model(sub, predict_.model);
    add_data(sub, predict_.data);
    sub->add_option("-o,--output", predict_.output, "File to write; - is stdout")->type_name("FILE");
  }
  void add_inspect() {
    CLI::App* sub =
        command("inspect", "What a model is made of, or what a run on a formula came to", inspect_, inspect_command);
    add_model(sub, inspect_.model);
    sub->add_flag("--json", inspect_.json, "Print one JSON object on stdout");
    sub->add_flag("--verdict", inspect_.verdict, "Judge the point its training ended at: minimum, saddle, flat");
    sub->add_flag("--spectrum", inspect_.spectrum, "How the eigenvalues of the Hessian are spread there");
  }
  void add_gradcheck() {
    CLI::App* sub = command("gradcheck", "Compare gradients with finite differences", gradcheck_, gradcheck_command);
    add_config_source(sub, gradcheck_.config);
    sub->add_flag("--json", gradcheck_.json, "Print one JSON object on stdout");
    sub->add_option("--rows", gradcheck_.rows, "Training rows in the sum")->check(count())->capture_default_str();
    sub->add_option("--weights", gradcheck_.weights, "Weights checked in each block")
        ->check(count())
        ->capture_default_str();
  }
  void add_minimize() {
    CLI::App* sub = command("minimize", "Gradient descent on a formula, step by step", minimize_, minimize_command);
    sub->alias("minimise");
    add_formula(sub, minimize_.formula);
    sub->add_option("--start", minimize_.start, "Required: x=3,y=-2, or random:20 with --box")->type_name("POINT");
    sub->add_option("--box", minimize_.box, "Where random starts lie: -5:5 or x=-3:3,y=0:1")->type_name("BOX");
    sub->add_option("--learning-rate,--lr", minimize_.learning_rate, "Fixed γ of every step")->type_name("RATE");
    sub->add_option("--line-search", minimize_.line_search,
                    join(searches_without_minimum()) + " (default: armijo for steepest, wolfe for cg, lbfgs, newton)")
        ->type_name("NAME");
    sub->add_option("--method", minimize_.method, "cg, " + join(direction_names()))
        ->capture_default_str()
        ->type_name("NAME");
    sub->add_option("--set", minimize_.constants,
                    "Constant of a method or line search: momentum=0.5, history=20, c2=0.1")
        ->take_all()
        ->allow_extra_args(false)
        ->type_name("NAME=VALUE");
    sub->add_option("--scale", minimize_.scale, "Step in x divided by scales: auto, magnitude, or x=1,y=100")
        ->type_name("SCALES");
    sub->add_flag("--maximize,--maximise", minimize_.maximize, "Go uphill");
    sub->add_option("--steps", minimize_.steps, "Steps at most")->check(count())->capture_default_str();
    sub->add_option("--tolerance", minimize_.tolerance, "Stop when the gradient's norm is at most this")
        ->capture_default_str();
    sub->add_option("--data", minimize_.data, "CSV file (- is stdin) with the columns in sum(...)")->type_name("CSV");
    sub->add_option("--seed", minimize_.seed, "Seed of random starts")->capture_default_str();
    sub->add_option("--plot", minimize_.plot, "Picture of the run: .svg, .png, .pdf, or .gp, its gnuplot script")
        ->check(named())
        ->type_name("FILE");
    sub->add_option("--plot-as", minimize_.plot_as, run_picture_kinds() + " (default: path)")->type_name("KIND");
    sub->add_option("--plot-box", minimize_.plot_box, "What pictures show (default: the path and what is near)")
        ->type_name("BOX");
    sub->add_option("--plot-rates", minimize_.plot_rates, "Learning rates to compare in the picture: 0.02,0.3,0.7")
        ->delimiter(',')
        ->type_name("RATES");
    sub->add_option("--animate", minimize_.animate, "The point rolling down: .gif or .gp")
        ->check(named())
        ->type_name("FILE");
    sub->add_option("--report", minimize_.report, "A page with a slider along the path: .html")
        ->check(named())
        ->type_name("FILE");
    sub->add_option("--csv", minimize_.csv, "File for all steps; - is stdout, in place of the table")
        ->check(named())
        ->type_name("FILE");
    sub->add_flag("--json", minimize_.json, "Print one JSON object on stdout");
  }
  void add_config() {
    CLI::App* sub = app_.add_subcommand("config", "Make, check and describe config files");
    sub->require_subcommand(1);
    const auto deed = [&](const char* name, const char* help) {
      CLI::App* part = sub->add_subcommand(name, help);
      part->callback([this, name] {
        config_.deed = name;
        chosen_ = [this] { return config_command(config_); };
      });
      return part;
    };
    deed("init", "Write a commented config to start from")
        ->add_option("file", config_.output, "File to write (default: stdout)")
        ->type_name("FILE");
    add_config_source(deed("show", "Print the config with every default filled in"), config_.config);
    add_config_source(deed("check", "Say ok, or list all errors"), config_.config);
    deed("help", "Print all settings with their meaning");
    deed("schema", "Print the JSON Schema (draft 4) for editors");
    deed("reference", "The same as help, as Markdown");
  }
  void add_generate() {
    CLI::App* sub = command("generate", "Make a small data set as CSV", generate_, generate_command);
    sub->add_option("name", generate_.name, join(generator_names()))->required()->type_name("NAME");
    sub->add_option("--rows", generate_.rows, "Rows (default: the generator's own)")->check(count());
    sub->add_option("--noise", generate_.noise, "Standard deviation (default: the generator's own)");
    sub->add_option("--seed", generate_.seed, "Seed")->capture_default_str();
    sub->add_option("-o,--output", generate_.output, "File to write; - is stdout")->type_name("FILE");
  }

  static void add_formula(CLI::App* sub, std::string& formula) {
    sub->add_option("formula", formula, "e.g. 'x^2 + x*y + y^2'")
        ->required()
        ->transform(unmarked())
        ->type_name("FORMULA");
  }
  void add_derive() {
    CLI::App* sub =
        command("derive", "Derivatives of a formula, and what they say at a point", derive_, derive_command);
    add_formula(sub, derive_.formula);
    sub->add_option_function<std::string>(
           "--at",
           [this](const std::string& at) {
             derive_.at = at;
             derive_.at_given = true;
           },
           "Point to evaluate at: x=3,y=-2")
        ->type_name("POINT");
    sub->add_option("--data", derive_.data, "CSV file (- is stdin) with the columns in sum(...)")->type_name("CSV");
    sub->add_option("--order", derive_.order, "2: the Hessian as well")
        ->check(CLI::Range(1, 2).description(""))
        ->capture_default_str();
    sub->add_flag("--latex", derive_.latex, "Formulas as LaTeX");
    sub->add_flag("--json", derive_.json, "Print one JSON object on stdout");
  }
  void add_critical() {
    CLI::App* sub =
        command("critical", "Critical points of a formula in a box, classified", critical_, critical_command);
    add_formula(sub, critical_.formula);
    sub->add_option("--box", critical_.box, "Required: where to search, x=-3:3,y=-3:3, or -5:5 for all")
        ->type_name("BOX");
    sub->add_option("--data", critical_.data, "CSV file (- is stdin) with the columns in sum(...)")->type_name("CSV");
    sub->add_option("--plot", critical_.plot, "Picture to draw: .svg, .png, .pdf, or .gp, its gnuplot script")
        ->check(named())
        ->type_name("FILE");
    sub->add_flag("--json", critical_.json, "Print one JSON object on stdout");
  }

  static void add_runs(CLI::App* sub, std::vector<std::string>& runs) {
    sub->add_option("runs", runs, "Folders of runs")->required()->type_name("RUN");
  }
  static void add_color(CLI::App* sub, Color& color) {
    static const std::map<std::string, Color> kColors{
        {"auto", Color::automatic}, {"always", Color::always}, {"never", Color::never}};
    sub->add_option("--color", color, "Colour: auto, always, never")
        ->transform(CLI::CheckedTransformer(kColors).description(""))
        ->type_name("WHEN");
  }
  void add_plot() {
    CLI::App* sub = command("plot", "Curves of runs, or what a model does, as a picture", plot_, plot_command);
    add_runs(sub, plot_.runs);
    sub->add_option("-o,--output", plot_.output, ".svg, .png, .pdf, .gp; none: a chart in the terminal")
        ->type_name("FILE");
    sub->add_option("--y", plot_.y, "loss,metric,lr,grad_norm,sharpness,edge,or a column")->type_name("NAMES");
    static const std::map<std::string, Scale> kScales{
        {"auto", Scale::automatic}, {"log", Scale::log}, {"linear", Scale::linear}};
    sub->add_option("--scale", plot_.scale, "Vertical axes: auto, log, linear")
        ->transform(CLI::CheckedTransformer(kScales).description(""))
        ->type_name("SCALE");
    sub->add_flag("--log-x", plot_.log_x, "Epochs on a log axis");
    sub->add_flag("--terminal", plot_.terminal, "A chart in the terminal as well");
    for (const ModelView& view : model_views())
      sub->add_flag_callback(
          "--" + view.name, [this, name = view.name] { plot_.view = name; }, view.help);
    sub->add_option("--rows", plot_.rows, "For those four: test, validation or train rows")
        ->check(CLI::IsMember({"test", "validation", "train"}).description(""))
        ->type_name("PART");
    sub->add_option("--width", plot_.width, "Pixels")->capture_default_str();
    add_color(sub, plot_.color);
    sub->add_flag("-q,--quiet", plot_.quiet, "Do not say what was written");
  }

  void add_report() {
    CLI::App* sub = command("report", "A page on runs that needs nothing but a browser", report_, report_command);
    add_runs(sub, report_.runs);
    sub->add_option("-o,--output", report_.output, "HTML file, - is stdout (default: RUN/report.html)")
        ->type_name("FILE");
    sub->add_flag("-q,--quiet", report_.quiet, "Do not say what was written");
  }
  void add_watch() {
    CLI::App* sub = command("watch", "Follow a run that trains in another terminal", watch_, watch_command);
    sub->add_option("run", watch_.run, "Folder of the run")->required()->type_name("RUN");
    sub->add_flag("--lines", watch_.lines, "A line an epoch, as in a pipe");
    add_color(sub, watch_.color);
  }

  // An unknown name is the better explanation of whatever else is wrong.
  [[noreturn]] void refuse(const CLI::ParseError& error) const {
    const CLI::App* sub = &app_;
    std::string path = app_.get_name();
    while (!sub->get_subcommands().empty()) {
      sub = sub->get_subcommands().front();
      path += " " + sub->get_name();
    }
    std::vector<std::string> commands, options;
    for (const CLI::App* command : sub->get_subcommands({})) commands.push_back(command->get_name());
    for (const CLI::Option* option : sub->get_options())
      for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
    for (const std::string& typed : sub->remaining()) {
      if (typed.starts_with('-'))
        throw Error(Fault::usage, "{}", unknown_name("option", typed.substr(0, typed.find('=')), options));
      if (!commands.empty()) throw Error(Fault::usage, "{}", unknown_name("command", typed, commands));
    }
    if (!commands.empty()) throw Error(Fault::usage, "{} takes a command: {}", path, join(commands));
    const std::string_view what = error.what();
    constexpr std::string_view kNotRead = "Could not convert: ";
    if (const std::size_t sign = what.find(" = "); what.starts_with(kNotRead) && sign != what.npos) {
      const std::string_view typed = what.substr(sign + 3);
      throw Error(Fault::usage, "{}: '{}' is not a number{}", what.substr(kNotRead.size(), sign - kNotRead.size()),
                  printable(typed), typed.find(',') != typed.npos ? "; the decimal point is '.'" : "");
    }
    throw Error(Fault::usage, "{}; see {} --help", what, path);
  }

  CLI::App app_;
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

}  // namespace

int run_command_line(int argc, char** argv) {
  CommandLine line;
  try {
    const int code = line.run(argc, argv);
    if (!std::cout.flush()) throw Error(Fault::runtime, "cannot write to standard output");
    return code;
  } catch (const Error& error) {
    // The errors of a config carry their own places and labels.
    const bool labelled = std::string_view(error.what()).find("error: ") != std::string_view::npos;
    std::cerr << (labelled ? "" : "error: ") << error.what() << '\n';
    return exit_code(error.fault());
  } catch (const std::bad_alloc&) {
    std::cerr << "error: out of memory\n";
    return kRuntimeError;
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return kRuntimeError;
  }
}

}  // namespace descent
