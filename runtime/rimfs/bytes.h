/* Words of an image, which are little-endian as all processors here are. */
#ifndef ADFC_RIMFS_BYTES_H
#define ADFC_RIMFS_BYTES_H

#include <stdint.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "images are read in place: a little-endian processor is needed"
#endif

#ifdef __FRAMAC__
#include "adfc/rimfs.h" /* says what a word is */
#endif

/* The word at `p`, a multiple of 4: images are aligned to 64, and all that is read in them to 4. */
/*@ requires \valid_read(p + (0 .. 3));
    assigns \nothing;
    ensures \result == word(p); */
static inline uint32_t load32(const uint8_t *p) {
#ifdef __FRAMAC__ /* whose memory model has no words made of bytes */
  return p[0] + 0x100u * p[1] + 0x10000u * p[2] + 0x1000000u * p[3];
#else
  return *(const uint32_t *)(const void *)p;
#endif
}

/*@ requires \valid_read(p + (0 .. 7));
    assigns \nothing; */
static inline uint64_t load64(const uint8_t *p) {
  return load32(p) | (uint64_t)load32(p + 4) << 32;
}

#endif
