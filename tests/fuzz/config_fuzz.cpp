// Any bytes as a config file: refused with an Error, or accepted and equal after writing and reading.
// Text after the first NUL byte is cut at NUL bytes into --set arguments.
#include "app/config/reader.hpp"
#include "app/config/writer.hpp"
#include "framework/error.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::optional<descent::Config> read(std::string_view text, const std::vector<std::string>& overrides) {
  try {
    return descent::parse_config(text, "folder/run.toml", overrides).config;
  } catch (const descent::Error& error) {
    if (error.fault() != descent::Fault::config || std::string_view(error.what()).empty()) std::abort();
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view text = rest.substr(0, rest.find('\0'));
  std::vector<std::string> overrides;
  while (rest.find('\0') != std::string_view::npos && overrides.size() < 8) {
    rest.remove_prefix(rest.find('\0') + 1);
    overrides.emplace_back(rest.substr(0, rest.find('\0')));
  }
  read({reinterpret_cast<const char*>(data), size}, {});
  if (const auto config = read(text, overrides)) {
    const auto again = read(descent::to_toml(*config), {});
    if (!again || *again != descent::with_absolute_paths(*config)) std::abort();
  }
  return 0;
}
