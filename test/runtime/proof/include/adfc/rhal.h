/* The RHAL for the proof: the functions of the engine's calls, with what they ask for. A backend
 * changes nothing that the engine reads. */
#ifndef ADFC_PROOF_RHAL_H
#define ADFC_PROOF_RHAL_H

#include "../../../../../runtime/include/adfc/rhal.h"

/*@ assigns \nothing; */
int rhal_write32(uint32_t address, uint32_t value);
/*@ assigns \nothing; */
int rhal_mask_write32(uint32_t address, uint32_t mask, uint32_t value);
/*@ requires count >= 1 && \valid_read(words + (0 .. count - 1));
    assigns \nothing; */
int rhal_block_write(uint32_t address, const uint32_t *words, uint32_t count);
/*@ assigns \nothing; */
int rhal_block_set(uint32_t address, uint32_t value, uint32_t count);
/*@ requires \valid(seen);
    assigns *seen; */
int rhal_poll(uint32_t address, uint32_t mask, uint32_t value, uint32_t max_cycles, uint32_t *seen);
/*@ assigns \nothing; */
int rhal_wait_task(uint32_t tile, uint32_t direction, uint32_t channel, uint32_t max_cycles);
/*@ requires \valid_read(words + (0 .. count - 1));
    assigns \nothing; */
int rhal_load_core(uint32_t tile, const uint32_t *words, uint32_t count);
/*@ requires \valid(address) && buffer < 4;
    assigns *address; */
int rhal_buffer_address(uint32_t buffer, uint64_t *address);
/*@ assigns \nothing; */
int rhal_cache_sync(uint32_t buffer, uint32_t direction);
/*@ assigns \nothing; */
int rhal_barrier(void);
/*@ assigns \nothing; */
void rhal_timestamp(uint32_t id);
/*@ assigns \nothing; */
void rhal_phase(uint32_t phase);

#endif
