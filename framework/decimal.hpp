// What std::from_chars leaves unsaid about a decimal number that no double can hold.
#pragma once

#include <string_view>

namespace descent {

// Of such a number ("1e-400", "1e400"): whether it is too small rather than too large, the power of ten of its first
// digit other than 0 being negative.
bool underflows(std::string_view number);

}  // namespace descent
