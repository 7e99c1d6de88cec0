/* RHAL layer `watch`: stands in front of any backend, and ends a program by RHAL_WATCHDOG where it
 * took longer than it may. Looked at where a program waits: between two waits it takes a bounded
 * number of steps. */
#include "watchdog.h"

#include "adfc/rhal.h"

int RHAL_DEFINE(write32)(uint32_t address, uint32_t value) {
  return RHAL_NEXT(write32)(address, value);
}

int RHAL_DEFINE(read32)(uint32_t address, uint32_t *value) {
  return RHAL_NEXT(read32)(address, value);
}

int RHAL_DEFINE(mask_write32)(uint32_t address, uint32_t mask, uint32_t value) {
  return RHAL_NEXT(mask_write32)(address, mask, value);
}

int RHAL_DEFINE(block_write)(uint32_t address, const uint32_t *words, uint32_t count) {
  return RHAL_NEXT(block_write)(address, words, count);
}

int RHAL_DEFINE(block_set)(uint32_t address, uint32_t value, uint32_t count) {
  return RHAL_NEXT(block_set)(address, value, count);
}

static int watched(int status) { return !status && watchdog_fired() ? RHAL_WATCHDOG : status; }

int RHAL_DEFINE(poll)(uint32_t address, uint32_t mask, uint32_t value, uint32_t max_cycles,
                      uint32_t *seen) {
  return watchdog_fired() ? RHAL_WATCHDOG
                          : watched(RHAL_NEXT(poll)(address, mask, value, max_cycles, seen));
}

int RHAL_DEFINE(wait_task)(uint32_t tile, uint32_t direction, uint32_t channel,
                           uint32_t max_cycles) {
  return watchdog_fired() ? RHAL_WATCHDOG
                          : watched(RHAL_NEXT(wait_task)(tile, direction, channel, max_cycles));
}

int RHAL_DEFINE(load_core)(uint32_t tile, const uint32_t *words, uint32_t count) {
  return RHAL_NEXT(load_core)(tile, words, count);
}

int RHAL_DEFINE(buffer_address)(uint32_t buffer, uint64_t *address) {
  return RHAL_NEXT(buffer_address)(buffer, address);
}

int RHAL_DEFINE(cache_sync)(uint32_t buffer, uint32_t direction) {
  return RHAL_NEXT(cache_sync)(buffer, direction);
}

int RHAL_DEFINE(barrier)(void) { return RHAL_NEXT(barrier)(); }

uint64_t RHAL_DEFINE(time)(void) { return RHAL_NEXT(time)(); }

void RHAL_DEFINE(timestamp)(uint32_t id) { RHAL_NEXT(timestamp)(id); }

void RHAL_DEFINE(phase)(uint32_t phase) {
  watchdog_phase(phase);
  RHAL_NEXT(phase)(phase);
}

void RHAL_DEFINE(log)(uint32_t level, const char *text) { RHAL_NEXT(log)(level, text); }
