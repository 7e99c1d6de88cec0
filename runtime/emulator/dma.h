// DMA channels: task queues, buffer descriptor chains, tokens.
#ifndef ADFC_EMULATOR_DMA_H
#define ADFC_EMULATOR_DMA_H

#include "array.h"

// A task is pushed to the channel's queue. A full queue drops it and sets the sticky overflow bit
// (AM025).
void aie_dma_push(struct aie_array *array, uint32_t channel, struct aie_task task);
// The channel forgets its tasks and tokens.
void aie_dma_reset(struct aie_array *array, uint32_t channel);
// A timer of the channel has run out.
void aie_dma_timer(struct aie_array *array, uint32_t channel);
// The lock that it waited for is taken, after `waited` cycles.
void aie_dma_granted(struct aie_array *array, uint32_t channel, uint64_t waited);
// The words of a transfer have left this MM2S channel, now.
void aie_dma_sent(struct aie_array *array, uint32_t channel);
// The words of a transfer are in the memory of this S2MM channel at cycle `time`; tlast: the last
// of them ends a packet.
void aie_dma_arrived(struct aie_array *array, uint32_t channel, uint64_t time, int tlast);
// Channel control of an S2MM channel: whether TLAST ends its buffer descriptors (AM025: FOT_MODE 1,
// finish on TLAST without counts). 0 where the channel has a task and the mode would change.
int aie_dma_finish_on_tlast(struct aie_array *array, uint32_t channel, uint32_t mode);
// The DMA status register (AM025). The fields that all kinds of tiles have lie in the same bits.
uint32_t aie_dma_status(const struct aie_channel *channel);

#endif
