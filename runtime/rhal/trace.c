#include "adfc/rhal_trace.h"

#include "adfc/crc32.h"
#include "adfc/line.h"
#include "adfc/rhal.h"
#include "adfc/spec/aieml_regs.h"
#include "adfc/spec/rcb_isa.h"
#include "adfc/thread_local.h"

#define FNV_OFFSET 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

static ADFC_THREAD_LOCAL struct rhal_trace *bound;

void rhal_trace_bind(struct rhal_trace *trace) {
  bound = trace;
  if (trace) {
    trace->digest = FNV_OFFSET;
    trace->calls = 0;
  }
}

static void digest(uint32_t word) {
  for (int i = 0; i < 4; ++i)
    bound->digest = (bound->digest ^ (word >> 8 * i & 0xff)) * FNV_PRIME;
}

/* How the arguments of a call are written; the first one differs most. */
enum form { PLAIN, ADDRESS, TILE };

/* Notes one call: its name, its arguments, and the words of its block, if any. */
static void note(const char *name, enum form form, const uint32_t *arguments, uint32_t count,
                 const uint32_t *block, uint32_t words) {
  if (!bound)
    return;
  uint32_t crc = block ? adfc_crc32(0, block, (size_t)words * 4) : 0;
  ++bound->calls;
  for (const char *c = name; *c; ++c)
    digest((uint8_t)*c);
  for (uint32_t i = 0; i < count; ++i)
    digest(arguments[i]);
  if (block) {
    digest(words);
    digest(crc);
  }
  if (!bound->line)
    return;
  char text[128];
  struct line l = line_start(text, sizeof text);
  line_put(&l, name);
  for (uint32_t i = 0; i < count; ++i) {
    line_put(&l, i > 1 || (i == 1 && form == PLAIN) ? ", " : " ");
    if (i == 0 && form == ADDRESS) {
      line_tile(&l, AIEML_ADDRESS_COLUMN(arguments[0]), AIEML_ADDRESS_ROW(arguments[0]));
      line_put(&l, " ");
      line_number(&l, AIEML_ADDRESS_OFFSET(arguments[0]), 16);
      line_put(&l, count > 1 ? "," : "");
    } else if (i == 0 && form == TILE) {
      line_tile(&l, RCB_TILE_COLUMN(arguments[0]), RCB_TILE_ROW(arguments[0]));
    } else {
      line_number(&l, arguments[i], form == ADDRESS ? 16 : 10);
    }
  }
  if (block) {
    line_put(&l, " words ");
    line_number(&l, words, 10);
    line_put(&l, " crc ");
    line_number(&l, crc, 16);
  }
  bound->line(bound->user, text);
}

#define NOTE(name, form, ...)                                                                      \
  note(name, form, (const uint32_t[]){__VA_ARGS__},                                                \
       sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), 0, 0)

int RHAL_DEFINE(write32)(uint32_t address, uint32_t value) {
  NOTE("write32", ADDRESS, address, value);
  return RHAL_NEXT(write32)(address, value);
}

int RHAL_DEFINE(read32)(uint32_t address, uint32_t *value) {
  NOTE("read32", ADDRESS, address);
  return RHAL_NEXT(read32)(address, value);
}

int RHAL_DEFINE(mask_write32)(uint32_t address, uint32_t mask, uint32_t value) {
  NOTE("mask_write32", ADDRESS, address, mask, value);
  return RHAL_NEXT(mask_write32)(address, mask, value);
}

int RHAL_DEFINE(block_write)(uint32_t address, const uint32_t *words, uint32_t count) {
  note("block_write", ADDRESS, &address, 1, words, count);
  return RHAL_NEXT(block_write)(address, words, count);
}

int RHAL_DEFINE(block_set)(uint32_t address, uint32_t value, uint32_t count) {
  NOTE("block_set", ADDRESS, address, value, count);
  return RHAL_NEXT(block_set)(address, value, count);
}

int RHAL_DEFINE(poll)(uint32_t address, uint32_t mask, uint32_t value, uint32_t max_cycles,
                      uint32_t *seen) {
  NOTE("poll", ADDRESS, address, mask, value, max_cycles);
  return RHAL_NEXT(poll)(address, mask, value, max_cycles, seen);
}

int RHAL_DEFINE(wait_task)(uint32_t tile, uint32_t direction, uint32_t channel,
                           uint32_t max_cycles) {
  NOTE("wait_task", TILE, tile, direction, channel, max_cycles);
  return RHAL_NEXT(wait_task)(tile, direction, channel, max_cycles);
}

int RHAL_DEFINE(load_core)(uint32_t tile, const uint32_t *words, uint32_t count) {
  note("load_core", TILE, &tile, 1, words, count);
  return RHAL_NEXT(load_core)(tile, words, count);
}

int RHAL_DEFINE(buffer_address)(uint32_t buffer, uint64_t *address) {
  NOTE("buffer_address", PLAIN, buffer);
  return RHAL_NEXT(buffer_address)(buffer, address);
}

int RHAL_DEFINE(cache_sync)(uint32_t buffer, uint32_t direction) {
  NOTE("cache_sync", PLAIN, buffer, direction);
  return RHAL_NEXT(cache_sync)(buffer, direction);
}

int RHAL_DEFINE(barrier)(void) {
  note("barrier", PLAIN, 0, 0, 0, 0);
  return RHAL_NEXT(barrier)();
}

uint64_t RHAL_DEFINE(time)(void) { return RHAL_NEXT(time)(); }

void RHAL_DEFINE(timestamp)(uint32_t id) {
  NOTE("timestamp", PLAIN, id);
  RHAL_NEXT(timestamp)(id);
}

void RHAL_DEFINE(phase)(uint32_t phase) {
  NOTE("phase", PLAIN, phase);
  RHAL_NEXT(phase)(phase);
}

void RHAL_DEFINE(log)(uint32_t level, const char *text) { RHAL_NEXT(log)(level, text); }
