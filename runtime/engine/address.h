/* Array addresses as instructions hold them, against the device's register map. */
#ifndef ADFC_ENGINE_ADDRESS_H
#define ADFC_ENGINE_ADDRESS_H

#include "adfc/engine.h"

/* Around code that runs once for an image: its size counts, not its time. (On 32-bit processors the
 * least size would call helpers for 64-bit shifts, which nobody provides.) */
#if defined(__aarch64__) && defined(__clang__)
#define ENGINE_SMALL_BEGIN                                                                         \
  _Pragma("clang attribute push(__attribute__((minsize)), apply_to = function)")
#define ENGINE_SMALL_END _Pragma("clang attribute pop")
#else
#define ENGINE_SMALL_BEGIN
#define ENGINE_SMALL_END
#endif

/* Fills in the tile and register of the instruction at `w`, whose length is right. */
/*@ requires \valid(fault) && \valid_read(w) && \separated(fault, w);
    requires RCB_OP_WRITE32 <= RCB_OPCODE(w[0]) <= RCB_OP_LOAD_CORE ==>
             \valid_read(w + (0 .. 1)) && \separated(fault, w + (0 .. 1));
    assigns fault->tile, fault->reg; */
void engine_locate(struct engine_fault *fault, const uint32_t *w);

/* What is done to a register, in one bit each. */
enum engine_access { ENGINE_READ = 8, ENGINE_WRITE = 16 };

/* Whether `words` words from `address` on are registers or data memory of an existing tile, and can
 * be read and written as the bits of `access` say. Program memory is only for LOAD_CORE. Returns an
 * enum engine_status. */
/*@ requires known(device);
    assigns \nothing; */
int engine_check_range(const struct adfc_device *device, uint32_t address, uint32_t words,
                       uint32_t access);

/* How many words from its address on the instruction at `w` writes or reads. */
/*@ requires \valid_read(w) && (RCB_OPCODE(w[0]) == RCB_OP_BLOCK_SET ==> \valid_read(w + (0 .. 3)));
    assigns \nothing;
    ensures RCB_OPCODE(w[0]) == RCB_OP_BLOCK_WRITE && RCB_LENGTH(w[0]) >= RCB_BLOCK_WRITE_WORDS ==>
            \result == RCB_LENGTH(w[0]) - RCB_BLOCK_WRITE_WORDS; */
uint32_t engine_extent(const uint32_t *w);

/* The kind of `tile`, in device->tiles, or NULL where there is no such tile. */
/*@ requires known(device);
    assigns \nothing;
    ensures \result != \null ==> \valid_read(\result) && RCB_TILE_COLUMN(tile) < device->columns; */
const struct adfc_tile *engine_tile(const struct adfc_device *device, uint32_t tile);

#endif
