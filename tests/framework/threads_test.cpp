#include "framework/kernels/threads.hpp"

#include "framework/kernels/subnormals.hpp"
#include "tests/support/no_more_threads.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <limits>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sched.h>
#endif

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

#ifdef __linux__
// In a process of its own: the count is kept.
TEST(Threads, AreNoMoreThanTheProcessorsAllowed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto count_on_one = [] {
    cpu_set_t allowed, one;
    sched_getaffinity(0, sizeof allowed, &allowed);
    int first = 0;
    while (!CPU_ISSET(first, &allowed)) ++first;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    sched_setaffinity(0, sizeof one, &one);
    kernels::set_threads(8);
    std::exit(kernels::processors() == 1 && kernels::threads() == 1 ? 0 : 1);
  };
  EXPECT_EXIT(count_on_one(), testing::ExitedWithCode(0), "");
}
#endif

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
