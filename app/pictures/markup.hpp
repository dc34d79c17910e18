// Text of people inside a gnuplot script, and how wide it will be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace descent::pictures {

// A string literal of gnuplot that shows `text` as it stands: in single quotes, so that backquotes run no command
// and no macro expands; markup of enhanced text is escaped; control characters and bytes that are no UTF-8 show as
// \xNN; longer than 200 bytes ends in an ellipsis.
std::string literal(std::string_view text);

// A string literal of markup: our own enhanced text ("10^{−3}").
std::string markup_literal(std::string_view markup);

// The markup that shows `text` as it stands, to be joined with other markup.
std::string escaped(std::string_view text);

// An estimate of the width in pixels of text `size` pixels high, from the advances of DejaVu Sans, a wide
// face: other faces take less.
double text_width(std::string_view text, double size);

// `text` broken at blanks into at most `lines` lines of at most `width` pixels; what remains is an ellipsis.
std::vector<std::string> wrapped(std::string_view text, double size, double width, std::size_t lines);

}  // namespace descent::pictures
