/* The kernels' code, linked into the program: a section `code.<isa>` as docs/rimfs.md describes it.
 */
#ifndef ADFC_BOARD_CODE_H
#define ADFC_BOARD_CODE_H

#include "adfc/emulator.h"

extern const uint8_t adfc_code[], adfc_code_end[];
extern const char adfc_code_isa[]; /* its instruction set */

/* Fills `kernels`, `count` long, with the kernels' entries. Returns NULL, or what is wrong. */
const char *code_bind(aie_kernel_fn *kernels, uint32_t count);

#endif
