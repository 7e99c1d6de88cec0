/* Loads and stores of the backend `mmio`, led to an emulated array. */
#include "adfc/emulator.h"

extern struct aie_array *mmio_array;

static uint32_t mmio_load(uintptr_t address) {
  uint32_t value = 0xffffffff; /* what a bus gives where nobody answers */
  aie_read32(mmio_array, (uint32_t)address, &value);
  return value;
}

static void mmio_store(uintptr_t address, uint32_t value) {
  aie_write32(mmio_array, (uint32_t)address, value);
}
