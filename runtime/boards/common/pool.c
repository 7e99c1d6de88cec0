#include "pool.h"

#include "memory.h"

extern uint8_t board_pool_start[], board_pool_end[]; /* of the linker script */

static uint64_t taken;

uint64_t pool_left(void) {
  uint64_t all = (uint64_t)((uintptr_t)board_pool_end - (uintptr_t)board_pool_start);
  return all - taken;
}

void *pool_take(uint64_t bytes) {
  uint64_t rounded = (bytes + 63) / 64 * 64;
  if (rounded < bytes || rounded > pool_left())
    return NULL;
  uint8_t *start = board_pool_start + taken;
  taken += rounded;
  return memset(start, 0, (size_t)rounded);
}
