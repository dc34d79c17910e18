// Running `descent minimize` from a test.
#pragma once

#include "tests/support/program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace descent::test {

inline Ran minimize(std::vector<std::string> arguments, const std::string& input = "") {
  arguments.insert(arguments.begin(), "minimize");
  return run_program(arguments, ".", input);
}

// The object that --json prints.
inline nlohmann::json minimize_json(std::vector<std::string> arguments, int code = 0) {
  arguments.push_back("--json");
  const Ran ran = minimize(arguments);
  EXPECT_EQ(ran.code, code) << ran.err;
  return nlohmann::json::parse(ran.out, nullptr, false);
}

inline bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace descent::test
