#include "pool.h"

#include "memory.h"

extern uint8_t board_pool_start[], board_pool_end[]; /* of the linker script */

static uint64_t taken;

uint64_t pool_left(void) {
  uint64_t all = (uint64_t)((uintptr_t)board_pool_end - (uintptr_t)board_pool_start);
  return all - taken;
}

void *pool_free(void) { return board_pool_start + taken; }

void pool_take_back(const void *free) {
  taken = (uint64_t)((uintptr_t)free - (uintptr_t)board_pool_start);
}

void *pool_take_raw(uint64_t bytes) {
  uint64_t rounded = (bytes + 63) / 64 * 64;
  if (rounded < bytes || rounded > pool_left())
    return NULL;
  uint8_t *start = pool_free();
  taken += rounded;
  return start;
}

void *pool_take(uint64_t bytes) {
  void *start = pool_take_raw(bytes);
  return start ? memset(start, 0, (size_t)bytes) : NULL;
}
