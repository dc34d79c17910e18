// The oracle of formulas: SymPy, another program by other people, must agree.
#include "framework/formula/formula.hpp"
#include "framework/formula/printer.hpp"
#include "framework/random.hpp"
#include "framework/text.hpp"
#include "tests/support/program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace descent {
namespace {

constexpr const char* kPython = "/usr/bin/python3";

std::vector<std::string> formulas() {
  std::ifstream file(std::string(DESCENT_SOURCE_DIR) + "/tests/framework/formula/sympy_formulas.txt");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string numbers(std::span<const double> x) {
  std::vector<std::string> texts;
  for (const double element : x) texts.push_back(shortest(element));
  return join(texts, " ");
}

std::string derivative_texts(const Formula& f) {
  std::vector<std::string> slopes, curvatures;
  for (const formula::Expr& slope : f.gradient()) slopes.push_back(to_text(slope));
  for (const auto& row : f.hessian())
    for (const formula::Expr& entry : row) curvatures.push_back(to_text(entry));
  return join(slopes, " ; ") + "\t" + join(curvatures, " ; ");
}

// A line of sympy_check.py's input for each of a few points: one where every function has a value, two around 0.
std::string answers(const std::string& text, std::uint32_t index) {
  const Formula f = Formula::parse(text);
  const formula::Tape tape = f.tape();
  formula::Tape::Work work(tape);
  const std::size_t n = f.variables().size();
  Rng rng(11, Purpose::check, 0, index);
  std::string lines;
  for (int k = 0; k < 3; ++k) {
    std::vector<double> x(n), g(n);
    for (double& element : x) element = k == 0 ? rng.uniform(0.2, 0.9) : rng.uniform(-1.5, 1.5);
    Matrix<double> h = zeros<double>(n, n);
    const double value = tape.gradient(x, g, work);
    tape.hessian(x, view(h), work);
    lines += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\n", text, join(f.variables(), " "), numbers(x), shortest(value),
                         numbers(g), numbers(std::span(h.data(), n * n)), derivative_texts(f));
  }
  return lines;
}

TEST(SymPy, AgreesInValuesGradientsAndHessians) {
  const std::string probe = std::string(kPython) + " -c 'import sympy' 2>/dev/null";
  if (std::system(probe.c_str()) != 0) GTEST_SKIP() << "no SymPy (python3-sympy)";
  const std::vector<std::string> texts = formulas();
  EXPECT_GE(texts.size(), 120u);
  for (const formula::Function& row : formula::functions())
    EXPECT_TRUE(row.sums_rows || std::ranges::any_of(texts,
                                                     [&](const std::string& text) {
                                                       return text.find(std::string(row.name) + "(") !=
                                                              std::string::npos;
                                                     }))
        << row.name << " is in no formula";

  const test::TemporaryFolder folder;
  std::string lines;
  for (std::uint32_t i = 0; i < texts.size(); ++i) lines += answers(texts[i], i);
  const std::string command = fmt::format("{} '{}/tests/framework/formula/sympy_check.py' '{}' > '{}'", kPython,
                                          DESCENT_SOURCE_DIR, folder.write("answers", lines), folder.file("report"));
  const int code = std::system(command.c_str());
  EXPECT_EQ(code, 0) << test::read_text(folder.file("report"));
}

}  // namespace
}  // namespace descent
