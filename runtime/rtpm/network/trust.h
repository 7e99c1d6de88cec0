/* Whether an image is one that this board may run. One of trust_any.c and trust_key.c is linked. */
#ifndef ADFC_RTPM_TRUST_H
#define ADFC_RTPM_TRUST_H

#include "adfc/rimfs.h"

/* Whether only signed images are run. */
extern const uint32_t trust_needs_signature;

/* Checks a mounted image against the board's key, and that its version is not below `oldest`.
 * Returns 1 with its version in *version (0 on boards without a key), or 0 with the reason in
 * `text` (PROGRAM_TEXT_BYTES long). */
int trust_check(const struct rimfs *fs, uint32_t oldest, uint32_t *version, char *text);

/* The highest version of an image of this key that ran to its end here since power-on, in whichever
 * slot; 0: none. It outlives a reset, as the fault record does (record.h), not a loss of power. */
uint32_t trust_floor(void);

/* An image of that version has run to its end. */
void trust_raise_floor(uint32_t version);

#endif
