#include "framework/kernels/fetch_ahead.hpp"

namespace descent::kernels {

constinit thread_local FetchAhead fetch_ahead;
constinit thread_local std::span<FetchAhead> fetch_ahead_of_helpers;

}  // namespace descent::kernels
