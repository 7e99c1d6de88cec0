/* The kernels' code: a section `code.<isa>` as docs/rimfs.md describes it. */
#ifndef ADFC_BOARD_CODE_H
#define ADFC_BOARD_CODE_H

#include <stddef.h>

#include "adfc/emulator.h"

/* Of the image that is linked in. */
extern const uint8_t adfc_code[], adfc_code_end[];
extern const char adfc_code_isa[]; /* its instruction set */

/* Fills `kernels`, `count` long, with the kernels' entries in the section of `bytes` bytes at
 * `code`, a multiple of 64. Returns NULL, or what is wrong. */
const char *code_bind(const uint8_t *code, size_t bytes, aie_kernel_fn *kernels, uint32_t count);

#endif
