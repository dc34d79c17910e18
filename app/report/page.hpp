// One self-contained HTML page: data as JSON, scripts and styles inline, nothing from a network.
//
// The page's scripts make every element from the data and put text into it as text, so that no name from a file can be
// markup. What the data is written into is decided here: HTML, or JSON inside a script element.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace descent {

// & < > " ' as character references: safe as text and in a quoted attribute.
std::string html_escaped(std::string_view text);

// JSON that cannot end the script element it stands in: <, >, & and the line separators U+2028 and U+2029 as \uXXXX;
// bytes that are no UTF-8 as U+FFFD.
std::string script_json(const nlohmann::ordered_json& json);

// 'sha256-…' as a content security policy wants it, from 64 hexadecimal digits.
std::string policy_hash(std::string_view sha256);

// The page that shows `data` (see app/report/report.js for its form).
std::string html_page(std::string_view title, const nlohmann::ordered_json& data);

}  // namespace descent
