// Error records. An error is begun, its text is put together, and its status returned:
//
//     struct aie_text t = aie_fault(array, AIE_ERROR_BD, tile, AIE_NONE);
//     aie_put(&t, "..."); return AIE_FAULT;
#ifndef ADFC_EMULATOR_ERROR_H
#define ADFC_EMULATOR_ERROR_H

#include "array.h"
#include "text.h"

// An access is refused. tile may be NULL; offset: in the tile, or AIE_NONE.
struct aie_text aie_refuse(struct aie_array *array, enum aie_error_code code,
                           const struct aie_tile *tile, uint32_t offset);

// The array stops. The first fault's record stays.
struct aie_text aie_fault(struct aie_array *array, enum aie_error_code code,
                          const struct aie_tile *tile, uint32_t offset);

// "core (3,4)"
void aie_put_tile(struct aie_text *text, const struct aie_tile *tile);
// "MM2S 1 of memtile (3,1)"
void aie_put_channel(struct aie_text *text, const struct aie_array *array,
                     const struct aie_channel *channel);
// "lock 3 of core (3,4) to be at least 1 (it is 0)"
void aie_put_lock_wait(struct aie_text *text, const struct aie_array *array, uint32_t lock,
                       int32_t value);
// The tile that a lock belongs to.
const struct aie_tile *aie_lock_tile(const struct aie_array *array, uint32_t lock);

#endif
