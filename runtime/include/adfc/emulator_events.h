// What happens in an emulated array, as it happens: an observer is told of each kernel call, wait,
// buffer descriptor and transfer, with its start and end.
//
// Without an observer an event costs one comparison. Observing changes nothing in the array: same
// cycles, same bytes. Events come in about the order in which they end; the end of those whose
// length is settled beforehand may still be to come.
#ifndef ADFC_EMULATOR_EVENTS_H
#define ADFC_EMULATOR_EVENTS_H

#include "adfc/emulator.h"

#ifdef __cplusplus
extern "C" {
#endif

// Who: bits 7:0 row, 15:8 column, 23:16 number of the channel, 31:24 enum aie_who.
enum aie_who { AIE_WHO_CORE = 0, AIE_WHO_S2MM = 1, AIE_WHO_MM2S = 2, AIE_WHO_CONTROL = 3 };
#define AIE_WHO(what, column, row, number)                                                         \
  ((uint32_t)(row) | (uint32_t)(column) << 8 | (uint32_t)(number) << 16 | (uint32_t)(what) << 24)
#define AIE_CONTROL AIE_WHO(AIE_WHO_CONTROL, 0, 0, 0)

// A lock: bits 7:0 row, 15:8 column of its tile, 23:16 number.
#define AIE_EVENT_LOCK(column, row, number)                                                        \
  ((uint32_t)(row) | (uint32_t)(column) << 8 | (uint32_t)(number) << 16)

enum aie_event_kind {
  // cores
  AIE_EVENT_RUN,  // a core, from its start to its end; a: words of its program
  AIE_EVENT_CALL, // a kernel call; a: kernel, b: word of the core program
  // cores and channels
  AIE_EVENT_LOCK_WAIT, // a: the lock, b: the value asked for (signed); by: who made it so
  // channels
  AIE_EVENT_TASK,        // a: its first buffer descriptor, b: how often it was repeated
  AIE_EVENT_BD,          // a buffer descriptor, from its loading to its end; a: number
  AIE_EVENT_START,       // first words of a task under way: DMA start, or the DDR's answer
  AIE_EVENT_STREAM_WAIT, // ready to move, but another end is not; by: the last to be ready
  AIE_EVENT_MOVE,        // words on the stream; a: how many, b: buffer descriptor; by: the source,
                         // or the source's first receiver
  AIE_EVENT_CONFIRM,     // DDR confirms a task's last write
  // the control program, told by what plays it (adfc/rhal_emu.h)
  AIE_EVENT_CONTROL,      // a: enum aie_control, b: address or number
  AIE_EVENT_CONTROL_WAIT, // a: as above, b: address, or who has the token
  // cores
  AIE_EVENT_CASCADE_WAIT, // a call whose cycles are over, for its neighbour's; b: its word
};

// What a control event does.
enum aie_control {
  AIE_CONTROL_WRITE,
  AIE_CONTROL_READ,
  AIE_CONTROL_MASK_WRITE,
  AIE_CONTROL_BLOCK_WRITE,
  AIE_CONTROL_BLOCK_SET,
  AIE_CONTROL_POLL,
  AIE_CONTROL_WAIT_TASK,
  AIE_CONTROL_LOAD_CORE,
  AIE_CONTROL_PHASE,
  AIE_CONTROL_TIMESTAMP,
};

struct aie_event {
  uint64_t start; // cycle
  uint64_t end;   // cycle
  uint32_t kind;  // enum aie_event_kind
  uint32_t who;
  uint32_t a;
  uint32_t b;
  uint32_t by;   // who; AIE_CONTROL where it was a register access
  uint32_t mark; // see aie_set_mark
};

typedef void (*aie_observer)(void *user, const struct aie_event *event);

// Tells `observer` of all events from now on; NULL: nobody.
void aie_observe(struct aie_array *array, aie_observer observer, void *user);

// Tasks and core starts that register accesses cause from now on carry `mark`, and so do all events
// that come of them.
void aie_set_mark(struct aie_array *array, uint32_t mark);

// Hands an event to the observer, if there is one: for the layer that plays the control program.
void aie_tell(const struct aie_array *array, const struct aie_event *event);

#ifdef __cplusplus
}
#endif

#endif
