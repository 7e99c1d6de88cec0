/* An emulated array for the backends under test, with three buffers in DDR. */
#ifndef ADFC_TEST_CONFORMANCE_EMULATED_H
#define ADFC_TEST_CONFORMANCE_EMULATED_H

#include "adfc/emulator.h"
#include "adfc/spec/rcb_isa.h"
#include "conformance.h"

/* Where a buffer lies in the array's address space: above 4 GB, so that high words count. */
static inline uint64_t emulated_address(uint32_t buffer) { return (uint64_t)(buffer + 8) << 32; }

static inline int emulated_bound(uint32_t buffer) { return buffer != RCB_BUFFER_WEIGHTS; }

struct aie_array *emulated_start(const struct adfc_device *device);
void emulated_stop(void);

#endif
