/* Little-endian loads from bytes of any alignment. */
#ifndef ADFC_RIMFS_BYTES_H
#define ADFC_RIMFS_BYTES_H

#include <stdint.h>

static inline uint32_t load32(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t load64(const uint8_t *p) {
  return load32(p) | (uint64_t)load32(p + 4) << 32;
}

#endif
