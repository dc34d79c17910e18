// Files that a reader of safetensors must refuse, each with the rule it breaks, and some it must not.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace descent::test {

inline std::string with_header(const std::string& header, const std::string& data = {}) {
  const std::uint64_t length = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + data;
}

inline std::string claiming(std::uint64_t length, const std::string& rest) {
  std::string bytes = with_header(rest);
  std::memcpy(bytes.data(), &length, 8);
  return bytes;
}

// A header entry of F32 values.
inline std::string entry(const std::string& name, const std::string& shape, const std::string& offsets) {
  return '"' + name + R"(":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":)" + offsets + '}';
}

struct Sample {
  std::string what;
  std::string bytes;
  std::string message;  // part of what the library says
};

inline std::vector<Sample> refused_samples() {
  const std::string zero8(8, '\0'), zero16(16, '\0');
  std::string many = "{";
  for (int i = 0; i < 1000; ++i) many += (i > 0 ? "," : "") + entry("t" + std::to_string(i), "[2]", "[0,8]");
  const std::string one = entry("a", "[2]", "[0,8]");
  return {
      {"empty file", "", "it has 0 bytes, fewer than 8"},
      {"7 bytes", "1234567", "it has 7 bytes, fewer than 8"},
      {"header longer than the file", claiming(1000, "{}"), "its header claims 1000 bytes, but the file ends after 2"},
      {"header longer than allowed", claiming(100'000'001, "{}"), "at most 100000000 are allowed"},
      {"header of 2^64 - 1 bytes", claiming(~std::uint64_t{0}, "{}"), "at most 100000000 are allowed"},
      {"header of no bytes", with_header(""), "does not start with '{'"},
      {"header in front of which stands a space", with_header(" {}"), "does not start with '{'"},
      {"header that is a list", with_header("[]"), "does not start with '{'"},
      {"header with a byte order mark", with_header("\xEF\xBB\xBF{}"), "does not start with '{'"},
      {"header that is not JSON", with_header("{nonsense}"), "the header is not JSON at byte 11"},
      {"header that ends early", with_header("{\"a\":"), "the header is not JSON"},
      {"header followed by more", with_header("{}{}"), "the header is not JSON"},
      {"header padded with NUL", with_header(std::string("{}\0\0", 4)), "the header is not JSON at byte 11"},
      {"name that is not UTF-8", with_header("{" + entry("\xFF", "[2]", "[0,8]") + "}", zero8), "not JSON"},
      {"name that is overlong UTF-8", with_header("{" + entry("\xC0\xAF", "[2]", "[0,8]") + "}", zero8), "not JSON"},
      {"name with half a surrogate", with_header("{" + entry("\\ud800", "[2]", "[0,8]") + "}", zero8), "not JSON"},
      {"tensor twice", with_header("{" + one + "," + entry("a", "[2]", "[8,16]") + "}", zero16),
       "the key 'a' stands twice"},
      {"metadata twice", with_header(R"({"__metadata__":{},"__metadata__":{}})"),
       "the key '__metadata__' stands twice"},
      {"metadata key twice", with_header(R"({"__metadata__":{"k":"1","k":"2"}})"), "the key 'k' stands twice"},
      {"shape twice", with_header(R"({"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}})", zero8),
       "the key 'shape' stands twice"},
      {"metadata that is text", with_header(R"({"__metadata__":"k"})"), "text where it does not belong"},
      {"metadata value that is a number", with_header(R"({"__metadata__":{"k":1}})"), "a number where it does not"},
      {"metadata value that is null", with_header(R"({"__metadata__":{"k":null}})"), "null where text"},
      {"metadata value that is true", with_header(R"({"__metadata__":{"k":true}})"), "true or false where text"},
      {"metadata value that is an object", with_header(R"({"__metadata__":{"k":{}}})"), "nested too deep"},
      {"metadata value that is a list", with_header(R"({"__metadata__":{"k":[]}})"), "an array where it does not"},
      {"tensor that is a list", with_header(R"({"a":[]})"), "an array where it does not belong"},
      {"tensor without a type", with_header(R"({"a":{"shape":[0],"data_offsets":[0,0]}})"), "'a' lacks dtype, shape"},
      {"tensor without a shape", with_header(R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", "1234"), "'a' lacks"},
      {"tensor without offsets", with_header(R"({"a":{"dtype":"F32","shape":[0]}})"), "'a' lacks dtype, shape"},
      {"tensor with an unknown key",
       with_header(R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"code":"x"}})"),
       "unknown key 'code' in tensor 'a'"},
      {"unknown type", with_header(R"({"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}})", zero8),
       "tensor 'a' has type F33; this program reads F32 and F64"},
      {"type that is a number", with_header(R"({"a":{"dtype":4,"shape":[2],"data_offsets":[0,8]}})", zero8),
       "a number where it does not belong"},
      {"shape that is a number", with_header("{" + entry("a", "2", "[0,8]") + "}", zero8),
       "a number where it does not"},
      {"shape in a list in a list", with_header("{" + entry("a", "[[2]]", "[0,8]") + "}", zero8), "an array where it"},
      {"negative shape", with_header("{" + entry("a", "[-2]", "[0,8]") + "}", zero8), "a negative number in a shape"},
      {"fractional shape", with_header("{" + entry("a", "[2.0]", "[0,8]") + "}", zero8), "a fraction in a shape"},
      {"shape of text", with_header("{" + entry("a", "[\"2\"]", "[0,8]") + "}", zero8), "text where it does not"},
      {"negative offset", with_header("{" + entry("a", "[2]", "[-8,0]") + "}", zero8), "a negative number"},
      {"fractional offset", with_header("{" + entry("a", "[2]", "[0,8.5]") + "}", zero8), "a fraction"},
      {"offset beyond 64 bits", with_header("{" + entry("a", "[2]", "[0,18446744073709551624]") + "}", zero8),
       "a fraction"},
      {"one offset", with_header("{" + entry("a", "[2]", "[8]") + "}", zero8), "'a' needs two data_offsets"},
      {"three offsets", with_header("{" + entry("a", "[2]", "[0,8,8]") + "}", zero8), "'a' needs two data_offsets"},
      {"offsets that run backwards", with_header("{" + entry("a", "[2]", "[8,0]") + "}", zero8), "data_offsets 8 to 0"},
      {"elements that overflow", with_header("{" + entry("a", "[4294967296,4294967296]", "[0,8]") + "}", zero8),
       "the shape of tensor 'a' overflows"},
      {"bytes that overflow", with_header("{" + entry("a", "[4611686018427387906]", "[0,8]") + "}", zero8),
       "the shape of tensor 'a' overflows"},
      {"fewer bytes than the shape", with_header("{" + entry("a", "[3]", "[0,8]") + "}", zero8),
       "tensor 'a' of 12 bytes has data_offsets 0 to 8"},
      {"a hole in front", with_header("{" + entry("a", "[2]", "[8,16]") + "}", zero16), "starts at byte 8"},
      {"a hole between", with_header("{" + one + "," + entry("b", "[1]", "[12,16]") + "}", zero16),
       "tensor 'b' starts at byte 12 of the data, not at 8"},
      {"an overlap", with_header("{" + one + "," + entry("b", "[2]", "[4,12]") + "}", zero16), "starts at byte 4"},
      {"a thousand tensors on the same bytes", with_header(many + "}", zero8),
       "starts at byte 0 of the data, not at 8"},
      {"a tail", with_header("{" + one + "}", zero8 + "PK"), "the tensors take 8 bytes, but 10 follow the header"},
      {"data cut short", with_header("{" + one + "}", "1234"), "the tensors take 8 bytes, but 4 follow the header"},
      {"data without tensors", with_header("{}", zero8), "the tensors take 0 bytes, but 8 follow the header"},
  };
}

inline std::vector<Sample> accepted_samples() {
  const std::string zero8(8, '\0');
  return {
      {"nothing", with_header("{}"), ""},
      {"padding", with_header("{}      "), ""},
      {"metadata alone", with_header(R"({"__metadata__":{"k":"v"}})"), ""},
      {"a scalar", with_header("{" + entry("a", "[]", "[0,4]") + "}", "1234"), ""},
      {"no elements", with_header("{" + entry("a", "[0,3]", "[0,0]") + "}"), ""},
      {"an empty tensor listed behind one that starts at the same byte",
       with_header("{" + entry("b", "[2]", "[0,8]") + "," + entry("a", "[0]", "[0,0]") + "}", zero8), ""},
      {"tensors listed out of order",
       with_header("{" + entry("b", "[1]", "[4,8]") + "," + entry("a", "[1]", "[0,4]") + "}", zero8), ""},
  };
}

}  // namespace descent::test
