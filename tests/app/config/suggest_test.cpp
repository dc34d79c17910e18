#include "app/config/suggest.hpp"

#include "app/config/fields.hpp"
#include "tests/app/config/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace descent {
namespace {

// Every word one slip away: a letter left out, put in, replaced, or swapped with its neighbour.
std::set<std::string> misspellings(std::string_view word) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz_0123456789";
  std::set<std::string> all;
  const std::string right(word);
  for (std::size_t i = 0; i <= right.size(); ++i) {
    for (const char c : letters) all.insert(std::string(right).insert(i, 1, c));
    if (i == right.size()) break;
    all.insert(std::string(right).erase(i, 1));
    for (const char c : letters) all.insert(std::string(right).replace(i, 1, 1, c));
    if (i + 1 < right.size()) {
      std::string swapped = right;
      std::swap(swapped[i], swapped[i + 1]);
      all.insert(swapped);
    }
  }
  all.erase(right);
  all.erase("");
  return all;
}

// The sentence after "did you mean".
std::string suggestion(const std::string& message) {
  const std::size_t at = message.find("did you mean ");
  return at == std::string::npos ? std::string() : message.substr(at, message.find('\n', at) - at);
}

TEST(ConfigSuggest, NamesEveryKeyMisspeltByOneLetter) {
  std::size_t tried = 0, right = 0;
  for (const Field& field : fields()) {
    const std::string quoted = "'" + std::string(field.key) + "'";
    for (const std::string& typed : misspellings(field.key)) {
      if (find_field(field.section, typed)) continue;  // another setting, or a name of one
      ++tried;
      const bool named = contains(suggestion(unknown_key(field.section, typed)), quoted);
      right += named;
      EXPECT_TRUE(named) << typed << ": " << unknown_key(field.section, typed);
    }
  }
  EXPECT_EQ(right, tried);
  EXPECT_GT(tried, 20000u);
}

TEST(ConfigSuggest, NamesEverySectionMisspeltByOneLetter) {
  for (const Section& section : sections()) {
    const std::string bracketed = "[" + std::string(section.name) + "]";
    for (const std::string& typed : misspellings(section.name))
      EXPECT_TRUE(contains(suggestion(unknown_section(typed)), bracketed)) << unknown_section(typed);
  }
}

TEST(ConfigSuggest, NamesEveryLayerKeyMisspeltByOneLetter) {
  for (const LayerField& field : layer_fields())
    for (const std::string& typed : misspellings(field.key)) {
      if (find_layer_field(typed)) continue;
      EXPECT_TRUE(contains(suggestion(unknown_layer_key(typed)), "'" + std::string(field.key) + "'")) << typed;
    }
}

// The walk above is about the sentence; this one is about the whole way through the reader.
TEST(ConfigSuggest, TheReaderRefusesEveryKeyWithALetterLeftOut) {
  for (const Field& field : fields())
    for (std::size_t i = 0; i < field.key.size(); ++i) {
      std::string typed = std::string(field.key).erase(i, 1);
      if (find_field(field.section, typed)) continue;
      const std::string message = refusal("[" + std::string(field.section) + "]\n" + typed + " = 1\n");
      EXPECT_TRUE(contains(message, "unknown key '" + typed + "'")) << message;
      EXPECT_TRUE(contains(suggestion(message), "'" + std::string(field.key) + "'")) << message;
      EXPECT_TRUE(contains(message, "1 error;")) << message;
    }
}

TEST(ConfigSuggest, NamesBothWhenASlipLiesBetweenThem) {
  EXPECT_EQ(unknown_key("optimizer", "beta"), "unknown key 'beta' in [optimizer]; did you mean 'beta1' or 'beta2'?");
}

TEST(ConfigSuggest, KnowsAliases) {
  EXPECT_EQ(unknown_key("train", "max_epoch"), "unknown key 'max_epoch' in [train]; did you mean 'epochs'?");
  EXPECT_EQ(unknown_key("train", "lerning_rate"),
            "unknown key 'lerning_rate' in [train]; did you mean 'learning_rate' in [optimizer]?");
}

TEST(ConfigSuggest, IgnoresCase) {
  EXPECT_EQ(unknown_key("train", "Epochs"), "unknown key 'Epochs' in [train]; did you mean 'epochs'?");
  EXPECT_EQ(unknown_section("Train"), "unknown section [Train]; did you mean [train]?");
}

TEST(ConfigFields, AreNamedOnceAndExplained) {
  std::set<std::string> names;
  for (const Field& field : fields()) {
    EXPECT_TRUE(names.insert(field.path()).second) << field.path();
    for (const std::string_view alias : field.aliases)
      EXPECT_TRUE(names.insert(std::string(field.section) + "." + std::string(alias)).second) << field.path() << alias;
    EXPECT_GT(field.help.size(), 20u) << field.path();
    EXPECT_EQ(field.help.back(), field.help.ends_with("…") ? field.help.back() : '.') << field.path();
    EXPECT_TRUE(field.unset.empty() == field.example.empty() || field.path() == "data.categorical") << field.path();
  }
}

TEST(ConfigFields, EveryAliasOfAValueMeansAKnownOne) {
  for (const Field& field : fields()) {
    if (field.text != Text::choice) continue;
    const auto choices = field.choices();
    for (const ValueAlias& alias : field.value_aliases) {
      EXPECT_EQ(std::count(choices.begin(), choices.end(), alias.meant), 1) << field.path() << " " << alias.typed;
      EXPECT_EQ(std::count(choices.begin(), choices.end(), alias.typed), 0) << field.path() << " " << alias.typed;
    }
  }
}

TEST(ConfigFields, EveryDefaultIsAllowedOrHasAMeaning) {
  Config defaults;
  for (const Field& field : fields()) {
    if (!field.unset.empty()) continue;
    const Slot slot = field.slot(defaults);
    if (auto* const* real = std::get_if<double*>(&slot)) {
      EXPECT_TRUE(field.bounds.hold(**real)) << field.path();
    }
    if (auto* const* text = std::get_if<std::string*>(&slot); text && field.text == Text::choice) {
      const auto choices = field.choices();
      EXPECT_EQ(std::count(choices.begin(), choices.end(), **text), 1) << field.path();
    }
  }
}

}  // namespace
}  // namespace descent
