#include "mock_rhal.h"

#include "adfc/rhal.h"

struct mock_call mock_calls[64];
uint32_t mock_count, mock_fail_at, mock_seen;
int mock_failure;

void mock_reset(void) {
  mock_count = 0;
  mock_fail_at = UINT32_MAX;
  mock_failure = RHAL_OK;
  mock_seen = 0;
}

static int note(const char *name, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  if (mock_count < 64)
    mock_calls[mock_count] = (struct mock_call){name, {a, b, c, d}};
  return mock_count++ == mock_fail_at ? mock_failure : RHAL_OK;
}

int rhal_write32(uint32_t address, uint32_t value) { return note("write32", address, value, 0, 0); }

int rhal_read32(uint32_t address, uint32_t *value) {
  *value = mock_seen;
  return note("read32", address, 0, 0, 0);
}

int rhal_mask_write32(uint32_t address, uint32_t mask, uint32_t value) {
  return note("mask_write32", address, mask, value, 0);
}

int rhal_block_write(uint32_t address, const uint32_t *words, uint32_t count) {
  return note("block_write", address, words[0], words[count - 1], count);
}

int rhal_block_set(uint32_t address, uint32_t value, uint32_t count) {
  return note("block_set", address, value, count, 0);
}

int rhal_poll(uint32_t address, uint32_t mask, uint32_t value, uint32_t max_cycles,
              uint32_t *seen) {
  *seen = mock_seen;
  return note("poll", address, mask, value, max_cycles);
}

int rhal_wait_task(uint32_t tile, uint32_t direction, uint32_t channel, uint32_t max_cycles) {
  return note("wait_task", tile, direction, channel, max_cycles);
}

int rhal_load_core(uint32_t tile, const uint32_t *words, uint32_t count) {
  return note("load_core", tile, words[0], words[count - 1], count);
}

int rhal_buffer_address(uint32_t buffer, uint64_t *address) {
  *address = 0x123400000000u + 0x10000000u * buffer;
  return note("buffer_address", buffer, 0, 0, 0);
}

int rhal_cache_sync(uint32_t buffer, uint32_t direction) {
  return note("cache_sync", buffer, direction, 0, 0);
}

int rhal_barrier(void) { return note("barrier", 0, 0, 0, 0); }
uint64_t rhal_time(void) { return 0; }
void rhal_timestamp(uint32_t id) { note("timestamp", id, 0, 0, 0); }
void rhal_phase(uint32_t phase) { note("phase", phase, 0, 0, 0); }
void rhal_log(uint32_t level, const char *text) { (void)level, (void)text; }
