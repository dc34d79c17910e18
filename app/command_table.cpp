#include "app/command_table.hpp"

#include "app/formula/pictures.hpp"
#include "app/runs/model_pictures.hpp"
#include "datasets/generators.hpp"
#include "framework/text.hpp"
#include "trainers/direction.hpp"
#include "trainers/line_search.hpp"

#include <CLI/CLI.hpp>

#include <map>

namespace descent {
namespace {

// Of the line searches those that need not know the minimum's value.
std::vector<std::string> searches_without_minimum() {
  std::vector<std::string> names = line_search_names();
  std::erase(names, "polyak");
  return names;
}

// Takes the mark of with_formulas_marked() away again: carets count columns.
CLI::Validator unmarked() {
  return CLI::Validator(
      [](std::string& word) {
        if (word.starts_with(" -")) word.erase(0, 1);
        return std::string();
      },
      "");
}

void add_color(CLI::App* sub, Color& color) {
  static const std::map<std::string, Color> kColors{
      {"auto", Color::automatic}, {"always", Color::always}, {"never", Color::never}};
  sub->add_option("--color", color, "Colour: auto, always, never")
      ->transform(CLI::CheckedTransformer(kColors).description(""))
      ->type_name("WHEN");
}

void add_common(CLI::App* sub, CommonArguments& arguments) {
  sub->add_flag("--json", arguments.json, "Print one JSON object on stdout");
  sub->add_flag("-q,--quiet", arguments.quiet, "No log; warnings and errors only");
  add_color(sub, arguments.color);
}

void add_config_source(CLI::App* sub, ConfigSource& source, bool required = true) {
  sub->add_option("config", source.path, "Config file (TOML); - reads stdin")->required(required)->type_name("CONFIG");
  // One value each: otherwise the option would swallow what follows it.
  sub->add_option("-s,--set", source.overrides, "Override a setting, e.g. -s train.epochs=9")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
}

void add_model(CLI::App* sub, std::string& model) {
  sub->add_option("model", model, "Model file, or the folder of a run")->required()->type_name("MODEL");
}

void add_data(CLI::App* sub, std::string& data) {
  sub->add_option("data", data, "CSV file, may be .gz; - reads stdin")->required()->type_name("DATA");
}

void add_form(CLI::App* sub, FormArguments& form) {
  sub->add_option("--delimiter", form.delimiter, "Of DATA: auto or a character (default: as in training)")
      ->type_name("CHAR");
  sub->add_option("--header", form.header, "Of DATA: auto, true, false (default: as in training)")
      ->check(CLI::IsMember({"auto", "true", "false"}).description(""))
      ->type_name("WHEN");
  sub->add_option("--decimal", form.decimal, "Of DATA: point, comma (default: as in training)")
      ->check(CLI::IsMember({"point", "comma"}).description(""))
      ->type_name("MARK");
}

void add_runs(CLI::App* sub, std::vector<std::string>& runs) {
  sub->add_option("runs", runs, "Folders of runs")->required()->type_name("RUN");
}

void add_formula(CLI::App* sub, std::string& formula) {
  sub->add_option("formula", formula, "e.g. 'x^2 + x*y + y^2'")
      ->required()
      ->transform(unmarked())
      ->type_name("FORMULA");
}

CLI::Validator count() {
  constexpr std::int64_t kMost = 1'000'000'000;
  return CLI::Range(std::int64_t{1}, kMost).description("");
}

// An empty name is a shell variable that was not set.
CLI::Validator named() {
  return CLI::Validator([](std::string& file) { return std::string(file.empty() ? "the file name is empty" : ""); },
                        "");
}

}  // namespace

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

CommandTable::CommandTable(CLI::App& app) : app_(app) {
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

template <class Arguments>
CLI::App* CommandTable::command(const char* name, const char* help, Arguments& arguments,
                                int (*run)(const Arguments&)) {
  CLI::App* sub = app_.add_subcommand(name, help);
  sub->callback([this, &arguments, run] { chosen_ = [&arguments, run] { return run(arguments); }; });
  return sub;
}

void CommandTable::add_train() {
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

void CommandTable::add_tune() {
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

void CommandTable::add_watch() {
  CLI::App* sub = command("watch", "Follow a run that trains in another terminal", watch_, watch_command);
  sub->add_option("run", watch_.run, "Folder of the run")->required()->type_name("RUN");
  sub->add_flag("--lines", watch_.lines, "A line an epoch, as in a pipe");
  add_color(sub, watch_.color);
}

void CommandTable::add_plot() {
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

void CommandTable::add_report() {
  CLI::App* sub = command("report", "A page on runs that needs nothing but a browser", report_, report_command);
  add_runs(sub, report_.runs);
  sub->add_option("-o,--output", report_.output, "HTML file, - is stdout (default: RUN/report.html)")
      ->type_name("FILE");
  sub->add_flag("-q,--quiet", report_.quiet, "Do not say what was written");
}

void CommandTable::add_evaluate() {
  CLI::App* sub = command("evaluate", "Loss and metrics of a model on data with targets", evaluate_, evaluate_command);
  add_model(sub, evaluate_.model);
  add_data(sub, evaluate_.data);
  add_form(sub, evaluate_.form);
  sub->add_flag("--json", evaluate_.json, "Print one JSON object on stdout");
  sub->add_option("--rows", evaluate_.rows, "all, or the train, validation or test rows of the run")
      ->check(CLI::IsMember({"all", "train", "validation", "test"}).description(""))
      ->type_name("PART");
}

void CommandTable::add_predict() {
  CLI::App* sub = command("predict", "Predictions of a model as CSV, a line a row", predict_, predict_command);
  add_model(sub, predict_.model);
  add_data(sub, predict_.data);
  add_form(sub, predict_.form);
  sub->add_option("-o,--output", predict_.output, "File to write; - is stdout")->type_name("FILE");
}

void CommandTable::add_inspect() {
  CLI::App* sub =
      command("inspect", "What a model is made of, or what a run on a formula came to", inspect_, inspect_command);
  add_model(sub, inspect_.model);
  sub->add_flag("--json", inspect_.json, "Print one JSON object on stdout");
  sub->add_flag("--verdict", inspect_.verdict, "Judge the point its training ended at: minimum, saddle, flat");
  sub->add_flag("--spectrum", inspect_.spectrum, "How the eigenvalues of the Hessian are spread there");
}

void CommandTable::add_gradcheck() {
  CLI::App* sub = command("gradcheck", "Compare gradients with finite differences", gradcheck_, gradcheck_command);
  add_config_source(sub, gradcheck_.config);
  sub->add_flag("--json", gradcheck_.json, "Print one JSON object on stdout");
  sub->add_option("--rows", gradcheck_.rows, "Training rows in the sum")->check(count())->capture_default_str();
  sub->add_option("--weights", gradcheck_.weights, "Weights checked in each block")
      ->check(count())
      ->capture_default_str();
}

void CommandTable::add_config() {
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
  deed("help", "Print all settings with their meaning, or some of them")
      ->add_option("name", config_.names, "A section, or a setting such as train.epochs or epochs")
      ->type_name("NAME");
  deed("schema", "Print the JSON Schema (draft 4) for editors");
  deed("reference", "The same as help, as Markdown");
}

void CommandTable::add_generate() {
  CLI::App* sub = command("generate", "Make a small data set as CSV", generate_, generate_command);
  sub->add_option("name", generate_.name, join(generator_names()))->required()->type_name("NAME");
  sub->add_option("--rows", generate_.rows, "Rows (default: the generator's own)")->check(count());
  sub->add_option("--noise", generate_.noise, "Standard deviation (default: the generator's own)");
  sub->add_option("--seed", generate_.seed, "Seed")->capture_default_str();
  sub->add_option("-o,--output", generate_.output, "File to write; - is stdout")->type_name("FILE");
}

void CommandTable::add_minimize() {
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
  sub->add_option("--set", minimize_.constants, "Constant of a method or line search: momentum=0.5, history=20, c2=0.1")
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

void CommandTable::add_derive() {
  CLI::App* sub = command("derive", "Derivatives of a formula, and what they say at a point", derive_, derive_command);
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

void CommandTable::add_critical() {
  CLI::App* sub = command("critical", "Critical points of a formula in a box, classified", critical_, critical_command);
  add_formula(sub, critical_.formula);
  sub->add_option("--box", critical_.box, "Required: where to search, x=-3:3,y=-3:3, or -5:5 for all")
      ->type_name("BOX");
  sub->add_option("--data", critical_.data, "CSV file (- is stdin) with the columns in sum(...)")->type_name("CSV");
  sub->add_option("--plot", critical_.plot, "Picture to draw: .svg, .png, .pdf, or .gp, its gnuplot script")
      ->check(named())
      ->type_name("FILE");
  sub->add_flag("--json", critical_.json, "Print one JSON object on stdout");
}

}  // namespace descent
