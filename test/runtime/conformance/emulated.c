#include "emulated.h"

#include <stdlib.h>
#include <string.h>

static void *memory;
static uint8_t buffers[RCB_BUFFER_COUNT][CONFORMANCE_BUFFER_BYTES];

struct aie_array *emulated_start(const struct adfc_device *device) {
  size_t bytes = (aie_array_size(device) + 63) / 64 * 64;
  memory = aligned_alloc(64, bytes);
  memset(memory, 0, bytes);
  memset(buffers, 0, sizeof buffers);
  struct aie_array *array = aie_array_create(memory, bytes, device);
  for (uint32_t i = 0; i < RCB_BUFFER_COUNT; ++i)
    if (emulated_bound(i))
      aie_ddr_map(array, emulated_address(i), buffers[i], CONFORMANCE_BUFFER_BYTES, 1);
  return array;
}

void emulated_stop(void) { free(memory); }

uint8_t *conformance_buffer(uint32_t buffer) { return buffers[buffer]; }
