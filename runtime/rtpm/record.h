/* The fault record that outlives a reset: it lies in memory that neither start-up code nor a loader
 * touches, under a checksum. After power-on there is none. */
#ifndef ADFC_RTPM_RECORD_H
#define ADFC_RTPM_RECORD_H

#include <stdint.h>

enum { RECORD_TEXT_BYTES = 1000 };

struct record {
  uint32_t magic;
  uint32_t crc;   /* CRC-32 of all that follows */
  uint32_t boots; /* since the fault */
  uint32_t reserved;
  char text[RECORD_TEXT_BYTES]; /* one line or more, NUL-terminated */
};

/* Keeps `text` (cut where it is too long) in place of what was kept before. */
void record_keep(const char *text);

/* The record of an earlier boot or of this one, or NULL. */
const struct record *record_kept(void);

/* Counts a boot, and tells of a record that was made in the boot before. */
void record_boot(void);

#endif
