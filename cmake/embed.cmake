# Writes a C++ file that holds text files as string literals, each with its SHA-256 for a content security policy.
#
# Usage: cmake -DOUTPUT=FILE.cpp -DFILES=NAME=PATH;NAME=PATH… -P embed.cmake
# The file defines `std::span<const descent::Asset> descent::assets()` of app/report/assets.hpp. A reference to a source
# map, which a page that needs no network cannot have, is left out.
set(rows "")
foreach(entry IN LISTS FILES)
  string(REGEX MATCH "^([^=]+)=(.*)$" matched "${entry}")
  set(name "${CMAKE_MATCH_1}")
  file(READ "${CMAKE_MATCH_2}" text)
  string(REGEX REPLACE "\n?/[/*]# sourceMappingURL=[^\n]*" "" text "${text}")
  string(SHA256 hash "${text}")
  string(LENGTH "${text}" length)  # in bytes
  string(APPEND rows "    {\"${name}\", std::string_view(R\"descent_asset(${text})descent_asset\", ${length}), \"${hash}\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"app/report/assets.hpp\"

namespace descent {

std::span<const Asset> assets() {
  static constexpr Asset kAssets[] = {
${rows}  };
  return kAssets;
}

}  // namespace descent
")
