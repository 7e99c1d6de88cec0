/* The fields of a control program and its core programs, to be changed one at a time. */
#ifndef ADFC_TEST_MUTATION_FIELDS_H
#define ADFC_TEST_MUTATION_FIELDS_H

#include <stddef.h>
#include <stdint.h>

/* Bits `lsb` .. `lsb + width - 1` of a word of the control program, or of the core programs. */
struct field {
  uint32_t word;
  uint8_t lsb, width, core, header;
};

/* Fills `out` with up to `max` fields of the two (valid) sections; returns how many there are. */
size_t fields_list(struct field *out, size_t max, const uint32_t *program, uint32_t program_words,
                   const uint32_t *core, uint32_t core_words);

uint32_t field_get(const struct field *field, const uint32_t *section);
void field_set(const struct field *field, uint32_t *section, uint32_t value);

#endif
