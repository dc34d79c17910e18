// Memory that will soon be read from places that no processor can guess: while products are multiplied, it comes
// nearer. Nothing that is computed depends on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace descent::kernels {

// The rows to come of some tables. A few lines of them are asked for before every tile of a product.
struct FetchAhead {
  struct Table {
    const char* data = nullptr;
    std::size_t stride = 0, bytes = 0;  // from row to row; of a row
  };
  static constexpr std::size_t kTables = 2;
  Table tables[kTables] = {};
  const std::uint32_t *rows = nullptr, *end = nullptr;  // those still to come; none: nothing to do
  std::size_t table = 0, byte = 0;                      // how far the first of them has come
};

// What the products of this thread fetch.
extern constinit thread_local FetchAhead fetch_ahead;
// What the helpers fetch with which it shares products: one for each of the first parts.
extern constinit thread_local std::span<FetchAhead> fetch_ahead_of_helpers;

// While it lives, the products of this thread fetch `other`, unless that is null, which is carried on.
class Fetching {
 public:
  explicit Fetching(FetchAhead* other) : other_(other) { exchange(); }
  ~Fetching() { exchange(); }
  Fetching(const Fetching&) = delete;
  Fetching& operator=(const Fetching&) = delete;

 private:
  void exchange() {
    if (other_ != nullptr) std::swap(fetch_ahead, *other_);
  }
  FetchAhead* other_;
};

}  // namespace descent::kernels
