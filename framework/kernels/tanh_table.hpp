// tanh of a vector by table: 32 pieces, each a polynomial of degree 5 whose coefficients sit in the lanes of
// vector registers. Included by the sources of instruction sets that can pick sixteen lanes out of two registers.
//
// The pieces are quarters of octaves of |x|: one permutation fetches a coefficient for all lanes. In each piece
// tanh(c + d) = Σ aₖ dᵏ with the least largest relative error (Lawson 1961: least squares, reweighted), the centre
// c moved to a number whose tanh is a float32 to 1e-11 or better, so that a₀ has no error of its own (Gal &
// Bachelis, "An accurate elementary mathematical library", ACM TOMS 17, 1991). The first piece is odd around 0.
#pragma once

#include "framework/kernels/vectors.hpp"

#if defined(__AVX512F__)

namespace descent::kernels::DESCENT_ISA {

struct TanhTable {
  static constexpr float kLimit =
      0x1.3ffffep3f;  // ends the last piece; tanh rounds to 1 from 9.02 on, and so does that piece
  static constexpr short kBelow = 4 * 122 + 1;  // biased exponent and two digits of the last number of the first piece
  // Row 0: the centres; row 1 + k: the coefficients of dᵏ.
  alignas(64) static constexpr float kRows[7][32] = {
      {0,
       0.0507837683f,
       0.0585934073f,
       0.0703241304f,
       0.0859252959f,
       0.101560496f,
       0.117191508f,
       0.140598401f,
       0.171887636f,
       0.203143537f,
       0.234345883f,
       0.281213075f,
       0.34375155f,
       0.406266391f,
       0.468707174f,
       0.562405646f,
       0.687473178f,
       0.81253767f,
       0.937449276f,
       1.1251353f,
       1.37509537f,
       1.62498569f,
       1.87500703f,
       2.24957728f,
       2.75033522f,
       3.25043082f,
       3.75024748f,
       4.50029421f,
       5.50036287f,
       6.49904633f,
       7.5009532f,
       8.99809265f},
      {0,
       0.0507401563f,
       0.0585264452f,
       0.0702084303f,
       0.085714452f,
       0.101212747f,
       0.116657943f,
       0.139679223f,
       0.170214579f,
       0.200394511f,
       0.230148137f,
       0.274027437f,
       0.330822498f,
       0.385297924f,
       0.437154144f,
       0.509760141f,
       0.596356273f,
       0.670987785f,
       0.734048128f,
       0.809347749f,
       0.879848242f,
       0.925344169f,
       0.954045892f,
       0.978007734f,
       0.991865158f,
       0.997000217f,
       0.998894989f,
       0.999753356f,
       0.999966621f,
       0.99999547f,
       0.999999404f,
       0.99999994f},
      {1.0f,           0.997425437f,   0.996574655f,   0.995070776f,    0.992653033f,    0.98975598f,
       0.986390924f,   0.980489715f,   0.971026997f,   0.95984204f,     0.947031835f,    0.924908964f,
       0.890556475f,   0.85154551f,    0.808896254f,   0.740144599f,    0.644359196f,    0.549775393f,
       0.461173346f,   0.344956215f,   0.225867067f,   0.143738167f,    0.0897964357f,   0.043500869f,
       0.0162035128f,  0.00599056896f, 0.00220880097f, 0.000493241759f, 6.67581151e-05f, 9.05853486e-06f,
       1.2212772e-06f, 6.11512821e-08f},
      {0,
       -0.0506093306f,
       -0.0583258479f,
       -0.0698623409f,
       -0.0850846187f,
       -0.100175826f,
       -0.115070253f,
       -0.136954064f,
       -0.16528295f,
       -0.192347126f,
       -0.217957631f,
       -0.253450405f,
       -0.29461608f,
       -0.328098712f,
       -0.353612321f,
       -0.377295964f,
       -0.384267575f,
       -0.368892641f,
       -0.338523546f,
       -0.279191485f,
       -0.198729895f,
       -0.133007706f,
       -0.0856699913f,
       -0.0425429746f,
       -0.0160707791f,
       -0.00597218498f,
       -0.00220619852f,
       -0.00049250343f,
       -6.66720295e-05f,
       -9.02742629e-06f,
       -1.6510561e-06f,
       1.55017069e-07f},
      {-0.333333221f,   -0.329903378f,  -0.328775835f,  -0.326785096f,   -0.323590327f,   -0.319778648f,
       -0.3153724f,     -0.307700433f,  -0.295542109f,  -0.281402303f,   -0.265514819f,   -0.238850743f,
       -0.199386644f,   -0.157432862f,  -0.115049059f,  -0.0543852535f,  0.0143734813f,   0.064263821f,
       0.094768023f,    0.110978149f,   0.0995638884f,  0.0751656382f,   0.0518012153f,   0.0271087263f,
       0.0105392594f,   0.00395752385f, 0.00146753616f, 0.000328142596f, 4.44400817e-05f, 6.03628515e-06f,
       8.10377293e-07f, 3.95396192e-08f},
      {0,
       0.0212571995f,
       0.030702334f,
       0.0459662146f,
       0.0546167002f,
       0.0642102656f,
       0.0738203784f,
       0.0887099602f,
       0.105380734f,
       0.120691703f,
       0.133819026f,
       0.149839207f,
       0.164062322f,
       0.169954532f,
       0.16808338f,
       0.153284331f,
       0.119454714f,
       0.0798877647f,
       0.0433700947f,
       0.00364771421f,
       -0.0211183478f,
       -0.0251283556f,
       -0.0208497218f,
       -0.0123938816f,
       -0.00514423444f,
       -0.00197623203f,
       -0.000738870847f,
       -0.000171850662f,
       -2.32990813e-05f,
       -3.24530533e-06f,
       1.26665319e-06f,
       -2.35559691e-07f},
      {0.133168399f,    -0.120238631f,   -0.00558795539f, 0.123885433f,    0.109174729f,    0.107043117f,
       0.106749265f,    0.112596317f,    0.102182369f,    0.0920316885f,   0.0790575687f,   0.0591835067f,
       0.032052251f,    0.00602038546f,  -0.0171007255f,  -0.0433425635f,  -0.0615245555f,  -0.062685159f,
       -0.0530774719f,  -0.0321119306f,  -0.00955072671f, 0.00138166377f,  0.00459706597f,  0.0039767356f,
       0.00191626997f,  0.000771227401f, 0.000292941816f, 6.85861555e-05f, 9.31818163e-06f, 1.24839059e-06f,
       1.94741539e-07f, 1.09885839e-08f},
  };
};

inline Pack<float>::Vector tanh(Pack<float>::Vector x) {
  using P = Pack<float>;
  const __m512 sign = _mm512_set1_ps(-0.0f);
  const __m512 a = _mm512_min_ps(_mm512_set1_ps(TanhTable::kLimit), _mm512_andnot_ps(sign, x));  // a NaN stays
  const __m512i piece =
      _mm512_subs_epu16(_mm512_srli_epi32(_mm512_castps_si512(a), 21), _mm512_set1_epi32(TanhTable::kBelow));
  const auto row = [&](std::size_t k) {
    return _mm512_permutex2var_ps(_mm512_load_ps(TanhTable::kRows[k]), piece, _mm512_load_ps(TanhTable::kRows[k] + 16));
  };
  const __m512 d = _mm512_sub_ps(a, row(0));
  P::Vector y = row(6);
  for (std::size_t k = 5; k >= 1; --k) y = P::multiply_add(y, d, row(k));
  return _mm512_or_ps(y, _mm512_and_ps(sign, x));
}

}  // namespace descent::kernels::DESCENT_ISA

#endif
