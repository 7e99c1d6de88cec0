// Kernels in the style of AMD's ADF, for adfc: windows, streams, cascades and run-time parameters.
//
//   void fir(input_window<int16> *in, output_window<int16> *out);
//
// C++17 without a library: no heap, no exceptions, no writable globals. What a call reads and
// writes is what the graph says of it: so many values of each port. A window's position goes round
// at its end, as on the array; a stream or a cascade hands over exactly the values that the graph
// declares.
#ifndef ADFC_ADF_H
#define ADFC_ADF_H

#include <stddef.h>
#include <stdint.h>

typedef int8_t int8;
typedef int16_t int16;
typedef int32_t int32;
typedef int64_t int64;
typedef uint8_t uint8;
typedef uint16_t uint16;
typedef uint32_t uint32;
typedef uint64_t uint64;

template <typename T> struct complex_of {
  T real, imag;
};
typedef complex_of<int16> cint16;
typedef complex_of<int32> cint32;
typedef complex_of<int64> cint64;

// Accumulators, as they go over the cascade: lanes of 32 or 64 bits (AM020).
typedef int32 acc32;
typedef int64 acc64;
typedef cint32 cacc32;
typedef cint64 cacc64;

namespace adf {

// ---- vectors: plain arrays of lanes

template <typename T, unsigned N> struct vector {
  T lanes[N];
  T &operator[](unsigned i) { return lanes[i]; }
  const T &operator[](unsigned i) const { return lanes[i]; }
};

// ---- shift, round, saturate: accumulator -> narrow type (the codes are the SRS unit's)

enum class rounding {
  floor = 0,
  ceil = 1,
  neg_inf = 8, // to the nearest, ties towards minus infinity
  pos_inf = 9, // ties towards plus infinity
  sym_zero = 10,
  sym_inf = 11,
  conv_even = 12,
  conv_odd = 13
};

template <typename T> struct limits {
  static constexpr T highest = T(~(uint64_t(1) << (8 * sizeof(T) - 1)));
  static constexpr T lowest = T(-highest - 1);
};

// `value` / 2^shift, rounded, 0 <= shift < 63.
inline int64 shift_round(int64 value, unsigned shift, rounding mode) {
  if (shift == 0)
    return value;
  int64 down = value >> shift;
  uint64 rest = uint64(value) & ((uint64(1) << shift) - 1), half = uint64(1) << (shift - 1);
  bool up = rest > half;
  if (mode == rounding::floor)
    up = false;
  else if (mode == rounding::ceil)
    up = rest != 0;
  else if (rest == half)
    switch (mode) {
    case rounding::pos_inf:
      up = true;
      break;
    case rounding::sym_zero:
      up = value < 0;
      break;
    case rounding::sym_inf:
      up = value >= 0;
      break;
    case rounding::conv_even:
      up = down & 1;
      break;
    case rounding::conv_odd:
      up = !(down & 1);
      break;
    default:
      up = false;
    }
  return down + (up ? 1 : 0);
}

// Shifted, rounded and saturated to T.
template <typename T> inline T srs(int64 value, unsigned shift, rounding mode = rounding::floor) {
  int64 rounded = shift_round(value, shift, mode);
  if (rounded > int64(limits<T>::highest))
    return limits<T>::highest;
  return rounded < int64(limits<T>::lowest) ? limits<T>::lowest : T(rounded);
}

// ---- ports

// A buffer of `size` values, and the current position in it.
template <typename T> struct port {
  T *ptr;
  unsigned size;
  unsigned position;

  port(void *data, unsigned count) : ptr(static_cast<T *>(data)), size(count), position(0) {}
  void move(int by) {
    int next = (int(position) + by) % int(size);
    position = unsigned(next < 0 ? next + int(size) : next);
  }
  void step() { position = position + 1 == size ? 0 : position + 1; }
};

} // namespace adf

template <typename T> struct input_window : adf::port<const T> {
  input_window(const void *data, unsigned count)
      : adf::port<const T>(const_cast<void *>(data), count) {}
};
template <typename T> struct output_window : adf::port<T> {
  using adf::port<T>::port;
};
template <typename T> struct input_stream : adf::port<const T> {
  input_stream(const void *data, unsigned count)
      : adf::port<const T>(const_cast<void *>(data), count) {}
};
template <typename T> struct output_stream : adf::port<T> {
  using adf::port<T>::port;
};
template <typename T> struct input_cascade : adf::port<const T> {
  input_cascade(const void *data, unsigned count)
      : adf::port<const T>(const_cast<void *>(data), count) {}
};
template <typename T> struct output_cascade : adf::port<T> {
  using adf::port<T>::port;
};

// ---- windows

template <typename T> inline unsigned window_size(const input_window<T> *w) { return w->size; }
template <typename T> inline unsigned window_size(const output_window<T> *w) { return w->size; }

template <typename T> inline T window_read(const input_window<T> *w) { return w->ptr[w->position]; }
template <typename T> inline T window_readincr(input_window<T> *w) {
  T value = w->ptr[w->position];
  w->step();
  return value;
}
template <typename T> inline void window_readincr(input_window<T> *w, T &value) {
  value = window_readincr(w);
}
template <typename T> inline T window_readdecr(input_window<T> *w) {
  T value = w->ptr[w->position];
  w->move(-1);
  return value;
}
template <typename T> inline void window_incr(input_window<T> *w, int by) { w->move(by); }
template <typename T> inline void window_decr(input_window<T> *w, int by) { w->move(-by); }

template <typename T> inline void window_write(output_window<T> *w, T value) {
  w->ptr[w->position] = value;
}
template <typename T> inline void window_writeincr(output_window<T> *w, T value) {
  w->ptr[w->position] = value;
  w->step();
}
template <typename T> inline void window_incr(output_window<T> *w, int by) { w->move(by); }
template <typename T> inline void window_decr(output_window<T> *w, int by) { w->move(-by); }

template <unsigned N, typename T> inline adf::vector<T, N> window_readincr_v(input_window<T> *w) {
  adf::vector<T, N> values;
  for (unsigned i = 0; i < N; ++i)
    values[i] = window_readincr(w);
  return values;
}
template <unsigned N, typename T>
inline void window_writeincr(output_window<T> *w, const adf::vector<T, N> &values) {
  for (unsigned i = 0; i < N; ++i)
    window_writeincr(w, values[i]);
}

// ---- streams and cascades: one value, or several at once

#define ADFC_READS(kind)                                                                           \
  template <typename T> inline T readincr(kind<T> *s) {                                            \
    T value = s->ptr[s->position];                                                                 \
    s->step();                                                                                     \
    return value;                                                                                  \
  }                                                                                                \
  template <unsigned N, typename T> inline adf::vector<T, N> readincr_v(kind<T> *s) {              \
    adf::vector<T, N> values;                                                                      \
    for (unsigned i = 0; i < N; ++i)                                                               \
      values[i] = readincr(s);                                                                     \
    return values;                                                                                 \
  }
#define ADFC_WRITES(kind)                                                                          \
  template <typename T> inline void writeincr(kind<T> *s, T value) {                               \
    s->ptr[s->position] = value;                                                                   \
    s->step();                                                                                     \
  }                                                                                                \
  template <unsigned N, typename T>                                                                \
  inline void writeincr(kind<T> *s, const adf::vector<T, N> &values) {                             \
    for (unsigned i = 0; i < N; ++i)                                                               \
      writeincr(s, values[i]);                                                                     \
  }
ADFC_READS(input_stream)
ADFC_WRITES(output_stream)
ADFC_READS(input_cascade)
ADFC_WRITES(output_cascade)
#undef ADFC_READS
#undef ADFC_WRITES

// 512 bits of the cascade: as many lanes as fit.
template <typename T> inline adf::vector<T, 64 / sizeof(T)> get_scd(input_cascade<T> *s) {
  return readincr_v<64 / sizeof(T)>(s);
}
template <typename T>
inline void put_mcd(output_cascade<T> *s, const adf::vector<T, 64 / sizeof(T)> &values) {
  writeincr(s, values);
}

// ---- the names without templates

#define ADFC_NAMES(T)                                                                              \
  typedef input_window<T> input_window_##T;                                                        \
  typedef output_window<T> output_window_##T;                                                      \
  typedef input_stream<T> input_stream_##T;                                                        \
  typedef output_stream<T> output_stream_##T;
ADFC_NAMES(int8)
ADFC_NAMES(int16)
ADFC_NAMES(int32)
ADFC_NAMES(uint8)
ADFC_NAMES(uint16)
ADFC_NAMES(uint32)
ADFC_NAMES(cint16)
ADFC_NAMES(cint32)
ADFC_NAMES(float)
#undef ADFC_NAMES

#endif
