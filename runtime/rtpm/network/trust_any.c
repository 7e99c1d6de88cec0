/* A board without a key runs every image that passes the other checks. */
#include "trust.h"

const uint32_t trust_needs_signature = 0;

int trust_check(const struct rimfs *fs, uint32_t oldest, uint32_t *version, char *text) {
  (void)fs, (void)oldest, (void)text;
  *version = 0;
  return 1;
}

uint32_t trust_floor(void) { return 0; }

void trust_raise_floor(uint32_t version) { (void)version; }
