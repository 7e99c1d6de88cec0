/* Words of an image, which are little-endian as all processors here are. */
#ifndef ADFC_RIMFS_BYTES_H
#define ADFC_RIMFS_BYTES_H

#include <stdint.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "images are read in place: a little-endian processor is needed"
#endif

/* The word at `p`, a multiple of 4: images are aligned to 64, and all that is read in them to 4. */
static inline uint32_t load32(const uint8_t *p) { return *(const uint32_t *)(const void *)p; }

static inline uint64_t load64(const uint8_t *p) {
  return load32(p) | (uint64_t)load32(p + 4) << 32;
}

#endif
