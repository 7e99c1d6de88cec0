#include "adfc/crc32.h"

#if defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>

uint32_t adfc_crc32(uint32_t crc, const void *data, size_t bytes) {
  const uint8_t *p = data;
  crc = ~crc;
  for (; bytes; --bytes)
    crc = __crc32b(crc, *p++);
  return ~crc;
}

#else
uint32_t adfc_crc32(uint32_t crc, const void *data, size_t bytes) {
  /* Entry n is the remainder of nibble n. */
  static const uint32_t table[16] = {
      0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
      0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
      0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
  };
  const uint8_t *p = data;
  crc = ~crc;
  /*@ loop invariant 0 <= bytes <= \at(bytes, Pre);
      loop invariant p == (const uint8_t *)data + (\at(bytes, Pre) - bytes);
      loop assigns bytes, p, crc;
      loop variant bytes; */
  for (; bytes; --bytes) {
    crc ^= *p++;
    crc = table[crc & 15] ^ crc >> 4;
    crc = table[crc & 15] ^ crc >> 4;
  }
  return ~crc;
}
#endif
