// The bodies of SimdKernels, included once for each instruction set with DESCENT_ISA naming it.
//
// Nothing here may call an inline function that other sources use too, or the linker might keep the copy
// made for a processor that is not there.
#pragma once

#include "framework/kernels/activation_passes.hpp"
#include "framework/kernels/direction_passes.hpp"
#include "framework/kernels/feature_major_passes.hpp"
#include "framework/kernels/loss_passes.hpp"
#include "framework/kernels/philox.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/kernels/sparse_products.hpp"
#include "framework/kernels/tile_products.hpp"
#include "framework/kernels/weight_passes.hpp"

namespace descent::kernels::DESCENT_ISA {

template <class Real>
inline constexpr SimdKernels<Real> make_kernels(std::string_view instructions) {
  return {instructions,
          kActivations<Real>,
          kLosses<Real>,
          plan_product<Real>,
          product<Real>,
          is_sparse<Real>,
          move<Real>,
          momentum<Real>,
          scaled_by_root<Real>,
          adam<Real>,
          philox,
          gather<Real>,
          {Pack<Real>::kSize, gather_transposed<Real>, spread_dots<Real>, collect_dots<Real>, dots<Real>,
           cross_entropy_by_class<Real>}};
}

}  // namespace descent::kernels::DESCENT_ISA
