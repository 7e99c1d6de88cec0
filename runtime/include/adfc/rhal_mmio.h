/* RHAL backend `mmio`: the array behind its memory-mapped registers, as on silicon.
 *
 * It has not met silicon. It is built for aarch64, and passes the conformance suite with its loads
 * and stores led to the emulator; what only hardware shows (bus errors, ordering, the DMA's status
 * while a task changes) is assumed. Addresses are those of the register map: base + column << 25 |
 * row << 20 | offset. An access to a register that a tile does not have is the bus's to refuse; the
 * verifier refuses it before.
 *
 * Tokens. Hardware sends task-complete tokens as packets; this backend counts instead: it sees
 * every push to a shim channel's queue, and the channel's status says how many tasks are left. So
 * it waits for shim channels only. One program at a time. */
#ifndef ADFC_RHAL_MMIO_H
#define ADFC_RHAL_MMIO_H

#include "adfc/spec/devices.h"
#include "adfc/spec/rcb_isa.h"

enum { RHAL_MMIO_SHIM_CHANNELS = 4, RHAL_MMIO_COLUMNS = 64 };

/* The tasks of a shim channel that are not known to be done, the oldest in bit 0: set where it
 * sends a token. */
struct rhal_mmio_channel {
  uint32_t pending;
  uint32_t token_bits;
  uint32_t tokens; /* come, not taken yet */
};

struct rhal_mmio {
  /* The caller fills in: */
  uintptr_t base; /* of the array's registers */
  const struct adfc_device *device;
  uint64_t buffer_address[RCB_BUFFER_COUNT]; /* as the array sees it */
  uint64_t buffer_bytes[RCB_BUFFER_COUNT];   /* 0: not bound */
  uint64_t (*cycles)(void *user);            /* array cycles since an arbitrary start */
  /* Makes a buffer visible; direction as rhal_cache_sync(). NULL: memory is coherent. */
  void (*sync)(void *user, uint64_t address, uint64_t bytes, uint32_t direction);
  void (*log)(void *user, uint32_t level, const char *text); /* may be NULL */
  void *user;
  /* Results: of the program's latest instructions of that kind. */
  uint32_t phase;
  uint32_t timestamp_id;
  uint64_t timestamp_cycle;
  /* Private: */
  struct rhal_mmio_channel channels[RHAL_MMIO_COLUMNS][RHAL_MMIO_SHIM_CHANNELS];
};

/* Makes `mmio` the array that the RHAL functions mean, its channels idle. NULL: none. */
void rhal_mmio_bind(struct rhal_mmio *mmio);

#endif
