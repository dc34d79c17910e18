// What to say of a key or section that is not in the table.
#pragma once

#include <string>
#include <string_view>

namespace descent {

// "unknown key 'epoch' in [train]; did you mean 'epochs'?". With an empty section the key stands
// outside any.
std::string unknown_key(std::string_view section, std::string_view key);

// "unknown section [optimiser]; did you mean [optimizer]?"
std::string unknown_section(std::string_view name);

// "no section or setting is called 'epoch'; did you mean 'epochs' in [train]?"
std::string unknown_setting(std::string_view name);

// "unknown key 'unit' in a layer; did you mean 'units'?"
std::string unknown_layer_key(std::string_view key);

}  // namespace descent
