// The memories that DMA channels see.
#ifndef ADFC_EMULATOR_MEMORY_H
#define ADFC_EMULATOR_MEMORY_H

#include "array.h"

// Where `address` (bytes, as this channel's buffer descriptors count) lies, and in *bytes how many
// bytes from there on are in one piece. NULL and a fault where there is no memory, or where the
// access is not allowed.
uint8_t *aie_memory_at(struct aie_array *array, const struct aie_channel *channel, uint64_t address,
                       int writing, uint64_t *bytes);

// Where the bytes [begin, end) lie, begin < end, if aie_memory_at() gives them all and they are in
// one piece; else NULL, and no fault.
uint8_t *aie_memory_span(struct aie_array *array, const struct aie_channel *channel, uint64_t begin,
                         uint64_t end, int writing);

#endif
