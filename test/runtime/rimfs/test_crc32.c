/* Both CRC-32 implementations: the published check value, a bit-by-bit reference, any alignment and
 * split. */
#include "adfc/crc32.h"
#include "check.h"

static uint32_t reference(uint32_t crc, const uint8_t *p, size_t bytes) {
  crc = ~crc;
  for (; bytes; --bytes) {
    crc ^= *p++;
    for (int bit = 0; bit < 8; ++bit)
      crc = crc & 1 ? 0xedb88320u ^ crc >> 1 : crc >> 1;
  }
  return ~crc;
}

static void check_value(void) { CHECK_EQ(adfc_crc32(0, "123456789", 9), 0xcbf43926u); }

static void nothing_changes_nothing(void) {
  CHECK_EQ(adfc_crc32(0, "", 0), 0);
  CHECK_EQ(adfc_crc32(0x12345678u, "", 0), 0x12345678u);
}

static void any_alignment_and_split(void) {
  uint8_t data[300];
  for (unsigned i = 0; i < sizeof data; ++i)
    data[i] = (uint8_t)(i * 167 + (i >> 3));
  for (unsigned start = 0; start < 9; ++start) {
    for (unsigned bytes = 0; bytes + start <= sizeof data; bytes += 7) {
      uint32_t expected = reference(0, data + start, bytes);
      CHECK_EQ(adfc_crc32(0, data + start, bytes), expected);
      unsigned half = bytes / 3;
      uint32_t first = adfc_crc32(0, data + start, half);
      CHECK_EQ(adfc_crc32(first, data + start + half, bytes - half), expected);
    }
  }
}

int main(void) {
  RUN(check_value);
  RUN(nothing_changes_nothing);
  RUN(any_alignment_and_split);
  return check_report();
}
