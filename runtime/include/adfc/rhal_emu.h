/* RHAL backend `emu`: drives an emulated array (adfc/emulator.h) and charges the time that control
 * takes.
 *
 * The caller makes the array, maps DDR, fills a struct rhal_emu and binds it; then a program may
 * run. One program at a time in each thread (on hosts; without an operating system: in all).
 *
 * What control costs, in array cycles, from the device's table: a register write
 * control_write_cycles, each further word of a block control_block_word_cycles, a masked write
 * control_mask_write_cycles, a look at a register or for a token control_read_cycles; pushing a
 * task to a shim channel control_push_cold_cycles, or control_push_busy_cycles while that channel
 * runs. (The two were measured on shim channels; pushes elsewhere are register writes.) */
#ifndef ADFC_RHAL_EMU_H
#define ADFC_RHAL_EMU_H

#include "adfc/emulator.h"
#include "adfc/spec/rcb_isa.h"

/* What a stretch of a program cost. "Exposed" control cycles are those during which nothing in the
 * array was in progress: no core computed, no DMA moved data. */
struct rhal_emu_cost {
  uint64_t cycles;
  uint64_t control_cycles;
  uint64_t exposed_cycles;
  uint64_t ddr_read_bytes;
  uint64_t ddr_write_bytes;
};

struct rhal_emu_phase {
  uint32_t id;
  uint64_t start_cycle;
  struct rhal_emu_cost cost;
};

struct rhal_emu_timestamp {
  uint32_t id;
  uint64_t cycle;
};

struct rhal_emu {
  /* The caller fills in: */
  struct aie_array *array;
  const struct adfc_device *device;
  uint64_t buffer_address[RCB_BUFFER_COUNT];
  uint8_t buffer_bound[RCB_BUFFER_COUNT];
  struct rhal_emu_phase *phases; /* a table for the first max_phases phases; may be NULL */
  uint32_t max_phases;
  struct rhal_emu_timestamp *timestamps; /* likewise */
  uint32_t max_timestamps;
  void (*log)(void *user, uint32_t level, const char *text); /* may be NULL */
  void *log_user;
  uint32_t first_mark; /* see calls */
  /* Results: */
  struct rhal_emu_cost total; /* since rhal_emu_bind() */
  uint32_t calls;             /* of the RHAL; what the array does carries first_mark and its call's
                               * number, from 0, as its mark (adfc/emulator_events.h) */
  uint32_t n_phases, n_timestamps; /* met; may exceed the tables */
  /* Private: */
  uint64_t start_cycle, start_read_bytes, start_write_bytes;
  struct rhal_emu_cost phase_start;
};

/* Makes `emu` the array that the RHAL functions mean in this thread, and starts its results anew.
 * NULL: none. */
void rhal_emu_bind(struct rhal_emu *emu);

/* Closes the results: the last phase ends now, and what was left to the array's executor is done.
 */
void rhal_emu_finish(struct rhal_emu *emu);

#endif
