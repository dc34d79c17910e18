// Counts calls of the global operator new, in every form, from any thread.
#pragma once

#include <cstddef>

namespace descent::support {

// False in a build with AddressSanitizer, which needs operator new for itself.
bool counts_allocations();

// Calls so far; 0 where they are not counted.
std::size_t allocations();

}  // namespace descent::support
