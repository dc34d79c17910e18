// What a call refused, and that it was the user's fault.
#pragma once

#include "framework/error.hpp"

#include <gtest/gtest.h>

#include <string>

namespace descent::test {

template <class Call>
std::string refusal(Call call, Fault fault = Fault::usage) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), fault);
    return error.what();
  }
  return "nothing was refused";
}

}  // namespace descent::test
