#include "app/commands.hpp"
#include "datasets/csv.hpp"
#include "datasets/generators.hpp"
#include "framework/error.hpp"
#include "models/file_io.hpp"

#include <iostream>
#include <limits>
#include <sstream>

namespace descent {

int generate_command(const GenerateArguments& arguments) {
  const double noise = arguments.noise.value_or(std::numeric_limits<double>::quiet_NaN());
  std::ostringstream text;
  write_csv(text, generate(arguments.name, arguments.rows, noise, arguments.seed));
  if (arguments.output != "-") {
    write_file_atomically(arguments.output, text.str());
    return kOk;
  }
  std::cout << text.str() << std::flush;
  if (!std::cout) throw Error(Fault::runtime, "cannot write to standard output");
  return kOk;
}

}  // namespace descent
