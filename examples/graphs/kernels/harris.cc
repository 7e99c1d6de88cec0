// Edges by Sobel and corners by Harris, in strips of 8 rows of 64 pixels.
#include <adf.h>

constexpr int width = 64, rows = 8;

// Beyond the left and right edge the nearest pixel counts.
inline int inside(int x) { return x < 0 ? 0 : x >= width ? width - 1 : x; }

// 12 rows of pixels -> the gradients (across, down) of the 10 inner ones, and of the inner 8 the
// sum of their magnitudes.
void sobel(input_window<int16> *pixels, output_window<cint16> *gradients,
           output_window<int16> *edges) {
  for (int y = 0; y < rows + 2; ++y) {
    const int16 *above = pixels->ptr + y * width, *here = above + width, *below = here + width;
    for (int x = 0; x < width; ++x) {
      int left = inside(x - 1), right = inside(x + 1);
      int across =
          above[right] - above[left] + 2 * (here[right] - here[left]) + below[right] - below[left];
      int down =
          below[left] - above[left] + 2 * (below[x] - above[x]) + below[right] - above[right];
      window_writeincr(gradients, cint16{int16(across), int16(down)});
      int magnitude = (across < 0 ? -across : across) + (down < 0 ? -down : down);
      if (y > 0 && y <= rows)
        window_writeincr(edges, int16(magnitude));
    }
  }
}

// Gradients of 10 rows -> det(S) - trace(S)^2 / 16 of the inner 8, S the sums over 3 x 3 pixels,
// scaled down by 2^12.
void harris(input_window<cint16> *gradients, output_window<int32> *response) {
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < width; ++x) {
      int64 xx = 0, yy = 0, xy = 0;
      for (int v = 0; v < 3; ++v)
        for (int u = -1; u < 2; ++u) {
          cint16 g = gradients->ptr[(y + v) * width + inside(x + u)];
          xx += int64(g.real) * g.real;
          yy += int64(g.imag) * g.imag;
          xy += int64(g.real) * g.imag;
        }
      int64 value = xx * yy - xy * xy - (((xx + yy) * (xx + yy)) >> 4);
      window_writeincr(response, adf::srs<int32>(value, 12));
    }
}

// Where the response exceeds the threshold: 255.
void corners(input_window<int32> *response, int32 threshold, output_window<uint8> *out) {
  for (unsigned i = 0; i < window_size(response); ++i)
    window_writeincr(out, uint8(window_readincr(response) > threshold ? 255 : 0));
}
