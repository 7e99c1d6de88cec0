/* An array, its DDR and stand-ins for kernels, to run programs on that nobody trusts. */
#ifndef ADFC_TEST_FUZZ_ARENA_H
#define ADFC_TEST_FUZZ_ARENA_H

#include "adfc/engine.h"
#include "adfc/rhal_emu.h"

enum { ARENA_KERNELS = 32 };

struct arena {
  struct rhal_emu emu;
  const struct engine_image *image;
  aie_kernel_fn kernels[ARENA_KERNELS]; /* what a call does after its operands are checked; NULL:
                                           touches their first and last bytes */
  void *buffers[RCB_BUFFER_COUNT];      /* each ends at a page that cannot be touched */
  size_t buffer_bytes[RCB_BUFFER_COUNT];
};

/* Powers an array on for the image and binds it: memory zero, the weights a read-only copy of
 * `weights`. Returns 1, or 0 where the buffers are too large to try. */
int arena_start(struct arena *arena, const struct engine_image *image, const void *weights);

/* Stops the program with a message where a call left its tile's memory or the run touched a
 * register that the verifier should have refused. */
void arena_check(const struct arena *arena);

void arena_stop(struct arena *arena);

#endif
