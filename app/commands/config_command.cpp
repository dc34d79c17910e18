#include "app/commands.hpp"
#include "app/config/writer.hpp"
#include "framework/error.hpp"
#include "models/file_io.hpp"

#include <filesystem>
#include <iostream>

namespace descent {
namespace {

void init(const std::string& output) {
  if (output.empty()) {
    std::cout << commented_template();
    return;
  }
  std::error_code ignored;
  if (std::filesystem::exists(output, ignored))
    throw Error(Fault::usage, "'{}' exists already; remove it or choose another name", output);
  write_file_atomically(output, commented_template());
}

}  // namespace

int config_command(const ConfigArguments& arguments) {
  if (arguments.deed == "init") {
    init(arguments.output);
  } else if (arguments.deed == "help") {
    std::cout << field_help(arguments.names);
  } else if (arguments.deed == "schema") {
    std::cout << json_schema();
  } else if (arguments.deed == "reference") {
    std::cout << markdown_reference();
  } else {
    const ConfigResult read = read_config(arguments.config);
    for (const std::string& notice : read.notices) std::cerr << "note: " << notice << '\n';
    std::cout << (arguments.deed == "show" ? to_toml(read.config) : std::string("ok\n"));
  }
  return kOk;
}

}  // namespace descent
