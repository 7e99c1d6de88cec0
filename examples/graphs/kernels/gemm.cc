// A block of a matrix product of int8: 16 rows of A by 32 columns of B, 128 deep.
#include <adf.h>

constexpr unsigned rows = 16, depth = 128, columns = 32, shift = 8;

void gemm(input_window<int8> *a, const int8 (&b)[depth * columns], output_window<int8> *c) {
  for (unsigned row = 0; row < rows; ++row) {
    acc32 sums[columns] = {};
    for (unsigned k = 0; k < depth; ++k)
      for (unsigned column = 0; column < columns; ++column)
        sums[column] += acc32(a->ptr[row * depth + k]) * b[k * columns + column];
    for (unsigned column = 0; column < columns; ++column)
      window_writeincr(c, adf::srs<int8>(sums[column], shift, adf::rounding::conv_even));
  }
}
