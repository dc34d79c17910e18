#include "framework/kernels/threads.hpp"

#include "framework/kernels/subnormals.hpp"
#include "tests/support/no_more_threads.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <thread>
#include <vector>

namespace descent {
namespace {

// How often each part was done when all are shared out twice.
std::vector<int> visits(std::size_t parts) {
  std::vector<int> count(parts);
  for (int again = 0; again < 2; ++again)
    kernels::share(
        parts, [](void* context, std::size_t part) { ++(*static_cast<std::vector<int>*>(context))[part]; }, &count);
  return count;
}

TEST(Threads, DoEveryPartOnce) {
  for (const std::size_t parts : {1, 2, 5, 3}) EXPECT_EQ(visits(parts), std::vector<int>(parts, 2));
}

// With others on all processors, some parts are begun by their helper and some by the caller.
TEST(Threads, DoEveryPartOnceWhereProcessorsAreTaken) {
  std::atomic<bool> over{false};
  std::vector<std::thread> others(2 * std::max(1u, std::thread::hardware_concurrency()));
  for (std::thread& other : others)
    other = std::thread([&] {
      while (!over) {
      }
    });
  for (int round = 0; round < 5000; ++round) {
    const std::size_t parts = 2 + static_cast<std::size_t>(round) % 4;
    ASSERT_EQ(visits(parts), std::vector<int>(parts, 2)) << round;
  }
  over = true;
  for (std::thread& other : others) other.join();
}

TEST(Threads, TreatSubnormalNumbersAsTheCallerDoes) {
  const auto halves = [](std::size_t parts) {
    std::vector<float> numbers(parts, std::numeric_limits<float>::min());
    kernels::share(
        parts, [](void* context, std::size_t part) { (*static_cast<std::vector<float>*>(context))[part] /= 2; },
        &numbers);
    return numbers;
  };
  const std::vector<float> kept(4, std::numeric_limits<float>::min() / 2);
  for (int again = 0; again < 100; ++again) {
    ASSERT_EQ(halves(4), kept);
    const kernels::FlushSubnormals flush(true);
    ASSERT_EQ(halves(4), std::vector<float>(4, 0.0f));
  }
}

TEST(Threads, TheCallerWorksAloneWhereTheMachineGrantsNoMore) {
  const test::NoMoreThreads none;
  for (const std::size_t parts : {2, 9}) EXPECT_EQ(visits(parts), std::vector<int>(parts, 2));
}

}  // namespace
}  // namespace descent
