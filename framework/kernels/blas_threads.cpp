#include "framework/kernels/blas_threads.hpp"

#include <cblas.h>

namespace descent::kernels {

void use_one_blas_thread() { [[maybe_unused]] static const bool told = (openblas_set_num_threads(1), true); }

}  // namespace descent::kernels
