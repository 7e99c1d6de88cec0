/* The program image that is linked into the ELF, opened and run on an emulated array. */
#ifndef ADFC_BOARD_PROGRAM_H
#define ADFC_BOARD_PROGRAM_H

#include "adfc/engine.h"
#include "adfc/rhal_emu.h"

extern const uint8_t adfc_image[], adfc_image_end[];

enum { PROGRAM_TEXT_BYTES = 256 };

struct program {
  struct rimfs fs;
  struct engine_image image;
  struct aie_array *array;
  aie_kernel_fn *kernels;
  void *array_memory;
  size_t array_bytes;
  struct rhal_emu emu;
  void *buffers[RCB_BUFFER_COUNT];
};

/* Mounts and verifies the image, and takes the memory for the array and the DDR buffers. Returns 1,
 * or 0 with the reason in `text` (PROGRAM_TEXT_BYTES long). Called once. */
int program_open(struct program *p, char *text);

/* Makes the array as it is after power-on, all its memory zero; but for the input, so are the DDR
 * buffers. Before each run. Returns as program_open(). */
int program_power_on(struct program *p, char *text);

/* Runs the program once, from the input block p->buffers[RCB_BUFFER_INPUT] to the output block.
 * Returns engine->fault.status; p->emu.total is what it cost. */
int program_run(struct program *p, struct engine_result *engine);

#endif
