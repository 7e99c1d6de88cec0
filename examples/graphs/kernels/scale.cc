#include <adf.h>

void scale(input_window<int16> *in, output_window<int16> *out) {
  for (unsigned i = 0; i < window_size(in); ++i)
    window_writeincr(out, adf::srs<int16>(int64(window_readincr(in)) * 3, 2));
}
