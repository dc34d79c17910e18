#include "framework/kernels/simd.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"

#include <cstdlib>

namespace descent::kernels {

extern const SimdKernels<float> kBaselineFloat;
extern const SimdKernels<double> kBaselineDouble;
#ifdef DESCENT_X86_KERNELS
extern const SimdKernels<float> kAvx2Float, kAvx512Float;
extern const SimdKernels<double> kAvx2Double, kAvx512Double;
#endif

template <class Real>
std::vector<const SimdKernels<Real>*> simd_variants() {
  std::vector<const SimdKernels<Real>*> variants;
  const auto add = [&](const SimdKernels<float>& single, const SimdKernels<double>& twice) {
    if constexpr (std::is_same_v<Real, float>)
      variants.push_back(&single);
    else
      variants.push_back(&twice);
  };
#ifdef DESCENT_X86_KERNELS
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl"))
    add(kAvx512Float, kAvx512Double);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) add(kAvx2Float, kAvx2Double);
#endif
  add(kBaselineFloat, kBaselineDouble);
  return variants;
}

namespace {

template <class Real>
const SimdKernels<Real>& choose() {
  const auto variants = simd_variants<Real>();
  const char* wanted = std::getenv("DESCENT_SIMD");
  if (wanted == nullptr || *wanted == '\0') return *variants.front();
  std::vector<std::string> names;
  for (const SimdKernels<Real>* variant : variants) {
    if (variant->instructions == wanted) return *variant;
    names.emplace_back(variant->instructions);
  }
  throw Error(Fault::usage, "DESCENT_SIMD={}: this processor has {}", printable(wanted), join(names));
}

}  // namespace

template <class Real>
const SimdKernels<Real>& simd() {
  static const SimdKernels<Real>& chosen = choose<Real>();
  return chosen;
}

template const SimdKernels<float>& simd();
template const SimdKernels<double>& simd();
template std::vector<const SimdKernels<float>*> simd_variants();
template std::vector<const SimdKernels<double>*> simd_variants();

}  // namespace descent::kernels
