// A part of a beam-former: 2 of 8 antennas, for 4 beams, 64 samples at a time.
#include <adf.h>

constexpr unsigned samples = 64, beams = 4, antennas = 2, shift = 15;
typedef const cint16 weights_type[beams * antennas];

// The antennas' part of a beam at one sample: the sum of sample times weight.
inline cacc64 part(const cint16 *first, const cint16 *second, unsigned n, const cint16 *weights) {
  const cint16 x[antennas] = {first[n], second[n]};
  cacc64 sum = {0, 0};
  for (unsigned i = 0; i < antennas; ++i) {
    sum.real += int64(x[i].real) * weights[i].real - int64(x[i].imag) * weights[i].imag;
    sum.imag += int64(x[i].real) * weights[i].imag + int64(x[i].imag) * weights[i].real;
  }
  return sum;
}

inline cacc64 add(cacc64 a, cacc64 b) { return {a.real + b.real, a.imag + b.imag}; }

void beam_first(input_window<cint16> *a, input_window<cint16> *b, weights_type &weights,
                output_cascade<cacc64> *to) {
  for (unsigned beam = 0; beam < beams; ++beam)
    for (unsigned n = 0; n < samples; ++n)
      writeincr(to, part(a->ptr, b->ptr, n, weights + antennas * beam));
}

void beam_middle(input_window<cint16> *a, input_window<cint16> *b, weights_type &weights,
                 input_cascade<cacc64> *from, output_cascade<cacc64> *to) {
  for (unsigned beam = 0; beam < beams; ++beam)
    for (unsigned n = 0; n < samples; ++n)
      writeincr(to, add(readincr(from), part(a->ptr, b->ptr, n, weights + antennas * beam)));
}

void beam_last(input_window<cint16> *a, input_window<cint16> *b, weights_type &weights,
               input_cascade<cacc64> *from, output_window<cint16> *out) {
  for (unsigned beam = 0; beam < beams; ++beam)
    for (unsigned n = 0; n < samples; ++n) {
      cacc64 sum = add(readincr(from), part(a->ptr, b->ptr, n, weights + antennas * beam));
      window_writeincr(out, cint16{adf::srs<int16>(sum.real, shift, adf::rounding::conv_even),
                                   adf::srs<int16>(sum.imag, shift, adf::rounding::conv_even)});
    }
}
