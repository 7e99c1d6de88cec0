// A part of a FIR filter: 8 of 32 taps. The window has 32 values of history in front.
#include <adf.h>

constexpr unsigned window = 256, history = 32, shift = 15;
typedef const int16 taps_type[32];

// The part of taps FIRST to FIRST + 7 of the sum for each of the window's values.
template <unsigned FIRST> inline acc64 part(const int16 *values, unsigned n, taps_type &taps) {
  acc64 sum = 0;
  for (unsigned k = FIRST; k < FIRST + 8; ++k)
    sum += acc64(taps[k]) * values[history + n - k];
  return sum;
}

template <unsigned FIRST>
inline void middle(input_window<int16> *in, taps_type &taps, input_cascade<acc64> *from,
                   output_cascade<acc64> *to) {
  for (unsigned n = 0; n < window; ++n)
    writeincr(to, acc64(readincr(from) + part<FIRST>(in->ptr, n, taps)));
}

void fir_0(input_window<int16> *in, taps_type &taps, output_cascade<acc64> *to) {
  for (unsigned n = 0; n < window; ++n)
    writeincr(to, part<0>(in->ptr, n, taps));
}

void fir_1(input_window<int16> *in, taps_type &taps, input_cascade<acc64> *from,
           output_cascade<acc64> *to) {
  middle<8>(in, taps, from, to);
}

void fir_2(input_window<int16> *in, taps_type &taps, input_cascade<acc64> *from,
           output_cascade<acc64> *to) {
  middle<16>(in, taps, from, to);
}

void fir_last(input_window<int16> *in, taps_type &taps, input_cascade<acc64> *from,
              output_window<int16> *out) {
  for (unsigned n = 0; n < window; ++n) {
    int64 sum = int64(readincr(from)) + part<24>(in->ptr, n, taps);
    window_writeincr(out, adf::srs<int16>(sum, shift, adf::rounding::pos_inf));
  }
}
