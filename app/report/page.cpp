#include "app/report/page.hpp"

#include "app/report/assets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace descent {
namespace {

// In the order in which they run.
constexpr std::array<std::string_view, 5> kScripts = {"dygraph.js", "page.js", "curves.js", "contour.js", "report.js"};
constexpr std::array<std::string_view, 2> kStyles = {"dygraph.css", "report.css"};

void replace(std::string& text, std::string_view mark, std::string_view by) {
  const std::size_t at = text.find(mark);
  assert(at != std::string::npos);
  text.replace(at, mark.size(), by);
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

int digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

template <std::size_t n>
std::string hashes(const std::array<std::string_view, n>& names) {
  std::string text;
  for (const std::string_view name : names) text += " " + policy_hash(asset(name).sha256);
  return text;
}

template <std::size_t n>
std::string elements(const std::array<std::string_view, n>& names, std::string_view tag) {
  std::string text;
  for (const std::string_view name : names) text += fmt::format("<{0}>{1}</{0}>\n", tag, asset(name).text);
  return text;
}

}  // namespace

const Asset& asset(std::string_view name) {
  const auto found = std::ranges::find(assets(), name, &Asset::name);
  assert(found != assets().end());
  return *found;
}

std::string html_escaped(std::string_view text) {
  std::string result;
  for (const char c : text) switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  return result;
}

std::string script_json(const nlohmann::ordered_json& json) {
  std::string text = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  // All of these stand only inside strings, where an escape means the same.
  text = replaced(std::move(text), "<", "\\u003c");
  text = replaced(std::move(text), ">", "\\u003e");
  text = replaced(std::move(text), "&", "\\u0026");
  text = replaced(std::move(text), "\u2028", "\\u2028");
  return replaced(std::move(text), "\u2029", "\\u2029");
}

std::string policy_hash(std::string_view sha256) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string base64;
  unsigned bits = 0;
  int count = 0;
  for (const char c : sha256) {
    bits = bits << 4 | static_cast<unsigned>(digit(c));
    for (count += 4; count >= 6; count -= 6) base64 += kDigits[bits >> (count - 6) & 63];
    bits &= (1u << count) - 1;
  }
  if (count > 0) base64 += kDigits[bits << (6 - count) & 63];
  while (base64.size() % 4 != 0) base64 += '=';
  return "'sha256-" + base64 + "'";
}

std::string html_page(std::string_view title, const nlohmann::ordered_json& data) {
  std::string page(asset("page.html").text);
  // What is filled in last may hold any text; marks are looked for before it.
  replace(page, "{{script-hashes}}", hashes(kScripts));
  replace(page, "{{style-hashes}}", hashes(kStyles));
  replace(page, "{{dygraphs-licence}}", replaced(std::string(asset("dygraphs-licence.txt").text), "--", "- -"));
  replace(page, "{{styles}}", elements(kStyles, "style"));
  const std::size_t scripts = page.find("{{scripts}}"), json = page.find("{{data}}"), head = page.find("{{title}}");
  assert(head < json && json < scripts);
  const auto rest = [&](std::size_t from, std::string_view mark) { return from + mark.size(); };
  return page.substr(0, head) + html_escaped(title) +
         page.substr(rest(head, "{{title}}"), json - rest(head, "{{title}}")) + script_json(data) +
         page.substr(rest(json, "{{data}}"), scripts - rest(json, "{{data}}")) + elements(kScripts, "script") +
         page.substr(rest(scripts, "{{scripts}}"));
}

}  // namespace descent
