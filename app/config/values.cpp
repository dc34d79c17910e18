#include "app/config/values.hpp"

#include "app/config/tune.hpp"
#include "framework/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>
#include <type_traits>
#include <utility>

namespace descent {
namespace {

constexpr std::size_t kLongestName = 200;  // bytes; file systems take 255, and endings are added

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

bool is_number_text(const toml::node& node) {
  const auto text = node.value_exact<std::string>();
  if (!text) return false;
  double ignored;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), ignored);
  return error == std::errc() && end == text->data() + text->size();
}

class ValueReader {
 public:
  ValueReader(const FieldInfo& field, const Slot& slot, ValueContext& context)
      : field_(field), slot_(slot), context_(context) {}

  std::optional<WrongValue> read(const toml::node& node) {
    return std::visit([&](auto* value) { return store(node, *value); }, slot_);
  }

 private:
  std::optional<WrongValue> refuse(const toml::node& node, std::string_view remark = {}) const {
    return WrongValue{
        fmt::format("{} must be {}, got {}{}", context_.name, wanted(field_, slot_), describe(node), remark), &node};
  }

  std::optional<WrongValue> store(const toml::node& node, bool& value) {
    const auto found = node.value_exact<bool>();
    if (!found) return refuse(node);
    value = *found;
    return std::nullopt;
  }

  std::optional<WrongValue> store(const toml::node& node, std::int64_t& value) {
    if (const auto text = node.value_exact<std::string>(); text && !field_.word.empty() && *text == field_.word) {
      value = 0;
      return std::nullopt;
    }
    const auto found = node.value_exact<std::int64_t>();
    if (!found) {
      const double real = node.value_exact<double>().value_or(0.5);
      const bool whole = std::trunc(real) == real && std::abs(real) < 1e15 && field_.bounds.hold(real);
      return refuse(node, whole                  ? fmt::format("; write {:.0f}", real)
                          : is_number_text(node) ? "; write it without quotes"
                                                 : "");
    }
    if (!field_.bounds.hold(static_cast<double>(*found))) return refuse(node);
    value = *found;
    return std::nullopt;
  }

  std::optional<WrongValue> store(const toml::node& node, double& value) {
    const bool number = node.is_integer() || node.is_floating_point();
    const double found = number ? node.value<double>().value_or(0) : 0;
    if (!number) return refuse(node, is_number_text(node) ? "; write it without quotes" : "");
    if (std::isnan(found) || !field_.bounds.hold(found)) return refuse(node);
    if (std::isinf(found) && found != context_.limitless) return refuse(node);
    value = found;
    return std::nullopt;
  }

  std::optional<WrongValue> store(const toml::node& node, std::string& value) {
    std::optional<std::string> found = node.value_exact<std::string>();
    if (!found && field_.true_or_false && node.is_boolean())
      found = node.value_exact<bool>().value() ? "true" : "false";
    if (!found && context_.typed) found = context_.typed;
    if (!found) return refuse(node);
    const std::string said = *found;
    if (field_.true_or_false && node.is_string() && (said == "true" || said == "false")) return refuse(node);
    for (const ValueAlias& alias : field_.value_aliases)
      if (alias.typed == said && is_choice(alias.meant)) {
        found = alias.meant;
        note(alias);
      }
    if (const std::string wrong = wrong_text(*found); !wrong.empty()) return WrongValue{wrong, &node};
    value = *found;
    return std::nullopt;
  }

  std::optional<WrongValue> store(const toml::node& node, std::vector<std::string>& value) {
    std::vector<std::string> list;
    const auto take = [&](const toml::node& element) -> std::optional<WrongValue> {
      std::optional<std::string> text = element.value_exact<std::string>();
      if (!text && &element == &node) text = context_.typed;
      if (!text) return refuse(element);
      if (text->empty() || has_control(*text))
        return WrongValue{fmt::format("{}: \"{}\" cannot be a column's name", context_.name, printable(*text)),
                          &element};
      list.push_back(*text);
      return std::nullopt;
    };
    if (const toml::array* array = node.as_array()) {
      for (const toml::node& element : *array)
        if (auto wrong = take(element)) return wrong;
    } else if (auto wrong = take(node)) {
      return wrong;
    }
    value = std::move(list);
    return std::nullopt;
  }

  std::optional<WrongValue> store(const toml::node& node, std::vector<std::int64_t>& value) {
    const toml::array* array = node.as_array();
    if (!array) {
      const auto single = node.value_exact<std::int64_t>();
      return refuse(node, single ? fmt::format("; write [{}]", *single) : "");
    }
    std::vector<std::int64_t> list;
    for (const toml::node& element : *array) {
      const auto number = element.value_exact<std::int64_t>();
      if (!number || !field_.bounds.hold(static_cast<double>(*number))) return refuse(element);
      list.push_back(*number);
    }
    value = std::move(list);
    return std::nullopt;
  }

  std::optional<WrongValue> store(const toml::node& node, std::vector<LayerConfig>&) { return refuse(node); }

  std::optional<WrongValue> store(const toml::node& node, RateGrid& value) {
    if (!node.is_table() && !node.is_array())
      return refuse(node, node.is_number() ? "; one γ needs no tuning: optimizer.learning_rate" : "");
    return read_grid(node, context_.name, value);
  }

  bool is_choice(std::string_view name) const {
    if (field_.text != Text::choice) return true;
    const auto names = field_.choices();
    return std::count(names.begin(), names.end(), name) > 0;
  }

  void note(const ValueAlias& alias) {
    if (field_.text == Text::delimiter) return;  // "tab" is plain enough
    context_.notice = fmt::format("{} = \"{}\" is called \"{}\" here{}{}", context_.name, alias.typed, alias.meant,
                                  alias.remark.empty() ? "" : "; ", alias.remark);
  }

  // What is wrong with it; empty if nothing is. An empty text stands for "not given" where that is possible.
  std::string wrong_text(const std::string& text) const {
    const std::string_view name = context_.name;
    if (text.empty())
      return field_.unset.empty() ? fmt::format("{} must be {}, got an empty text", name, wanted(field_, slot_)) : "";
    if (find_invalid_utf8(text) != std::string::npos) return fmt::format("{} is not valid UTF-8", name);
    if (has_control(text) && field_.text != Text::delimiter)
      return fmt::format("{} holds a control character: {}", name, printable(text));
    switch (field_.text) {
      case Text::choice:
        return is_choice(text) ? "" : unknown_name(name, text, field_.choices());
      case Text::folder_name:
        return is_folder_name(text)
                   ? ""
                   : fmt::format("{} must be a plain folder name of at most {} bytes, without / or \\, got \"{}\"",
                                 name, kLongestName, printable(text));
      case Text::delimiter:
        return is_delimiter(text)
                   ? ""
                   : fmt::format("{} must be {}, got \"{}\"", name, wanted(field_, slot_), printable(text));
      default:
        return "";
    }
  }

  static bool is_folder_name(std::string_view text) {
    return text.size() <= kLongestName && text != "." && text != ".." &&
           text.find_first_of("/\\") == std::string_view::npos;
  }

  static bool is_delimiter(std::string_view text) {
    if (text == "auto") return true;
    if (text.size() != 1) return false;
    constexpr std::string_view other = "\t !#$%&*,/:;<=>?@^|~";
    return other.find(text[0]) != std::string_view::npos;
  }

  const FieldInfo& field_;
  const Slot& slot_;
  ValueContext& context_;
};

}  // namespace

std::optional<WrongValue> read_value(const toml::node& node, const FieldInfo& field, const Slot& slot,
                                     ValueContext& context) {
  return ValueReader(field, slot, context).read(node);
}

std::string describe(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string:
      return fmt::format("the text \"{}\"", printable(node.as_string()->get()));
    case toml::node_type::integer:
      return std::to_string(node.as_integer()->get());
    case toml::node_type::boolean:
      return node.as_boolean()->get() ? "true" : "false";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::table:
      return "a table";
    case toml::node_type::date:
    case toml::node_type::date_time:
      return "a date";
    case toml::node_type::time:
      return "a time of day";
    case toml::node_type::floating_point:
      break;
    case toml::node_type::none:
      return "nothing";
  }
  const double x = node.as_floating_point()->get();
  const bool whole = std::trunc(x) == x && std::abs(x) < 1e15;
  return whole ? fmt::format("{:.1f}", x) : shortest(x);
}

}  // namespace descent
