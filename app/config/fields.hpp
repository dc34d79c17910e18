// The table of everything a config file may say. The reader, the writer, the schema, the reference page
// and the help texts all walk it; a default stands in config.hpp and nowhere else.
#pragma once

#include "app/config/config.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace descent {

// Where a setting lives in a Config or a LayerConfig.
using Slot = std::variant<bool*, std::int64_t*, double*, std::string*, std::vector<std::string>*,
                          std::vector<std::int64_t>*, std::vector<LayerConfig>*, RateGrid*>;

// The numbers allowed; for a list, those of each element.
struct Bounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;
  bool high_open = false;

  bool hold(double x) const { return (low_open ? x > low : x >= low) && (high_open ? x < high : x <= high); }
};
std::string to_string(const Bounds& bounds);  // "≥ 0 and < 1"; empty where there are none

// What a text must be, beside valid UTF-8 without control characters.
enum class Text {
  any,
  choice,       // one of FieldInfo::choices
  data_path,    // a file to read; in a config file relative to its folder
  run_path,     // a folder to write, relative to the current one
  folder_name,  // one component of a path
  delimiter,    // "auto", or one character that no number and no name begins with
};

// Another spelling of a choice.
struct ValueAlias {
  std::string_view typed;
  std::string_view meant;
  std::string_view remark = {};  // what differs from what the other name means elsewhere
};

// What a choice stands for, as a formula.
struct ValueMeaning {
  std::string_view value;
  std::string_view formula;
};

// What all choices of a setting stand for.
struct Meanings {
  std::string_view what = {};  // the formulas are, with their letters
  std::vector<ValueMeaning> (*list)() = nullptr;
};

// All there is to know of a setting, but for where it lives.
struct FieldInfo {
  std::string_view section = {};  // set by fields()
  std::string_view key = {};
  std::string_view help = {};
  Bounds bounds = {};
  Text text = Text::any;
  std::vector<std::string> (*choices)() = nullptr;
  std::span<const ValueAlias> value_aliases = {};
  Meanings meanings = {};
  bool true_or_false = false;  // a text that TOML may also spell true or false
  std::string_view word = {};  // a text that stands for 0 in a number
  std::string_view unit = {};
  std::string_view unset = {};    // what the default means, where the default itself cannot be written
  std::string_view example = {};  // TOML for the commented file, where the default cannot be shown
  std::vector<std::string_view> aliases = {};
  bool network_only = false;  // not for objective.formula; set by fields() for all of [data] and [model]

  std::string path() const;  // "optimizer.learning_rate"; for a layer "model.layers.units"
};

struct Field : FieldInfo {
  Slot (*slot)(Config&);
};

struct LayerField : FieldInfo {
  Slot (*slot)(LayerConfig&);
  bool dense_only = false;
};

struct Section {
  std::string_view name;
  std::string_view help;
};

std::span<const Section> sections();
bool is_section(std::string_view name);
std::span<const Field> fields();             // grouped by section, in the order of sections()
std::span<const LayerField> layer_fields();  // one row of model.layers

// By canonical name or alias, or null.
const Field* find_field(std::string_view section, std::string_view key);
const LayerField* find_layer_field(std::string_view key);

// "train.epochs", canonical names only, in the order of the table.
std::vector<std::string> field_paths();

// "a whole number ≥ 1", "a number > 0", "one of: min, max".
std::string wanted(const FieldInfo& field, const Slot& slot);

// "auto", "loss", "val_loss" and the metrics with and without val_.
std::vector<std::string> monitor_names();

// The setting holds its default, and that default has no spelling of its own.
bool is_unset(const Field& field, const Config& config);

}  // namespace descent
