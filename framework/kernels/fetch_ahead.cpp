#include "framework/kernels/fetch_ahead.hpp"

namespace descent::kernels {

constinit thread_local FetchAhead fetch_ahead;

}  // namespace descent::kernels
