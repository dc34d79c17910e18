#include "app/config/suggest.hpp"

#include "app/config/fields.hpp"
#include "framework/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace descent {
namespace {

// A word that may be typed, and the name to suggest for it.
struct Candidate {
  std::string typed;
  std::string suggested;
  bool is_alias = false;
};

// Everything as near to `typed` as the nearest is: a slip can lie between two names (beta1 and beta2), and
// then both are worth saying.
std::vector<std::string> nearest(std::string_view typed, const std::vector<Candidate>& candidates,
                                 std::size_t most_slips = 3) {
  constexpr std::size_t kLongestTyped = 64;
  if (typed.empty() || typed.size() > kLongestTyped) return {};
  std::vector<std::string> best;
  std::size_t fewest = std::min<std::size_t>(most_slips, typed.size() >= 8 ? 3 : typed.size() > 4 ? 2 : 1);
  for (const bool aliases : {false, true}) {
    const std::size_t limit = aliases && !best.empty() ? fewest - 1 : fewest;
    for (const Candidate& candidate : candidates) {
      if (candidate.is_alias != aliases) continue;
      const std::size_t distance = edit_distance(typed, candidate.typed);
      if (distance > std::min(limit, fewest)) continue;
      if (distance < fewest) best.clear();
      fewest = distance;
      if (std::count(best.begin(), best.end(), candidate.suggested) == 0) best.push_back(candidate.suggested);
    }
  }
  return best;
}

std::string did_you_mean(const std::vector<std::string>& names) { return "did you mean " + join(names, " or ") + "?"; }

std::vector<Candidate> keys_of(std::string_view section) {
  std::vector<Candidate> candidates;
  for (const Field& field : fields())
    if (field.section == section) candidates.push_back({std::string(field.key), fmt::format("'{}'", field.key)});
  for (const Field& field : fields())
    if (field.section == section)
      for (const std::string_view alias : field.aliases)
        candidates.push_back({std::string(alias), fmt::format("'{}'", field.key), true});
  return candidates;
}

// "'epochs' belongs in [train]", or nothing.
std::string belongs(std::string_view key, std::string_view except) {
  std::vector<std::string> places;
  std::string_view name = key;
  for (const Section& section : sections()) {
    const Field* field = section.name == except ? nullptr : find_field(section.name, key);
    if (!field) continue;
    places.push_back(fmt::format("[{}]", section.name));
    if (places.size() == 1) name = field->key;
  }
  if (places.size() > 1) std::erase(places, "[tune]");  // where learning_rate is what to try for the real one
  return places.empty() ? std::string() : fmt::format("'{}' belongs in {}", name, join(places, " or "));
}

std::vector<std::string> section_names() {
  std::vector<std::string> names;
  for (const Section& section : sections()) names.push_back(fmt::format("[{}]", section.name));
  return names;
}

std::vector<Candidate> section_candidates() {
  std::vector<Candidate> candidates;
  for (const Section& section : sections())
    candidates.push_back({std::string(section.name), fmt::format("[{}]", section.name)});
  return candidates;
}

std::vector<Candidate> keys_of_all_but(std::string_view except) {
  std::vector<Candidate> all;
  for (const Section& section : sections())
    if (section.name != except)
      for (const Candidate& candidate : keys_of(section.name)) {
        const bool known = std::ranges::find(all, candidate.typed, &Candidate::typed) != all.end();
        if (section.name == "tune" && known) continue;  // learning_rate there is what to try for the real one
        all.push_back(
            {candidate.typed, fmt::format("{} in [{}]", candidate.suggested, section.name), candidate.is_alias});
      }
  return all;
}

std::string known_here(std::string_view section) {
  if (section.empty()) return "sections: " + join(section_names());
  std::vector<std::string> keys;
  for (const Field& field : fields())
    if (field.section == section) keys.emplace_back(field.key);
  return fmt::format("keys of [{}]: {}", section, join(keys));
}

}  // namespace

std::string unknown_key(std::string_view section, std::string_view key) {
  const std::string place = section.empty() ? "outside any section" : fmt::format("in [{}]", section);
  const std::string what = fmt::format("unknown key '{}' {}", printable(key), place);
  // A name from another section is hardly a slip of the finger, unless by a single letter.
  if (const std::string elsewhere = belongs(key, section); !elsewhere.empty()) {
    const auto near = nearest(key, keys_of(section), 1);
    return fmt::format("{}; {}{}", what, elsewhere, near.empty() ? "" : "; or " + did_you_mean(near));
  }
  auto near = nearest(key, keys_of(section));
  if (near.empty()) near = nearest(key, keys_of_all_but(section));
  return fmt::format("{}; {}", what, near.empty() ? known_here(section) : did_you_mean(near));
}

std::string unknown_section(std::string_view name) {
  const std::string what = fmt::format("unknown section [{}]", printable(name));
  if (const auto near = nearest(name, section_candidates()); !near.empty())
    return fmt::format("{}; {}", what, did_you_mean(near));
  return fmt::format("{}; sections: {}", what, join(section_names()));
}

std::string unknown_setting(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  const std::string_view section = dot == std::string_view::npos ? "" : name.substr(0, dot);
  if (section == "model.layers") return unknown_layer_key(name.substr(dot + 1));
  if (!section.empty())
    return is_section(section) ? unknown_key(section, name.substr(dot + 1)) : unknown_section(section);
  std::vector<Candidate> candidates = keys_of_all_but("");
  for (const Candidate& candidate : section_candidates()) candidates.push_back(candidate);
  for (const LayerField& field : layer_fields())
    candidates.push_back({std::string(field.key), fmt::format("'{}' in [[model.layers]]", field.key)});
  const auto near = nearest(name, candidates);
  return fmt::format("no section or setting is called '{}'; {}", printable(name),
                     near.empty() ? known_here("") : did_you_mean(near));
}

std::string unknown_layer_key(std::string_view key) {
  std::vector<Candidate> candidates;
  std::vector<std::string> names;
  for (const LayerField& field : layer_fields()) {
    candidates.push_back({std::string(field.key), fmt::format("'{}'", field.key)});
    names.emplace_back(field.key);
  }
  for (const LayerField& field : layer_fields())
    for (const std::string_view alias : field.aliases)
      candidates.push_back({std::string(alias), fmt::format("'{}'", field.key), true});
  const std::string what = fmt::format("unknown key '{}' in a layer", printable(key));
  if (const auto near = nearest(key, candidates); !near.empty()) return fmt::format("{}; {}", what, did_you_mean(near));
  return fmt::format("{}; keys of a layer: {}", what, join(names));
}

}  // namespace descent
