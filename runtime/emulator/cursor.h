// Address generation of the DMA: up to four dimensions, zero padding around the inner three.
#ifndef ADFC_EMULATOR_CURSOR_H
#define ADFC_EMULATOR_CURSOR_H

#include "array.h"

// Consecutive words of a pattern: `words` of them from byte `address`, `stride` bytes apart; or
// that many zeros.
struct aie_run {
  uint64_t address;
  uint32_t words;
  uint32_t stride;
  int zero;
};

// Makes a cursor simpler where neighbouring dimensions are one in memory. It walks the same words.
void aie_cursor_simplify(struct aie_cursor *cursor);

// The next at most `limit` words, 0 < limit <= cursor->left, and steps past them.
struct aie_run aie_cursor_next(struct aie_cursor *cursor, uint32_t limit);

// Lines that follow `run`, which aie_cursor_next has just returned: as many words each, and each
// aie_cursor_pitch() bytes after the one before. Returns how many, of at most `limit` words
// altogether, and steps past them.
uint32_t aie_cursor_lines(struct aie_cursor *cursor, const struct aie_run *run, uint32_t limit);
static inline uint64_t aie_cursor_pitch(const struct aie_cursor *cursor) {
  return 4ull * cursor->dims[1].step;
}

// Steps past `words` words, at most those that are left.
void aie_cursor_skip(struct aie_cursor *cursor, uint32_t words);

// A byte address that no word left ends behind. None begins before cursor->base.
uint64_t aie_cursor_end(const struct aie_cursor *cursor);

#endif
