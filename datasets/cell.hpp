// What one cell of a text file says: a number, nothing, or a word.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace descent {

enum class CellKind { number, missing, not_finite, text };

// Without surrounding spaces and tabs.
std::string_view trimmed(std::string_view cell);

// `cell` is empty or one of the missing-value words (see csv.hpp); it is trimmed already.
bool is_missing(std::string_view cell);

// Reads a trimmed cell as a decimal number, the whole cell and in any locale; `value` is set for
// CellKind::number only. Infinities and numbers beyond a double are not_finite; numbers too small
// for a double are 0.
CellKind read_cell(std::string_view cell, double& value);

// The same with `mark`, '.' or ',', between the whole part of a number and its fraction; with ',' a point is no number.
CellKind read_cell(std::string_view cell, double& value, char mark);

// What is to be said of texts, none of which read_cell takes for a number, that are all numbers as people write them:
// with the other decimal mark, commas between thousands, a currency, a percent sign or a typographic minus. Empty where
// some are none.
std::string_view number_in_words(const std::vector<std::string>& texts, char mark);

}  // namespace descent
