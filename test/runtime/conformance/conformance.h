/* What every RHAL backend must do, as one list of checks.
 *
 * A backend is linked with conformance.c and provides the functions below; main() runs each check
 * on an array as it is after power-on. The checks know rhal.h and the register map, no backend. */
#ifndef ADFC_TEST_CONFORMANCE_H
#define ADFC_TEST_CONFORMANCE_H

#include "adfc/spec/devices.h"
#include "adfc/spec/rcb_isa.h"

#include <stdint.h>

enum { CONFORMANCE_BUFFER_BYTES = 4096 };

/* What a backend may do in its own way. */
struct conformance_traits {
  const char *name;
  int finds_registers; /* refuses registers that a tile does not have; else the bus does */
  int runs_programs;   /* core tiles execute core programs, as the emulated array's do */
};

extern const struct conformance_traits conformance_traits;

/* Powers an array on and binds the buffers INPUT, OUTPUT and ARENA, CONFORMANCE_BUFFER_BYTES each,
 * all zero, and not WEIGHTS. Returns the device. */
const struct adfc_device *conformance_start(void);
void conformance_stop(void);

/* The host's view of a bound buffer. */
uint8_t *conformance_buffer(uint32_t buffer);

#endif
