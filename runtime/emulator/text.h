// Text without a C library: appends to a fixed buffer, cuts off what does not fit, always ends with
// NUL.
#ifndef ADFC_EMULATOR_TEXT_H
#define ADFC_EMULATOR_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct aie_text {
  char *data;
  size_t size; // with the NUL
  size_t used;
};

void aie_text_begin(struct aie_text *text, char *data, size_t size);
void aie_put(struct aie_text *text, const char *string);
void aie_put_number(struct aie_text *text, int64_t number);
void aie_put_hex(struct aie_text *text, uint64_t number);

#endif
