#include "datasets/split.hpp"

#include "framework/error.hpp"
#include "framework/random.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <queue>

namespace descent {
namespace {

// How many of `rows` a share takes: the nearest whole number, at least one if it takes any.
std::size_t rows_of_share(double share, std::size_t rows) {
  if (share == 0) return 0;
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::llround(share * static_cast<double>(rows))));
}

// Deals `total` out to classes in proportion to `sizes` (largest remainder, the first of equals), no
// class more than `room`, which must be enough in sum.
std::vector<std::size_t> deal(std::size_t total, const std::vector<std::size_t>& sizes,
                              const std::vector<std::size_t>& room) {
  const std::size_t n = std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
  struct Claim {
    std::int64_t owed;  // n times what the exact share still exceeds the dealt rows by
    std::size_t label;
    bool operator<(const Claim& other) const { return owed != other.owed ? owed < other.owed : label > other.label; }
  };
  std::vector<std::size_t> dealt(sizes.size());
  std::priority_queue<Claim> claims;
  std::size_t left = total;
  const auto owed = [&](std::size_t c) {
    return static_cast<std::int64_t>(total * sizes[c]) - static_cast<std::int64_t>(dealt[c] * n);
  };
  for (std::size_t c = 0; c < sizes.size(); ++c) {
    dealt[c] = std::min(total * sizes[c] / n, room[c]);
    left -= dealt[c];
    if (dealt[c] < room[c]) claims.push({owed(c), c});
  }
  for (; left > 0; --left) {
    assert(!claims.empty());
    const std::size_t c = claims.top().label;
    claims.pop();
    if (++dealt[c] < room[c]) claims.push({owed(c), c});
  }
  return dealt;
}

void check_shares(const SplitOptions& options) {
  const auto impossible = [](double share) { return !(share >= 0 && share < 1); };
  if (impossible(options.validation) || impossible(options.test) || !(options.validation + options.test < 1))
    throw Error(Fault::usage,
                "cannot split off {} of the rows for validation and {} for test; each is at least 0, and the sum "
                "below 1",
                options.validation, options.test);
}

// Positions of `n` rows in the order in which they are taken for test, validation, then training.
std::vector<std::uint32_t> taking_order(std::size_t n, const SplitOptions& options) {
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  if (options.shuffle) {
    Rng rng(options.seed, Purpose::split);
    shuffle(order, rng);
  } else {
    std::reverse(order.begin(), order.end());
  }
  return order;
}

}  // namespace

Split split_rows(std::span<const std::uint32_t> rows, std::span<const std::uint32_t> labels,
                 const SplitOptions& options) {
  assert(labels.empty() || labels.size() == rows.size());
  check_shares(options);
  const std::size_t n = rows.size();
  const std::size_t tests = rows_of_share(options.test, n), validations = rows_of_share(options.validation, n);
  if (tests + validations >= n)
    throw Error(Fault::data,
                "{} row{} cannot be split into {} for validation, {} for test and at least one to train on; add rows, "
                "or set data.validation_split and data.test_split lower",
                n, n == 1 ? "" : "s", validations, tests);

  const std::size_t classes = labels.empty() ? 1 : *std::max_element(labels.begin(), labels.end()) + std::size_t{1};
  std::vector<std::size_t> sizes(classes), room(classes);
  for (std::size_t i = 0; i < n; ++i) ++sizes[labels.empty() ? 0 : labels[i]];
  std::size_t present = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    room[c] = sizes[c] > 0 ? sizes[c] - 1 : 0;
    present += sizes[c] > 0;
  }
  if (tests + validations > n - present)
    throw Error(
        Fault::data,
        "{} rows of {} classes leave {} that training can spare, but validation and test ask for {}; {}add rows, "
        "set data.validation_split and data.test_split lower, or data.stratify = false",
        n, present, n - present, tests + validations,
        present > 20 && present > n / 2 ? "if the target is a quantity, set train.loss to a loss for numbers; else "
                                        : "");

  std::vector<std::size_t> test_left = deal(tests, sizes, room);
  for (std::size_t c = 0; c < classes; ++c) room[c] -= test_left[c];
  std::vector<std::size_t> validation_left = deal(validations, sizes, room);

  Split split;
  for (const std::uint32_t i : taking_order(n, options)) {
    const std::size_t c = labels.empty() ? 0 : labels[i];
    if (test_left[c] > 0) {
      --test_left[c];
      split.test.push_back(rows[i]);
    } else if (validation_left[c] > 0) {
      --validation_left[c];
      split.validation.push_back(rows[i]);
    } else {
      split.train.push_back(rows[i]);
    }
  }
  for (auto* part : {&split.train, &split.validation, &split.test}) std::sort(part->begin(), part->end());
  return split;
}

}  // namespace descent
