// What the tests of the config share.
#pragma once

#include "app/config/reader.hpp"
#include "framework/error.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace descent {

// The message of the Error that `text` is refused with; fails if it is accepted.
inline std::string refusal(std::string_view text, const std::vector<std::string>& overrides = {}) {
  try {
    parse_config(text, "run.toml", overrides);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::config);
    return error.what();
  }
  ADD_FAILURE() << "accepted: " << text;
  return {};
}

inline Config accepted(std::string_view text, const std::vector<std::string>& overrides = {}) {
  return parse_config(text, "run.toml", overrides).config;
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// The smallest config there is.
inline constexpr std::string_view kSmallest = "[data]\npath = \"data.csv\"\n";

}  // namespace descent
