#include "app/config/reader.hpp"

#include "app/config/errors.hpp"
#include "app/config/fields.hpp"
#include "app/config/render.hpp"
#include "app/config/rules.hpp"
#include "app/config/suggest.hpp"
#include "app/config/syntax.hpp"
#include "app/config/tune.hpp"
#include "app/config/values.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

namespace descent {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDataEndings[] = {".csv", ".csv.gz", ".tsv", ".tsv.gz"};

std::string shown_name(const std::string& path) { return path == "-" ? "<stdin>" : printable(path, 400); }

// Who gives a data file or the folder of a run is told where the config is.
void refuse_no_config(const std::string& path) {
  if (std::ranges::any_of(kDataEndings, [&](std::string_view ending) { return path.ends_with(ending); }))
    throw Error(Fault::config,
                "{} is data, not a config; write one that names it: descent config init run.toml, then in [data] "
                "path = {}",
                shown_name(path), toml_text(path));
  std::error_code ignored;
  const fs::path inside = fs::path(path) / "config.toml";
  if (fs::is_directory(path, ignored) && fs::exists(inside, ignored))
    throw Error(Fault::config, "{} is the folder of a run; its config is {}", shown_name(path),
                shown_name(inside.string()));
}

// At most kLargestConfig + 1 bytes, enough to see that there are too many.
std::string read_text(const std::string& path) {
  const auto refuse = [&](int reason) {
    return Error(Fault::config, "cannot read the config {}: {}", shown_name(path), std::strerror(reason));
  };
  refuse_no_config(path);
  errno = 0;
  const bool is_stdin = path == "-";
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> owned(is_stdin ? nullptr : std::fopen(path.c_str(), "rb"),
                                                        std::fclose);
  std::FILE* file = is_stdin ? stdin : owned.get();
  if (!file) throw refuse(errno);
  std::string text(kLargestConfig + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  if (std::ferror(file)) throw refuse(errno);
  return text;
}

bool before(const toml::source_position& a, const toml::source_position& b) {
  return a.line != b.line ? a.line < b.line : a.column < b.column;
}

struct Entry {
  const toml::key* key;
  const toml::node* value;
};

// In the order of the file, so that "given twice" points at the second.
std::vector<Entry> entries(const toml::table& table) {
  std::vector<Entry> list;
  for (auto&& [key, value] : table) list.push_back({&key, &value});
  std::stable_sort(list.begin(), list.end(),
                   [](const Entry& a, const Entry& b) { return before(a.key->source().begin, b.key->source().begin); });
  return list;
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

class Reader {
 public:
  Reader(const std::string& file, std::string_view text) : shown_(shown_name(file)), errors_(shown_, text) {
    given_.config_is_stdin = file == "-";
    if (file != "-") folder_ = fs::path(file).parent_path();
  }

  ConfigResult read(std::string_view text, std::span<const std::string> overrides) {
    const auto root = parse_toml(text, errors_);
    if (root) read_root(*root);
    for (const std::string& argument : overrides) read_override(argument);
    if (root) check_rules(config_, given_, errors_);
    errors_.throw_if_any();
    for (std::string& notice : idle_settings(config_, given_, errors_)) notices_.push_back(std::move(notice));
    return {std::move(config_), std::move(notices_)};
  }

 private:
  // Of the --set that is being read, or of the file.
  Spot spot(const toml::source_region& region) const {
    if (argument_ > 0) return {.argument = argument_};
    const bool one_line = region.begin.line == region.end.line && region.end.column > region.begin.column;
    return {.line = region.begin.line,
            .column = region.begin.column,
            .width = one_line ? region.end.column - region.begin.column : std::size_t{1}};
  }

  void note(const Spot& at, std::string_view what) {
    std::string notice = fmt::format("{}: {}", errors_.place(at), what);
    if (std::count(notices_.begin(), notices_.end(), notice) == 0) notices_.push_back(std::move(notice));
  }

  void read_root(const toml::table& root) {
    for (const auto& [key, value] : entries(root)) {
      if (errors_.plenty()) return;
      const std::string_view name = key->str();
      const bool known = is_section(name);
      if (name == "$schema" && value->is_string()) continue;  // for editors
      if (known && value->is_table()) {
        read_section(name, *value->as_table());
      } else if (known) {
        const std::string_view instead = value->is_array_of_tables() ? "[[…]] makes a list" : "";
        errors_.add(spot(key->source()), fmt::format("{} is a section; write [{}] on a line of its own{}{}", name, name,
                                                     instead.empty() ? "" : ", as ", instead));
      } else if (value->is_table() || value->is_array_of_tables()) {
        errors_.add(spot(key->source()), unknown_section(name));
      } else {
        errors_.add(spot(key->source()), unknown_key({}, name));
      }
    }
  }

  void read_section(std::string_view section, const toml::table& table) {
    std::vector<std::pair<const Field*, std::string_view>> seen;
    for (const auto& [key, value] : entries(table)) {
      if (errors_.plenty()) return;
      const Spot at = spot(key->source());
      if (section == "train" && key->str() == "checkpoint" && value->is_table()) {
        read_checkpoint(*value->as_table());
        continue;
      }
      const Field* field = find_field(section, key->str());
      if (!field) {
        if (section == "tune")
          read_unlisted_tune(at, key->str(), *value);
        else
          errors_.add(at, unknown_key(section, key->str()));
        continue;
      }
      const auto twin = std::find_if(seen.begin(), seen.end(), [&](const auto& pair) { return pair.first == field; });
      if (twin != seen.end()) {
        errors_.add(at,
                    fmt::format("'{}' and '{}' are the same setting; keep '{}'", twin->second, key->str(), field->key));
        continue;
      }
      seen.emplace_back(field, key->str());
      if (key->str() != field->key) note(at, fmt::format("'{}' is called {} here", key->str(), field->path()));
      read_field(*field, *value, std::nullopt);
    }
  }

  // train.checkpoint = { every_epochs = 5, every_seconds = 60 }.
  void read_checkpoint(const toml::table& table) {
    for (const auto& [key, value] : entries(table)) {
      const Field* field = find_field("train", fmt::format("checkpoint_{}", key->str()));
      if (!field)
        errors_.add(spot(key->source()),
                    fmt::format("unknown key '{}' in train.checkpoint; known: every_epochs, every_seconds",
                                printable(std::string(key->str()))));
      else
        read_field(*field, *value, std::nullopt);
    }
  }

  // The value counts as given even if it is wrong, so that no rule reports it as missing.
  void read_field(const Field& field, const toml::node& value, std::optional<std::string> typed) {
    const std::string path = field.path();
    const Spot at = spot(value.source());
    given_.spots.insert_or_assign(path, at);
    given_.wrong.erase(path);
    const Slot slot = field.slot(config_);
    if (!store(field, value, slot, {.name = path, .typed = std::move(typed)}))
      given_.wrong.insert(path);
    else if (field.text == Text::data_path)
      resolve(*std::get<std::string*>(slot));
  }

  // False after an error.
  bool store(const Field& field, const toml::node& value, const Slot& slot, ValueContext context) {
    const std::size_t errors_before = errors_.count();
    if (std::holds_alternative<std::vector<LayerConfig>*>(slot) && value.is_array()) {
      read_layers(*value.as_array(), *std::get<std::vector<LayerConfig>*>(slot));
    } else {
      Config defaults;
      const Slot initial = field.slot(defaults);
      const bool real = std::holds_alternative<double*>(initial);
      context.limitless = real && std::isinf(*std::get<double*>(initial)) ? *std::get<double*>(initial) : 0;
      if (const auto wrong = read_value(value, field, slot, context))
        errors_.add(spot(wrong->node->source()), wrong->message);
      if (!context.notice.empty()) note(spot(value.source()), context.notice);
    }
    return errors_.count() == errors_before;
  }

  // A key of [tune] that is none of its own: another setting's name in quotes, with values to try.
  void read_unlisted_tune(const Spot& at, std::string_view name, const toml::node& value) {
    const std::size_t dot = name.find('.');
    const std::string_view section = name.substr(0, dot);
    if (dot == std::string_view::npos) {
      const toml::table* inner = is_section(name) ? value.as_table() : nullptr;
      if (inner && !inner->empty())
        return errors_.add(at, fmt::format("a setting to try has its name in quotes; write \"{}.{}\" = …", name,
                                           inner->begin()->first.str()));
      return errors_.add(at, unknown_key("tune", name));
    }
    const std::string_view key = name.substr(dot + 1);
    if (!is_section(section)) return errors_.add(at, unknown_section(section));
    const Field* field = find_field(section, key);
    if (!field) return errors_.add(at, unknown_key(section, key));
    const std::string path = field->path();
    if (const std::string why = why_not_varied(*field); !why.empty())
      return errors_.add(at, fmt::format("values of {} cannot be tried: {}", path, why));
    if (key != field->key) note(at, fmt::format("'{}' is called {} here", name, path));
    const std::string full = fmt::format("tune.\"{}\"", path);
    if (argument_ == 0 && given_.has(full))
      return errors_.add(at, fmt::format("values of {} are given twice; keep one list", path));
    given_.spots.insert_or_assign(full, at);
    read_variation(*field, full, value);
  }

  void read_variation(const Field& field, const std::string& full, const toml::node& value) {
    Variation variation{field.path(), {}};
    Config scratch;
    const toml::array* values = value.as_array();
    toml::array grid_values;
    if (value.is_table() && std::holds_alternative<double*>(field.slot(scratch))) {
      RateGrid grid;
      if (const auto wrong = read_grid(value, full, grid))
        return errors_.add(spot(wrong->node->source()), wrong->message);
      if (grid.low == 0 || grid.random)
        return errors_.add(spot(value.source()), fmt::format("{} must be {{ log = [low, high], points = n }} or a list "
                                                             "of values; only γ has a range of its own and random",
                                                             full));
      for (const double x : even_in_log(grid.low, grid.high, static_cast<std::size_t>(grid.points)))
        grid_values.push_back(x);
      values = &grid_values;
    }
    if (values == nullptr || values->empty())
      return errors_.add(spot(value.source()), fmt::format("{} must be a list of values to try, got {}", full,
                                                           value.is_array() ? "[]" : describe(value)));
    for (const toml::node& element : *values) {
      const Slot slot = field.slot(scratch);
      if (!store(field, element, slot, {.name = "value of " + full})) return;
      variation.values.push_back(toml_value(field, slot));
    }
    const auto same = std::ranges::find(config_.tune.vary, variation.path, &Variation::path);
    if (same == config_.tune.vary.end())
      config_.tune.vary.push_back(std::move(variation));
    else
      *same = std::move(variation);
  }

  void resolve(std::string& path) const {
    if (path.empty() || path == "-") return;
    const fs::path base = argument_ > 0 ? fs::path() : folder_;
    path = (base / path).lexically_normal().string();
  }

  void read_layers(const toml::array& rows, std::vector<LayerConfig>& layers) {
    std::vector<LayerConfig> list;
    for (const toml::node& row : rows) {
      if (errors_.plenty()) return;
      if (row.is_table()) {
        list.push_back(read_layer(*row.as_table(), list.size() + 1));
      } else {
        errors_.add(spot(row.source()),
                    fmt::format("layer {} of model.layers must be a table, such as {{ units = 16 }}, got {}",
                                list.size() + 1, describe(row)));
        list.emplace_back();
      }
    }
    layers = std::move(list);
  }

  struct LayerKey {
    const LayerField* field;
    std::string_view typed;
    Spot at;
  };

  LayerConfig read_layer(const toml::table& row, std::size_t number) {
    LayerConfig layer;
    std::vector<LayerKey> seen;
    bool wrong_kind = false;
    for (const auto& [key, value] : entries(row)) {
      const Spot at = spot(key->source());
      const LayerField* field = find_layer_field(key->str());
      if (!field) {
        errors_.add(at, unknown_layer_key(key->str()));
        continue;
      }
      if (const auto twin = std::ranges::find(seen, field, &LayerKey::field); twin != seen.end()) {
        errors_.add(at,
                    fmt::format("'{}' and '{}' are the same setting; keep '{}'", twin->typed, key->str(), field->key));
        continue;
      }
      seen.push_back({field, key->str(), at});
      if (key->str() != field->key) note(at, fmt::format("'{}' is called '{}' here", key->str(), field->key));
      ValueContext context{.name = fmt::format("{} of layer {}", field->key, number)};
      if (const auto wrong = read_value(*value, *field, field->slot(layer), context)) {
        errors_.add(spot(wrong->node->source()), wrong->message);
        wrong_kind = wrong_kind || field->key == "kind";
      }
      if (!context.notice.empty()) note(at, context.notice);
    }
    if (!wrong_kind) check_layer(layer, seen, number, spot(row.source()));
    return layer;
  }

  void check_layer(const LayerConfig& layer, const std::vector<LayerKey>& seen, std::size_t number, const Spot& at) {
    const auto given = [&](std::string_view key) {
      return std::ranges::any_of(seen, [&](const LayerKey& each) { return each.field->key == key; });
    };
    const bool dense = layer.kind == "dense";
    if (dense && !given("units")) errors_.add(at, fmt::format("layer {} is dense and needs 'units'", number));
    if (!dense && !given("activation"))
      errors_.add(at, fmt::format("layer {} is an activation and needs 'activation'", number));
    for (const auto& [field, typed, place] : seen)
      if (!dense && field->dense_only)
        errors_.add(place, fmt::format("layer {} is an activation, which has no '{}'; remove it", number, field->key));
  }

  void read_override(const std::string& argument) {
    argument_ = errors_.add_argument(argument);
    const Spot at{.argument = argument_};
    const std::size_t equals = argument.find('=');
    const std::string_view path = trim(std::string_view(argument).substr(0, equals));
    const std::size_t dot = path.find('.');
    if (equals == std::string::npos || path.empty()) {
      errors_.add(at, "a setting is section.key=value, such as train.epochs=50");
    } else if (dot == std::string_view::npos) {
      errors_.add(at, unknown_key({}, path));
    } else {
      const std::string_view section = path.substr(0, dot), key = path.substr(dot + 1);
      const Field* field = find_field(section, key);
      if (!is_section(section)) {
        errors_.add(at, unknown_section(section));
      } else if (!field && section == "tune") {
        const bool quoted = key.size() > 2 && key.front() == '"' && key.back() == '"';
        const toml::table parsed = parse_toml_value(std::string_view(argument).substr(equals + 1));
        read_unlisted_tune(at, quoted ? key.substr(1, key.size() - 2) : key, *parsed.get("v"));
      } else if (!field) {
        errors_.add(at, unknown_key(section, key));
      } else {
        const std::string_view typed = std::string_view(argument).substr(equals + 1);
        const toml::table parsed = parse_toml_value(typed);
        if (key != field->key) note(at, fmt::format("'{}' is called {} here", key, field->path()));
        read_field(*field, *parsed.get("v"), std::string(typed));
      }
    }
    argument_ = 0;
  }

  std::string shown_;
  ConfigErrors errors_;
  fs::path folder_;
  Config config_;
  Given given_;
  std::vector<std::string> notices_;
  std::size_t argument_ = 0;
};

}  // namespace

ConfigResult parse_config(std::string_view text, const std::string& file_name, std::span<const std::string> overrides) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return Reader(file_name, text).read(text, overrides);
}

ConfigResult read_config(const ConfigSource& source) {
  return parse_config(read_text(source.path), source.path, source.overrides);
}

}  // namespace descent
