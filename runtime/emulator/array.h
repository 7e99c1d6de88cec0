// The state of an emulated array. Private to the emulator.
//
// Everything that can wait or be woken is an actor with a number: cores first, then DMA channels.
// Transfers under way are timers of their own, so that a channel can still be woken while its data
// moves.
#ifndef ADFC_EMULATOR_ARRAY_H
#define ADFC_EMULATOR_ARRAY_H

#include "adfc/emulator_events.h"
#include "adfc/spec/core_program.h"

enum {
  AIE_QUEUE_DEPTH = 4, // AM020
  AIE_MAX_PORTS = 25,
  AIE_LOCK_MAX = 63, // 6-bit semaphores, AM020
  AIE_STAGE_WORDS = 1024,
  AIE_DIRECT_WORDS = 128, // longer runs are not gathered first
  AIE_DDR_FLOWS = 64,
  // Of a core tile's memory: its data memory, then the cascade's blocks that come and go.
  AIE_CORE_BYTES = CORE_PROGRAM_DATA_MEMORY_BYTES + 2 * CORE_PROGRAM_CASCADE_BYTES,
};

#define AIE_NONE 0xffffffffu

struct aie_tile {
  enum aieml_tile_kind kind;
  uint8_t column;
  uint8_t row;
  uint8_t has_dma;        // all but shim tiles without a NoC connection
  uint32_t core;          // index of the core, or AIE_NONE
  uint32_t channels;      // index of S2MM channel 0; then the other S2MM, then the MM2S
  uint32_t locks;         // index of lock 0
  uint8_t *data;          // data memory, or NULL
  uint32_t *bds;          // AIEML_MAX_BD_WORDS words for each
  uint32_t mux;           // shim only
  uint32_t demux;         // shim only
  uint64_t lock_overflow; // sticky
  uint64_t lock_underflow;
  uint32_t masters[AIE_MAX_PORTS];
  uint32_t slaves[AIE_MAX_PORTS];
};

// A lock, and the actors that wait for it in the order of their coming. Actor numbers are kept plus
// one: 0 is none.
struct aie_lock {
  uint32_t first_waiter;
  uint32_t last_waiter;
  uint8_t value;
};

struct aie_waiter {
  uint64_t since;
  uint32_t lock;
  uint32_t next; // plus one
  int32_t value;
};

struct aie_task {
  uint32_t bd;
  uint32_t repeat; // further repeats
  uint32_t token;
  uint32_t mark; // of the register access that pushed it
};

// One dimension of an address pattern, in words; wrap 0: it does not wrap.
struct aie_dimension {
  uint32_t wrap;
  uint32_t step;
  uint32_t before; // zero padding
  uint32_t after;
};

// Walks the words of a buffer descriptor. position counts padding too.
struct aie_cursor {
  uint64_t base; // bytes, as the DMA sees its memory
  uint32_t left; // words
  uint32_t padded;
  struct aie_dimension dims[4];
  uint32_t position[4];
};

struct aie_bd {
  struct aie_cursor cursor;
  uint32_t next;         // AIE_NONE: the last of its task
  uint32_t acquire_lock; // index, or AIE_NONE
  int32_t acquire_value;
  uint32_t release_lock; // index, or AIE_NONE
  int32_t release_value;
  uint32_t ends_packet; // MM2S: its last word carries TLAST
};

enum aie_channel_state {
  AIE_CHANNEL_IDLE,
  AIE_CHANNEL_LOADING,   // a buffer descriptor; ends with a timer
  AIE_CHANNEL_LOCK,      // waits for its lock
  AIE_CHANNEL_STARTING,  // first words of a task under way; ends with a timer
  AIE_CHANNEL_READY,     // waits for the stream's other ends
  AIE_CHANNEL_MOVING,    // words on the stream
  AIE_CHANNEL_ARRIVING,  // S2MM: the last words are on their way; ends with a timer
  AIE_CHANNEL_FINISHING, // S2MM: DDR confirms the task's last write; ends with a timer
};

struct aie_channel {
  enum aie_channel_state state;
  uint32_t tile;
  uint8_t direction;
  uint8_t number;
  uint8_t ddr;           // one end is DDR
  uint8_t first_of_task; // this buffer descriptor starts the task
  uint8_t queued;
  uint8_t overflow;        // sticky
  uint8_t finish_on_tlast; // S2MM: FOT_MODE, 0 or 1
  uint8_t in_reset;        // RESET is set
  uint32_t current_bd;
  struct aie_task task;
  struct aie_task queue[AIE_QUEUE_DEPTH];
  uint32_t repeats; // of the task so far
  uint64_t task_start;
  uint64_t bd_start;
  struct aie_bd bd;
  uint32_t tokens;
  uint64_t ready_at;
  uint32_t cold_cycles; // what the next task pays for a cold DDR path
  // the stream: MM2S channels head a list of S2MM channels
  uint32_t route_generation;
  uint32_t first_sink; // plus one
  uint32_t next_sink;  // plus one
  uint32_t source;     // plus one; S2MM only
  uint32_t hops;       // switches on the longest branch
  // the transfer under way; MM2S only
  uint32_t packet_words; // of the descriptors since the last TLAST
  uint32_t packet_sent;  // words of them that have moved
  uint32_t flow_words;
  uint32_t flow_weight; // how many ends are DDR
  uint32_t flow_paced;  // it shares the DDR's bandwidth now
  uint64_t flow_start;
  uint64_t ddr_left; // words in 1/65536
  struct aie_channel_counters counters;
};

enum aie_core_state {
  AIE_CORE_OFF,
  AIE_CORE_RUNNING,
  AIE_CORE_LOCK,
  AIE_CORE_CASCADE, // in a call whose cycles are over, for its neighbour
  AIE_CORE_DONE
};

struct aie_loop {
  uint32_t body; // word of its first instruction
  uint32_t left;
};

struct aie_window {
  uint8_t *base;
  uint32_t stride;
  uint32_t depth;
  uint32_t index;
};

struct aie_core {
  enum aie_core_state state;
  uint8_t enable;
  uint8_t reset;
  uint8_t depth;          // of loops
  uint8_t cascade_input;  // 0: from north, 1: from west
  uint8_t cascade_output; // 0: to south, 1: to east
  uint8_t cascade_full;   // a block has come that no call has taken
  uint64_t cascade_at;    // when it is there
  uint64_t call_end;      // when the cycles of the call under way were over
  uint32_t tile;
  uint32_t pc; // word of the instruction under way
  uint32_t words;
  uint32_t *program;
  uint32_t mark; // of the register access that started it
  // The tiles whose data memory and locks it reaches, by enum core_module; NULL: it has no such
  // neighbour.
  const struct aie_tile *modules[CORE_MODULES];
  struct aie_loop loops[CORE_PROGRAM_LOOP_DEPTH];
  struct aie_window windows[CORE_PROGRAM_WINDOWS];
  struct aie_core_counters counters;
};

// A timer that is set. Those of one time come in the order of their setting.
struct aie_timer {
  uint64_t time;
  uint64_t order;
  uint32_t number;
};

struct aie_ddr_region {
  uint64_t address;
  uint64_t bytes;
  uint8_t *host;
  int writable;
};

struct aie_array {
  const struct adfc_device *device;
  uint64_t now;
  uint64_t counted_from; // the counters': what was waited for before is not theirs
  int faulted;
  struct aie_error error;

  uint32_t tile_count;
  uint32_t core_count;
  uint32_t channel_count;
  uint32_t lock_count;
  struct aie_tile *tiles; // column * rows + row
  struct aie_core *cores;
  struct aie_channel *channels;
  struct aie_lock *locks;
  struct aie_waiter *waiters; // by actor

  // timers: actors, then a timer for each channel's transfer. A binary heap by (time, order).
  uint32_t timer_count;
  uint32_t heap_size;
  uint64_t next_order;
  struct aie_timer *heap;
  uint32_t *heap_at; // by timer: its place in the heap plus one; 0: not set

  uint32_t route_generation;
  uint32_t *trace; // sinks found by a trace

  uint32_t ddr_regions;
  struct aie_ddr_region ddr[AIE_DDR_REGIONS];
  uint32_t ddr_flow_count;
  uint32_t ddr_flows[AIE_DDR_FLOWS]; // MM2S channels with DDR words under way
  uint64_t ddr_updated;
  uint32_t ddr_rate; // of each flow, words a cycle in 1/65536
  struct aie_ddr_counters ddr_counters;

  const aie_kernel_fn *kernels;
  uint32_t kernel_count;
  const struct aie_executor *executor; // or NULL

  uint32_t injection_count;
  struct aie_injection injections[AIE_INJECTIONS];

  aie_observer observer; // or NULL
  void *observer_user;
  uint32_t mark; // of register accesses now

  uint32_t stage[AIE_STAGE_WORDS]; // gathered words; the executor's, where there is one
};

static inline struct aie_tile *aie_tile_at(struct aie_array *array, uint32_t column, uint32_t row) {
  if (column >= array->device->columns || row >= array->device->rows)
    return NULL;
  return &array->tiles[column * array->device->rows + row];
}

static inline const struct adfc_tile *aie_tile_kind(const struct aie_array *array,
                                                    const struct aie_tile *tile) {
  return &array->device->tiles[tile->kind];
}

// From where on a wait that began at `start` counts.
static inline uint64_t aie_counted(const struct aie_array *array, uint64_t start) {
  return start > array->counted_from ? start : array->counted_from;
}

static inline uint32_t aie_channel_actor(const struct aie_array *array, uint32_t channel) {
  return array->core_count + channel;
}

static inline uint32_t aie_flow_timer(const struct aie_array *array, uint32_t channel) {
  return array->core_count + array->channel_count + channel;
}

#endif
