// The texts a choice may be: the names of the live tables, and other spellings people know them by.
#pragma once

#include "app/config/fields.hpp"

#include <span>
#include <string>
#include <vector>

namespace descent {

std::vector<std::string> precision_choices();
std::vector<std::string> generator_choices();
std::vector<std::string> header_choices();
std::vector<std::string> decimal_choices();
std::vector<std::string> missing_choices();
std::vector<std::string> activation_choices();
std::vector<std::string> initializer_choices();
std::vector<std::string> loss_choices();
std::vector<std::string> direction_choices();
std::vector<std::string> line_search_choices();  // auto, none, the table
std::vector<std::string> schedule_choices();
std::vector<std::string> mode_choices();
std::vector<std::string> log_loss_choices();
std::vector<std::string> layer_choices();

Meanings loss_meanings();
Meanings activation_meanings();
Meanings initializer_meanings();
Meanings direction_meanings();
Meanings line_search_meanings();
Meanings schedule_meanings();

std::span<const ValueAlias> precision_aliases();
std::span<const ValueAlias> delimiter_aliases();
std::span<const ValueAlias> decimal_aliases();
std::span<const ValueAlias> missing_aliases();
std::span<const ValueAlias> activation_aliases();
std::span<const ValueAlias> initializer_aliases();
std::span<const ValueAlias> loss_aliases();
std::span<const ValueAlias> direction_aliases();
std::span<const ValueAlias> line_search_aliases();
std::span<const ValueAlias> schedule_aliases();
std::span<const ValueAlias> monitor_aliases();

}  // namespace descent
