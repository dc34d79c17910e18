// Sizes that come from outside are multiplied here, so that an absurd one is refused before anything
// is allocated for it.
#pragma once

#include <cstddef>
#include <optional>

namespace descent {

// a · b and a + b, or nothing when the result does not fit.
std::optional<std::size_t> checked_product(std::size_t a, std::size_t b);
std::optional<std::size_t> checked_sum(std::size_t a, std::size_t b);

// Bytes of physical memory in the machine.
std::size_t physical_memory();

}  // namespace descent
