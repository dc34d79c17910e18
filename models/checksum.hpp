// FNV-1a, 64 bits (Fowler, Noll & Vo): names contents and finds damage; no protection against intent.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace descent {

class Fnv1a {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) add_byte(static_cast<unsigned char>(c));
  }
  // The bytes of the word, the lowest first.
  template <std::unsigned_integral Word>
  void add(Word word) {
    for (std::size_t i = 0; i < sizeof word; ++i) add_byte(word >> (8 * i) & 0xFF);
  }
  // 16 hexadecimal digits.
  std::string text() const { return fmt::format("{:016x}", hash_); }

 private:
  void add_byte(std::uint64_t byte) { hash_ = (hash_ ^ byte) * 0x100000001B3; }

  std::uint64_t hash_ = 0xCBF29CE484222325;
};

}  // namespace descent
