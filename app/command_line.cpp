#include "app/command_line.hpp"

#include "app/command_table.hpp"
#include "app/config/render.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>

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

// Commands that are added take over the way help is written.
class Parser final : public CLI::App {
 public:
  Parser() : App("Descent: train small neural networks by gradient descent, and see what it does.", "descent") {
    set_version_flag("-V,--version", "descent " DESCENT_VERSION);
    require_subcommand(1);
    const auto style = std::make_shared<Formatter>();
    style->column_width(Formatter::kLeft);
    formatter(style);
    footer(kFooter);
  }
};

class CommandLine {
 public:
  CommandLine() = default;
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
    return commands_.run();
  }

 private:
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

  Parser app_;
  CommandTable commands_{app_};
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
