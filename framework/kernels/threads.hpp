// A few threads that share the rows of large products. What a thread computes does not depend on how many
// there are, so neither do the bits.
#pragma once

#include <cstddef>

namespace descent::kernels {

// That this process may use, as taskset or a container limits it.
std::size_t processors();

// How many threads may work on one product, the caller's included; 1 unless told. No more than
// processors() are used. For everything planned from now on.
void set_threads(std::size_t count);
std::size_t threads();

// task(context, part) for every part < parts, each on a thread of its own, the last part's caller among them.
// Returns when all are done. Parts that no thread has begun when the caller is through with its own are the caller's,
// too: all of them while another thread is in here, or where the machine grants no more threads. More parts than
// threads() gain nothing.
void share(std::size_t parts, void (*task)(void* context, std::size_t part), void* context);

}  // namespace descent::kernels
