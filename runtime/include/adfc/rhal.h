/* Runtime Hardware Abstraction Layer: all that a control program needs of an array and its board.
 *
 * The functions are bound at link time. A backend defines them with RHAL_DEFINE:
 *
 *     int RHAL_DEFINE(write32)(uint32_t address, uint32_t value) { ... }
 *
 * which names it `rhal_write32`. A layer stands in front of a backend in the same program: the
 * backend is compiled with -DRHAL_PREFIX=name_, the layer with -DRHAL_NEXT_PREFIX=name_, and the
 * layer forwards with RHAL_NEXT(write32)(address, value). So runtime/rhal/trace.c stands in front
 * of runtime/rhal/emu.c in the host library.
 *
 * Addresses are array addresses: column << 25 | row << 20 | offset within the tile. A tile is
 * column << 8 | row. Directions: 0 S2MM, 1 MM2S. Time is in array cycles. int results are an enum
 * rhal_status. */
#ifndef ADFC_RHAL_H
#define ADFC_RHAL_H

#include <stdint.h>

enum rhal_status {
  RHAL_OK = 0,
  RHAL_TIMEOUT,     /* a wait reached its bound */
  RHAL_BAD_ADDRESS, /* no such register, memory or tile, or not accessible in this way */
  RHAL_BAD_BUFFER,  /* a DDR buffer is not bound */
  RHAL_DEADLOCK,    /* nothing in the array can ever move again, and the wait is not satisfied */
  RHAL_FAULT,       /* the array reported an error of its own */
  RHAL_UNSUPPORTED, /* this backend cannot do that */
  RHAL_WATCHDOG,    /* the board's watchdog has fired: the program takes longer than it may */
};

/* A native program in a shared library finds these by name; what stands behind a layer stays
 * hidden. */
#ifdef RHAL_PREFIX
#define RHAL_API
#else
#define RHAL_API __attribute__((visibility("default")))
#endif

/* clang-format off */
#define RHAL_DECLARE(prefix)                                                                             \
  /* Writes `value` to a register or a word of data memory. */                                           \
  RHAL_API int prefix##rhal_write32(uint32_t address, uint32_t value);                                   \
  /* Reads a register or a word of data memory. */                                                       \
  RHAL_API int prefix##rhal_read32(uint32_t address, uint32_t *value);                                   \
  /* Replaces the bits in `mask` by those of `value`. */                                                 \
  RHAL_API int prefix##rhal_mask_write32(uint32_t address, uint32_t mask, uint32_t value);               \
  /* Writes `count` words to consecutive addresses. */                                                   \
  RHAL_API int prefix##rhal_block_write(uint32_t address, const uint32_t *words, uint32_t count);        \
  /* Writes `value` to `count` consecutive words. */                                                     \
  RHAL_API int prefix##rhal_block_set(uint32_t address, uint32_t value, uint32_t count);                 \
  /* Waits until (register & mask) == value, at most `max_cycles`; *seen is what was read last. */       \
  RHAL_API int prefix##rhal_poll(uint32_t address, uint32_t mask, uint32_t value, uint32_t max_cycles,   \
                                 uint32_t *seen);                                                        \
  /* Takes one task-complete token of a DMA channel, waiting at most `max_cycles` for it. */             \
  RHAL_API int prefix##rhal_wait_task(uint32_t tile, uint32_t direction, uint32_t channel,               \
                                      uint32_t max_cycles);                                              \
  /* Copies a core program to the start of a core tile's program memory; the core is disabled. */        \
  RHAL_API int prefix##rhal_load_core(uint32_t tile, const uint32_t *words, uint32_t count);             \
  /* The device address to which DDR buffer `buffer` is bound. */                                        \
  RHAL_API int prefix##rhal_buffer_address(uint32_t buffer, uint64_t *address);                          \
  /* Direction 1: makes what the host wrote visible to the array; 0: what the array wrote to the host. */\
  RHAL_API int prefix##rhal_cache_sync(uint32_t buffer, uint32_t direction);                             \
  /* Every write before it is performed before any write after it. */                                    \
  RHAL_API int prefix##rhal_barrier(void);                                                               \
  /* Time since an arbitrary start. */                                                                   \
  RHAL_API uint64_t prefix##rhal_time(void);                                                             \
  /* The program's timestamp `id`: the backend records the present time under it. */                     \
  RHAL_API void prefix##rhal_timestamp(uint32_t id);                                                     \
  /* The program enters phase `phase`. */                                                                \
  RHAL_API void prefix##rhal_phase(uint32_t phase);                                                      \
  /* A line for people; level 0 error, 1 warning, 2 information. */                                      \
  RHAL_API void prefix##rhal_log(uint32_t level, const char *text);
/* clang-format on */

#define RHAL_PASTE_(a, b) a##b
#define RHAL_PASTE(a, b) RHAL_PASTE_(a, b)
#define RHAL_DECLARE_WITH(prefix) RHAL_DECLARE(prefix)

#ifdef RHAL_PREFIX
#define RHAL_DEFINE(name) RHAL_PASTE(RHAL_PREFIX, rhal_##name)
RHAL_DECLARE_WITH(RHAL_PREFIX)
#else
#define RHAL_DEFINE(name) rhal_##name
RHAL_DECLARE()
#endif

#ifdef RHAL_NEXT_PREFIX
#define RHAL_NEXT(name) RHAL_PASTE(RHAL_NEXT_PREFIX, rhal_##name)
RHAL_DECLARE_WITH(RHAL_NEXT_PREFIX)
#endif

#endif
