/* Array addresses as instructions hold them, against the device's register map. */
#ifndef ADFC_ENGINE_ADDRESS_H
#define ADFC_ENGINE_ADDRESS_H

#include "adfc/engine.h"

/* Fills in the fault's place (pc, opcode, tile, register) from the instruction at `w`, whose length
 * is right. */
void engine_locate(struct engine_fault *fault, uint32_t pc, const uint32_t *w);

enum engine_access { ENGINE_READ, ENGINE_WRITE };

/* Whether `words` words from `address` on are registers or data memory of an existing tile, and can
 * be read or written. Program memory is only for LOAD_CORE. Returns an enum engine_status. */
int engine_check_range(const struct adfc_device *device, uint32_t address, uint32_t words,
                       enum engine_access access);

/* Whether `address` is word 1, the low address word, of a buffer descriptor of a shim with a DMA to
 * DDR. */
int engine_is_shim_bd_address(const struct adfc_device *device, uint32_t address);

/* Whether `tile` has DMA channel `channel` in `direction`. Returns an enum engine_status. */
int engine_check_channel(const struct adfc_device *device, uint32_t tile, uint32_t direction,
                         uint32_t channel);

/* Whether `tile` is a core tile. */
int engine_is_core(const struct adfc_device *device, uint32_t tile);

#endif
