// OpenBLAS takes the number of its threads from the environment unless told; the bits of what it gives change with it.
#pragma once

namespace descent::kernels {

// It works with the caller's thread alone from here on. To be called before any of it, LAPACK included.
void use_one_blas_thread();

}  // namespace descent::kernels
