// A 1024-point FFT of complex int16 by radix 2 in time: ten stages, each of which halves its
// results.
//
// Stages are spread over several kernels. The first one puts the values in bit-reversed order.
#include <adf.h>

constexpr unsigned points = 1024, bits = 10, twiddle_bits = 15;
typedef const cint16 twiddles_type[points / 2];

inline unsigned reversed(unsigned index) {
  unsigned result = 0;
  for (unsigned bit = 0; bit < bits; ++bit)
    result |= (index >> bit & 1) << (bits - 1 - bit);
  return result;
}

// a +- w * b, halved so that nothing overflows; rounded to the nearest, ties of the half to even.
inline void butterfly(cint16 &a, cint16 &b, cint16 w) {
  const adf::rounding nearest = adf::rounding::pos_inf, even = adf::rounding::conv_even;
  int64 real = int64(b.real) * w.real - int64(b.imag) * w.imag;
  int64 imag = int64(b.real) * w.imag + int64(b.imag) * w.real;
  int64 x = adf::shift_round(real, twiddle_bits, nearest);
  int64 y = adf::shift_round(imag, twiddle_bits, nearest);
  cint16 low = {adf::srs<int16>(a.real + x, 1, even), adf::srs<int16>(a.imag + y, 1, even)};
  cint16 high = {adf::srs<int16>(a.real - x, 1, even), adf::srs<int16>(a.imag - y, 1, even)};
  a = low;
  b = high;
}

// Stage s joins transforms of 2^s points to those of 2^(s + 1).
inline void stage(cint16 *values, unsigned s, twiddles_type &twiddles) {
  unsigned half = 1u << s, step = points >> (s + 1);
  for (unsigned start = 0; start < points; start += 2 * half)
    for (unsigned i = 0; i < half; ++i)
      butterfly(values[start + i], values[start + i + half], twiddles[i * step]);
}

inline void stages(cint16 *values, unsigned first, unsigned end, twiddles_type &twiddles) {
  for (unsigned s = first; s < end; ++s)
    stage(values, s, twiddles);
}

void fft_first(input_window<cint16> *in, twiddles_type &twiddles, output_window<cint16> *out) {
  for (unsigned i = 0; i < points; ++i)
    out->ptr[i] = in->ptr[reversed(i)];
  stages(out->ptr, 0, 4, twiddles);
}

void fft_middle(input_window<cint16> *in, twiddles_type &twiddles, output_window<cint16> *out) {
  for (unsigned i = 0; i < points; ++i)
    out->ptr[i] = in->ptr[i];
  stages(out->ptr, 4, 7, twiddles);
}

void fft_last(input_window<cint16> *in, twiddles_type &twiddles, output_window<cint16> *out) {
  for (unsigned i = 0; i < points; ++i)
    out->ptr[i] = in->ptr[i];
  stages(out->ptr, 7, bits, twiddles);
}
