// The cascade: 512 bits wide, from a core to its eastern or southern neighbour (AM020).
//
// Kernels are called whole, so what a call sends is one block, and two calls meet: the sender's
// ends when the receiver's has begun, the receiver's when the block has come.
#ifndef ADFC_EMULATOR_CASCADE_H
#define ADFC_EMULATOR_CASCADE_H

#include "array.h"

// The block that an operand of a call means, CORE_PROGRAM_CASCADE_IN or _OUT.
uint8_t *aie_cascade_block(const struct aie_array *array, const struct aie_core *core,
                           uint32_t operand);

// A call begins: whoever waits to send to it may go on.
void aie_cascade_begin(struct aie_array *array, uint32_t core);

// Whether the call whose cycles are over can end. If not, the core is woken when it is worth asking
// again; a cascade that leads to no core that takes it is a fault.
int aie_cascade_ready(struct aie_array *array, uint32_t core);

// The kernel has run: what came is gone, and what it left goes to the neighbour.
void aie_cascade_pass(struct aie_array *array, uint32_t core);

// The core is reset: nothing has come.
void aie_cascade_reset(struct aie_core *core);

// Writes to and reads from the accumulators' control register.
void aie_cascade_control(struct aie_core *core, uint32_t value);
uint32_t aie_cascade_control_word(const struct aie_core *core);

// Whether a core waits for a block, or for its block to be taken.
int aie_cascade_waits_for_input(const struct aie_core *core);
int aie_cascade_waits_for_output(const struct aie_core *core);

#endif
