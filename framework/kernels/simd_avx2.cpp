#define DESCENT_ISA avx2
#include "framework/kernels/simd_kernels.hpp"

namespace descent::kernels {

extern constinit const SimdKernels<float> kAvx2Float = avx2::make_kernels<float>("avx2");
extern constinit const SimdKernels<double> kAvx2Double = avx2::make_kernels<double>("avx2");

}  // namespace descent::kernels
