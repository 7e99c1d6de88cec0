/* Words at a time where the addresses allow it, else bytes. Compiled with -fno-builtin, or each
 * loop would become a call of itself. */
#include "memory.h"

#include <stdint.h>

/* An access of this type may alias any other. */
typedef uint64_t __attribute__((may_alias)) word;

enum { WORD = sizeof(word) };

/* A loop of few rounds, or that is seldom met: clang would make vectors of it. */
#define SHORT_LOOP _Pragma("clang loop unroll(disable) vectorize(disable)")

static int aligned(const void *a, const void *b) {
  return (((uintptr_t)a | (uintptr_t)b) & (WORD - 1)) == 0;
}

__attribute__((noinline)) void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
  uint8_t *t = to;
  const uint8_t *f = from;
  if (aligned(t, f))
    for (; bytes >= WORD; bytes -= WORD, t += WORD, f += WORD)
      *(word *)(void *)t = *(const word *)(const void *)f;
  while (bytes--)
    *t++ = *f++;
  return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
  uint8_t *t = to;
  const uint8_t *f = from;
  if ((uintptr_t)t - (uintptr_t)f >= bytes)
    return memcpy(to, from, bytes);
  t += bytes, f += bytes;
  SHORT_LOOP for (; bytes; --bytes) *--t = *--f;
  return to;
}

void *memset(void *to, int value, size_t bytes) {
  uint8_t *t = to;
  word pattern = 0x0101010101010101u * (uint8_t)value;
  SHORT_LOOP for (; bytes && (uintptr_t)t % WORD; --bytes) *t++ = (uint8_t)value;
  for (; bytes >= WORD; bytes -= WORD, t += WORD)
    *(word *)(void *)t = pattern;
  SHORT_LOOP for (; bytes; --bytes) *t++ = (uint8_t)value;
  return to;
}

int memcmp(const void *a, const void *b, size_t bytes) {
  const uint8_t *x = a, *y = b;
  for (; bytes; --bytes, ++x, ++y)
    if (*x != *y)
      return *x - *y;
  return 0;
}
