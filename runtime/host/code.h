/* Kernel code: a section `code.<isa>` of an image, made executable. */
#ifndef ADFC_HOST_CODE_H
#define ADFC_HOST_CODE_H

#include "adfc/emulator.h"
#include "adfc/rimfs.h"

struct code {
  char isa[24];           /* empty: no code */
  aie_kernel_fn *kernels; /* by kernel id */
  uint32_t count;
  void *pages;
  size_t page_bytes;
};

/* Loads code for `isa`, or for the best instruction set of this machine that the image has (NULL).
 * `kernels` is how many the program knows; without any, nothing is loaded. Returns an enum
 * adfc_status, with the reason in `text` (ADFC_TEXT_BYTES long). */
int code_load(struct code *code, const struct rimfs *fs, const char *isa, uint32_t kernels,
              char *text);

/* Checks the tables of every section `code.*`. Returns and writes as code_load(). */
int code_check(const struct rimfs *fs, uint32_t kernels, char *text);

void code_unload(struct code *code);

#endif
