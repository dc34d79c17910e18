#include "app/commands.hpp"
#include "datasets/csv.hpp"
#include "datasets/generators.hpp"
#include "framework/error.hpp"
#include "models/file_io.hpp"

#include <cmath>
#include <iostream>
#include <limits>
#include <sstream>

namespace descent {

int generate_command(const GenerateArguments& arguments) {
  if (arguments.noise && std::isnan(*arguments.noise)) throw Error(Fault::usage, "--noise must be a number, not nan");
  const double noise = arguments.noise.value_or(std::numeric_limits<double>::quiet_NaN());
  std::ostringstream text;
  write_csv(text, generate(arguments.name, arguments.rows, noise, arguments.seed));
  if (arguments.output != "-") {
    write_file_atomically(arguments.output, text.str());
    return kOk;
  }
  std::cout << text.str();
  return kOk;
}

}  // namespace descent
