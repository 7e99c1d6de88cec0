/* Makes changed images and programs pass their checksums, so that what lies behind is tested. */
#ifndef ADFC_TEST_FUZZ_REPAIR_H
#define ADFC_TEST_FUZZ_REPAIR_H

#include <stddef.h>
#include <stdint.h>

/* Sets a control program's magic, version, length, checksum, and the counts that its instructions
 * have, as far as they can be told. */
void repair_program(uint32_t *program, uint32_t words);

/* Sets the checksums of an image's header, directory, sections and program, wherever these lie
 * inside its `bytes` bytes. */
void repair_image(uint8_t *image, size_t bytes);

/* Makes a valid program short to run: waits of at most `cycles`. */
void shorten_waits(uint32_t *program, uint32_t words, uint32_t cycles);

/* The same for the core programs of a section: loops of at most `count` times. */
void shorten_loops(uint32_t *core_programs, uint32_t words, uint32_t count);

#endif
