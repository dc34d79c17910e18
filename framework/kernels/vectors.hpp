// Vectors of one instruction set: the few operations that products are made of. Included once for each
// set, in a namespace of its own.
//
// A Mask names the first 1 … kSize lanes: partial vectors at the end of a row touch no memory beyond it. A Wide has the
// lanes of a Vector in float64.
#pragma once

#ifndef DESCENT_ISA
#error "vectors.hpp is for the sources that are compiled for one instruction set"
#endif

#if defined(__AVX2__) || defined(__AVX512F__)
#include <immintrin.h>
#endif

#include <cmath>
#include <cstddef>
#include <cstdint>

// Loops over registers.
#define DESCENT_UNROLL _Pragma("GCC unroll 16")
// For what loops are made of that are to become vectors: a call that is left keeps them from it.
#define DESCENT_INLINE [[gnu::always_inline]] inline

namespace descent::kernels::DESCENT_ISA {

template <class Real>
struct Pack;

#if defined(__AVX512F__)

inline constexpr std::size_t kVectorBytes = 64;
inline constexpr std::size_t kRegisters = 32;

template <>
struct Pack<float> {
  static constexpr std::size_t kSize = 16;
  typedef float Vector __attribute__((vector_size(64)));
  typedef double Wide __attribute__((vector_size(128)));
  using Mask = __mmask16;
  static Mask first(std::size_t count) { return static_cast<Mask>((1u << count) - 1); }
  static Vector zero() { return _mm512_setzero_ps(); }
  static Vector all(float x) { return _mm512_set1_ps(x); }
  static Vector load(const float* p) { return _mm512_loadu_ps(p); }
  static Vector load(const float* p, Mask mask) { return _mm512_maskz_loadu_ps(mask, p); }
  // Lanes p[0], p[stride], … of the mask; the others are 0.
  static Vector load_apart(const float* p, std::size_t stride, Mask mask) {
    const __m512i at = _mm512_mullo_epi32(_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
                                          _mm512_set1_epi32(static_cast<int>(stride)));
    return _mm512_mask_i32gather_ps(zero(), mask, at, p, 4);
  }
  static void store(float* p, Vector v) { _mm512_storeu_ps(p, v); }
  static void store(float* p, Vector v, Mask mask) { _mm512_mask_storeu_ps(p, mask, v); }
  static Vector multiply_add(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
  static Vector square_root(Vector v) { return _mm512_sqrt_ps(v); }
  static Vector absolute(Vector v) { return _mm512_andnot_ps(_mm512_set1_ps(-0.0f), v); }
  static Vector with_sign_of(Vector size, Vector v) {
    return _mm512_or_ps(size, _mm512_and_ps(_mm512_set1_ps(-0.0f), v));
  }
  static Vector larger(Vector a, Vector b) { return _mm512_max_ps(a, b); }   // b where either is NaN
  static Vector smaller(Vector a, Vector b) { return _mm512_min_ps(a, b); }  // b where either is NaN
  static Vector if_positive(Vector test, Vector yes, Vector no) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(test, zero(), _CMP_GT_OQ), no, yes);
  }
  static Vector if_equal(Vector a, Vector b, Vector yes, Vector no) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ), no, yes);
  }
  // x 2^n for whole n of any size.
  static Vector times_power_of_two(Vector x, Vector n) { return _mm512_scalef_ps(x, n); }
};

template <>
struct Pack<double> {
  static constexpr std::size_t kSize = 8;
  typedef double Vector __attribute__((vector_size(64)));
  using Wide = Vector;
  using Mask = __mmask8;
  static Mask first(std::size_t count) { return static_cast<Mask>((1u << count) - 1); }
  static Vector zero() { return _mm512_setzero_pd(); }
  static Vector all(double x) { return _mm512_set1_pd(x); }
  static Vector load(const double* p) { return _mm512_loadu_pd(p); }
  static Vector load(const double* p, Mask mask) { return _mm512_maskz_loadu_pd(mask, p); }
  static Vector load_apart(const double* p, std::size_t stride, Mask mask) {
    const __m256i at =
        _mm256_mullo_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(static_cast<int>(stride)));
    return _mm512_mask_i32gather_pd(zero(), mask, at, p, 8);
  }
  static void store(double* p, Vector v) { _mm512_storeu_pd(p, v); }
  static void store(double* p, Vector v, Mask mask) { _mm512_mask_storeu_pd(p, mask, v); }
  static Vector multiply_add(Vector a, Vector b, Vector c) { return _mm512_fmadd_pd(a, b, c); }
  static Vector square_root(Vector v) { return _mm512_sqrt_pd(v); }
  static Vector absolute(Vector v) { return _mm512_andnot_pd(_mm512_set1_pd(-0.0), v); }
  static Vector with_sign_of(Vector size, Vector v) {
    return _mm512_or_pd(size, _mm512_and_pd(_mm512_set1_pd(-0.0), v));
  }
  static Vector larger(Vector a, Vector b) { return _mm512_max_pd(a, b); }   // b where either is NaN
  static Vector smaller(Vector a, Vector b) { return _mm512_min_pd(a, b); }  // b where either is NaN
  static Vector if_positive(Vector test, Vector yes, Vector no) {
    return _mm512_mask_blend_pd(_mm512_cmp_pd_mask(test, zero(), _CMP_GT_OQ), no, yes);
  }
  static Vector if_equal(Vector a, Vector b, Vector yes, Vector no) {
    return _mm512_mask_blend_pd(_mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ), no, yes);
  }
  // x 2^n for whole n of any size.
  static Vector times_power_of_two(Vector x, Vector n) { return _mm512_scalef_pd(x, n); }
};

#elif defined(__AVX2__)

inline constexpr std::size_t kVectorBytes = 32;
inline constexpr std::size_t kRegisters = 16;

template <>
struct Pack<float> {
  static constexpr std::size_t kSize = 8;
  typedef float Vector __attribute__((vector_size(32)));
  typedef double Wide __attribute__((vector_size(64)));
  using Mask = __m256i;
  static Mask first(std::size_t count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static Vector zero() { return _mm256_setzero_ps(); }
  static Vector all(float x) { return _mm256_set1_ps(x); }
  static Vector load(const float* p) { return _mm256_loadu_ps(p); }
  static Vector load(const float* p, Mask mask) { return _mm256_maskload_ps(p, mask); }
  static Vector load_apart(const float* p, std::size_t stride, Mask mask) {
    const __m256i at =
        _mm256_mullo_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(static_cast<int>(stride)));
    return _mm256_mask_i32gather_ps(zero(), p, at, _mm256_castsi256_ps(mask), 4);
  }
  static void store(float* p, Vector v) { _mm256_storeu_ps(p, v); }
  static void store(float* p, Vector v, Mask mask) { _mm256_maskstore_ps(p, mask, v); }
  static Vector multiply_add(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
  static Vector square_root(Vector v) { return _mm256_sqrt_ps(v); }
  static Vector absolute(Vector v) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), v); }
  static Vector with_sign_of(Vector size, Vector v) {
    return _mm256_or_ps(size, _mm256_and_ps(_mm256_set1_ps(-0.0f), v));
  }
  static Vector larger(Vector a, Vector b) { return _mm256_max_ps(a, b); }   // b where either is NaN
  static Vector smaller(Vector a, Vector b) { return _mm256_min_ps(a, b); }  // b where either is NaN
  static Vector if_positive(Vector test, Vector yes, Vector no) {
    return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(test, zero(), _CMP_GT_OQ));
  }
  static Vector if_equal(Vector a, Vector b, Vector yes, Vector no) {
    return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(a, b, _CMP_EQ_OQ));
  }
};

template <>
struct Pack<double> {
  static constexpr std::size_t kSize = 4;
  typedef double Vector __attribute__((vector_size(32)));
  using Wide = Vector;
  using Mask = __m256i;
  static Mask first(std::size_t count) {
    return _mm256_cmpgt_epi64(_mm256_set1_epi64x(static_cast<long long>(count)), _mm256_setr_epi64x(0, 1, 2, 3));
  }
  static Vector zero() { return _mm256_setzero_pd(); }
  static Vector all(double x) { return _mm256_set1_pd(x); }
  static Vector load(const double* p) { return _mm256_loadu_pd(p); }
  static Vector load(const double* p, Mask mask) { return _mm256_maskload_pd(p, mask); }
  static Vector load_apart(const double* p, std::size_t stride, Mask mask) {
    const __m128i at = _mm_mullo_epi32(_mm_setr_epi32(0, 1, 2, 3), _mm_set1_epi32(static_cast<int>(stride)));
    return _mm256_mask_i32gather_pd(zero(), p, at, _mm256_castsi256_pd(mask), 8);
  }
  static void store(double* p, Vector v) { _mm256_storeu_pd(p, v); }
  static void store(double* p, Vector v, Mask mask) { _mm256_maskstore_pd(p, mask, v); }
  static Vector multiply_add(Vector a, Vector b, Vector c) { return _mm256_fmadd_pd(a, b, c); }
  static Vector square_root(Vector v) { return _mm256_sqrt_pd(v); }
  static Vector larger(Vector a, Vector b) { return _mm256_max_pd(a, b); }
  static Vector smaller(Vector a, Vector b) { return _mm256_min_pd(a, b); }
  static Vector if_positive(Vector test, Vector yes, Vector no) {
    return _mm256_blendv_pd(no, yes, _mm256_cmp_pd(test, zero(), _CMP_GT_OQ));
  }
  static Vector if_equal(Vector a, Vector b, Vector yes, Vector no) {
    return _mm256_blendv_pd(no, yes, _mm256_cmp_pd(a, b, _CMP_EQ_OQ));
  }
};

#else

inline constexpr std::size_t kVectorBytes = 16;
inline constexpr std::size_t kRegisters = 16;

template <class Real>
struct WideVector;
template <>
struct WideVector<float> {
  typedef double Type __attribute__((vector_size(32)));
};
template <>
struct WideVector<double> {
  typedef double Type __attribute__((vector_size(16)));
};

template <class Real>
struct Pack {
  static constexpr std::size_t kSize = kVectorBytes / sizeof(Real);
  typedef Real Vector __attribute__((vector_size(16)));
  using Wide = typename WideVector<Real>::Type;
  using Mask = std::size_t;  // how many lanes
  static Mask first(std::size_t count) { return count; }
  static Vector zero() { return Vector{}; }
  static Vector all(Real x) { return x - Vector{}; }  // lane by lane, GCC fills it by inserting one after the other
  static Vector load(const Real* p) {
    Vector v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
  }
  static Vector load(const Real* p, Mask count) {
    Vector v{};
    for (std::size_t j = 0; j < count; ++j) v[j] = p[j];
    return v;
  }
  static Vector load_apart(const Real* p, std::size_t stride, Mask count) {
    Vector v{};
    for (std::size_t j = 0; j < count; ++j) v[j] = p[j * stride];
    return v;
  }
  static void store(Real* p, Vector v) { __builtin_memcpy(p, &v, sizeof v); }
  static void store(Real* p, Vector v, Mask count) {
    for (std::size_t j = 0; j < count; ++j) p[j] = v[j];
  }
  static Vector multiply_add(Vector a, Vector b, Vector c) { return a * b + c; }
  static Vector square_root(Vector v) {
    for (std::size_t j = 0; j < kSize; ++j) v[j] = std::sqrt(v[j]);
    return v;
  }
  static Vector larger(Vector a, Vector b) { return a > b ? a : b; }
  static Vector smaller(Vector a, Vector b) { return a < b ? a : b; }
  static Vector if_positive(Vector test, Vector yes, Vector no) { return test > zero() ? yes : no; }
  static Vector if_equal(Vector a, Vector b, Vector yes, Vector no) { return a == b ? yes : no; }
};

#endif

}  // namespace descent::kernels::DESCENT_ISA
