#define DESCENT_ISA baseline
#include "framework/kernels/simd_kernels.hpp"

namespace descent::kernels {

extern constinit const SimdKernels<float> kBaselineFloat = baseline::make_kernels<float>("baseline");
extern constinit const SimdKernels<double> kBaselineDouble = baseline::make_kernels<double>("baseline");

}  // namespace descent::kernels
