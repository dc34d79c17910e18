// Words for messages: suggestions, lists of names, numbers, quoted text.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

// Slips of typing between two words: insertions, deletions, substitutions and swaps of neighbours
// (optimal string alignment), without regard to case.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The known name nearest to `typed` (Damerau-Levenshtein distance at most 2, or 3 when `typed`
// has 8 letters or more, and at most half its letters); nothing when none is near.
std::optional<std::string> nearest_name(std::string_view typed, std::span<const std::string> known);

// "unknown activation 'rellu'; did you mean 'relu'? (known: identity, relu, tanh)"
std::string unknown_name(std::string_view what, std::string_view typed, std::span<const std::string> known);

// "a, b, c"
std::string join(std::span<const std::string> names, std::string_view separator = ", ");

// Shortest decimal text that reads back as the same double: "0.1", "1e-05", "nan".
std::string shortest(double x);

// Text from a file made safe for a terminal line: control characters (C0, DEL and C1) and invalid UTF-8
// become \xNN, anything beyond `limit` bytes becomes "…".
std::string printable(std::string_view text, std::size_t limit = 60);

// Quoted where a shell would take it apart.
std::string shell_word(std::string_view text);

// Offset of the first byte that is not valid UTF-8, or npos.
std::size_t find_invalid_utf8(std::string_view text);

}  // namespace descent
