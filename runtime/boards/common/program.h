/* A program image, opened and run on an emulated array. */
#ifndef ADFC_BOARD_PROGRAM_H
#define ADFC_BOARD_PROGRAM_H

#include "adfc/engine.h"
#include "adfc/rhal_emu.h"

enum { PROGRAM_TEXT_BYTES = 256 };

/* Where an image lies, and the code of its kernels (NULL: in its section code.<isa>). */
struct program_source {
  const uint8_t *image, *code;
  size_t bytes, code_bytes;
};

struct program {
  struct rimfs fs;
  struct engine_image image;
  struct aie_array *array;
  aie_kernel_fn *kernels;
  void *array_memory;
  size_t array_bytes;
  int loaded; /* the array: by the image's load program */
  struct rhal_emu emu;
  struct rhal_emu_cost load_cost; /* of the load program, when it was played last */
  void *buffers[RCB_BUFFER_COUNT];
};

/* The image that is linked into the ELF. */
struct program_source program_built_in(void);

/* Mounts and verifies the image and finds its kernels. Returns 1, or 0 with the reason in `text`
 * (PROGRAM_TEXT_BYTES long). Takes memory for nothing but a table of kernels. */
int program_check(struct program *p, const struct program_source *source, char *text);

/* As program_check(), and takes the memory for the array and the DDR buffers from the pool. */
int program_open(struct program *p, const struct program_source *source, char *text);

/* Makes the array in memory that is all zero, as program_open() leaves it. Returns likewise. */
int program_make_array(struct program *p, char *text);

/* Makes the array as it is after power-on, all its memory zero; but for the input, so are the DDR
 * buffers. Before each run; an array that a load program has loaded, and on which no run has
 * failed, is left as it is. Returns as program_open(). */
int program_prepare(struct program *p, char *text);

/* Plays the image's load program, if it has one and the array is not loaded. Returns
 * engine->fault.status. */
int program_load(struct program *p, struct engine_result *engine);

/* Runs the program once, after program_load(), from the input block p->buffers[RCB_BUFFER_INPUT] to
 * the output block. Returns engine->fault.status; p->emu.total is what it cost. */
int program_run(struct program *p, struct engine_result *engine);

#endif
