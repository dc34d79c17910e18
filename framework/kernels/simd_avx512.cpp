#define DESCENT_ISA avx512
#include "framework/kernels/simd_kernels.hpp"

namespace descent::kernels {

extern constinit const SimdKernels<float> kAvx512Float = avx512::make_kernels<float>("avx512");
extern constinit const SimdKernels<double> kAvx512Double = avx512::make_kernels<double>("avx512");

}  // namespace descent::kernels
