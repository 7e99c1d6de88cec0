// An emulated AIE-ML array behind its memory-mapped registers: DMA with buffer descriptors, locks,
// circuit-switched streams, core control and DDR, on a virtual clock. It knows registers only; what
// writes them is not its business.
//
// Memory and time. All state lies in one block that the caller provides; there is no heap and no
// libc but mem*. Time is in array cycles. It moves in aie_advance() and aie_run_until_*() only;
// register accesses take no time by themselves, so the caller charges control cycles with
// aie_advance(). Data moves at the end of each piece of a transfer, kernels act at the end of their
// call. Same accesses, same cycles, same bytes.
//
// Errors. Nothing is guessed: an access to what is not modelled, a route to nowhere, a broken core
// program are errors with a name, a place and a text (aie_error). AIE_BAD_ACCESS refuses one access
// and changes nothing; AIE_FAULT stops the array for good.
//
// TLAST. Each MM2S buffer descriptor ends a packet, but where it suppresses TLAST. S2MM channels
// with FOT_MODE 1 end their descriptor with the packet; a packet that is longer is a fault. So is a
// packet that ends without all words that its source's descriptors name: a channel that finishes on
// TLAST would take it as it is, and a chain that never ends would go on one word off. (The check is
// the emulator's: silicon tells in FOT_MODE 2 and 3 how many words came, and compares nothing.)
//
// What is simplified: a stream moves as a whole or not at all (its FIFOs hold only what is in
// flight), bank conflicts are part of a kernel's cycles, packet switching, compression, cascades,
// core stream ports, events and trace are not modelled (accesses are refused).
#ifndef ADFC_EMULATOR_H
#define ADFC_EMULATOR_H

#include "adfc/spec/devices.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct aie_array;

enum aie_status {
  AIE_OK = 0,
  AIE_TIMEOUT,    // the wait reached its bound
  AIE_DEADLOCK,   // nothing in the array can move any more and the wait is not satisfied
  AIE_BAD_ACCESS, // this access is refused; nothing has changed
  AIE_FAULT,      // the array met an error of its own and has stopped
};

enum aie_error_code {
  AIE_ERROR_NONE = 0,
  AIE_ERROR_NO_TILE,        // no such tile on this device
  AIE_ERROR_NO_REGISTER,    // not a register of that tile, or not modelled
  AIE_ERROR_READ_ONLY,      // writing what can only be read
  AIE_ERROR_WRITE_ONLY,     // reading what can only be written
  AIE_ERROR_UNMODELLED,     // a feature outside the model: packets, compression, ...
  AIE_ERROR_PROGRAM_MEMORY, // writing the program memory of an enabled core
  AIE_ERROR_BD,             // a buffer descriptor that cannot be executed
  AIE_ERROR_LOCK,           // a lock that does not exist
  AIE_ERROR_ADDRESS,        // a DMA transfer outside of its memory
  AIE_ERROR_ROUTE,          // a stream that leads nowhere, or changed under way
  AIE_ERROR_CORE_PROGRAM,   // a core program that cannot be executed
  AIE_ERROR_ARGUMENT,       // a wrong argument of a function of this header
  AIE_ERROR_FOT_LENGTH,     // a packet longer than the BD of a channel that finishes on TLAST
  AIE_ERROR_LOST_WORDS,     // a packet without all words that its source's descriptors name
};

enum { AIE_S2MM = 0, AIE_MM2S = 1 }; // directions

enum { AIE_ERROR_TEXT = 256 };

// The latest error. column, row, offset: where (offset in the tile, bytes; ~0 where none applies).
struct aie_error {
  enum aie_error_code code;
  uint32_t column;
  uint32_t row;
  uint32_t offset;
  uint64_t cycle;
  char text[AIE_ERROR_TEXT];
};

// A kernel: `buffers` point into the 64 KB data memory of the calling core's tile or of a
// neighbour's that it reaches.
typedef void (*aie_kernel_fn)(uint8_t *const *buffers, const int32_t *immediates);

struct aie_core_counters {
  uint64_t calls;             // kernel calls
  uint64_t busy_cycles;       // in kernels
  uint64_t lock_cycles;       // issuing lock requests
  uint64_t stall_cycles;      // waiting for locks
  uint64_t stall_by_lock[64]; // the same, by the lock's number in core programs
  uint64_t started_at;        // cycle of the latest start
  uint64_t done_at;           // cycle of the latest end
};

struct aie_channel_counters {
  uint64_t words;               // 32-bit words moved, padding included
  uint64_t bds;                 // buffer descriptors completed
  uint64_t tasks;               // tasks completed
  uint64_t moving_cycles;       // with words on the stream
  uint64_t lock_stall_cycles;   // waiting for locks
  uint64_t stream_stall_cycles; // ready, waiting for the stream's other ends
};

struct aie_ddr_counters {
  uint64_t read_bytes;
  uint64_t write_bytes;
};

enum { AIE_DDR_REGIONS = 16 };

// ---- set-up

// Bytes of memory that an array of that device takes (ve2802: about 66 MB, nearly all of it the
// tiles' memories).
size_t aie_array_size(const struct adfc_device *device);

// From which byte of it on it is the memtiles' data memory and nothing else: where a program's
// weights go.
size_t aie_array_memtiles_at(const struct adfc_device *device);

// Makes an array in `memory`, which must be zero, aligned to 64 bytes and `bytes` long. Pages that
// no tile uses are never touched. NULL where the memory is too small or not aligned. The device
// must outlive the array.
struct aie_array *aie_array_create(void *memory, size_t bytes, const struct adfc_device *device);

// Makes the bytes [address, address + bytes) of the 48-bit device address space be `host`. At most
// AIE_DDR_REGIONS regions, not overlapping; address and bytes are multiples of 4.
enum aie_status aie_ddr_map(struct aie_array *array, uint64_t address, void *host, uint64_t bytes,
                            int writable);

// Forgets all DDR regions.
void aie_ddr_unmap_all(struct aie_array *array);

// Kernel number i of core programs is kernels[i]; the table must outlive the array.
void aie_bind_kernels(struct aie_array *array, const aie_kernel_fn *kernels, uint32_t count);

// ---- work beside the clock

// The virtual clock does not depend on data: moving words and calling kernels may be left to an
// executor, another thread for instance, while time goes on. It does one piece of work after the
// other in the order in which it gets them, so that bytes and cycles are the same as without it.
// The array waits for it before data meets registers; before anything else looks at DDR, or the
// array's memory is used for something else, aie_settle() must be called.
typedef void (*aie_work_fn)(void *work);

struct aie_executor {
  void *user;
  // Room for a piece of work of `bytes`, aligned to 8; NULL: it cannot take so many.
  void *(*reserve)(void *user, uint32_t bytes);
  // Does function(work), some time, with what was reserved last.
  void (*submit)(void *user, aie_work_fn function);
  // Returns when all has been done.
  void (*wait)(void *user);
};

// NULL: none, all is done at once. The executor must outlive the array or be taken from it.
void aie_set_executor(struct aie_array *array, const struct aie_executor *executor);

// Waits until all work is done.
void aie_settle(const struct aie_array *array);

// ---- registers; address = column << 25 | row << 20 | offset

enum aie_status aie_write32(struct aie_array *array, uint32_t address, uint32_t value);
enum aie_status aie_read32(struct aie_array *array, uint32_t address, uint32_t *value);
enum aie_status aie_mask_write32(struct aie_array *array, uint32_t address, uint32_t mask,
                                 uint32_t value);
// Consecutive words, one after the other; stops at the first that is refused.
enum aie_status aie_write_block(struct aie_array *array, uint32_t address, const uint32_t *words,
                                uint32_t count);
enum aie_status aie_read_block(struct aie_array *array, uint32_t address, uint32_t *words,
                               uint32_t count);

// ---- time

// The current cycle.
uint64_t aie_now(const struct aie_array *array);

// Lets `cycles` pass.
enum aie_status aie_advance(struct aie_array *array, uint64_t cycles);

// Lets time pass until (register & mask) == value; at most max_cycles. seen (may be NULL): what was
// read last.
enum aie_status aie_run_until_register(struct aie_array *array, uint32_t address, uint32_t mask,
                                       uint32_t value, uint64_t max_cycles, uint32_t *seen);

// Lets time pass until the channel has a task-complete token, and takes it; at most max_cycles.
enum aie_status aie_run_until_token(struct aie_array *array, uint32_t column, uint32_t row,
                                    uint32_t direction, uint32_t channel, uint64_t max_cycles);

// Lets time pass until nothing moves any more (finished, or waiting for what the control processor
// must do).
enum aie_status aie_run_until_idle(struct aie_array *array, uint64_t max_cycles);

// Takes a token if there is one: *taken = 1.
enum aie_status aie_take_token(struct aie_array *array, uint32_t column, uint32_t row,
                               uint32_t direction, uint32_t channel, int *taken);

// ---- injected faults

// What can be made to fail. From `cycle` on:
enum aie_injection_kind {
  AIE_INJECT_DEAD_TILE,   // the tile's core and DMA do nothing more; its registers and its stream
                          // switch still work
  AIE_INJECT_STUCK_LOCK,  // lock `index` of the tile has the value `value`, whatever happens to it
  AIE_INJECT_LOST_WORD,   // once: a word that MM2S channel `index` of the tile sends is lost
  AIE_INJECT_STALLED_DDR, // DDR does not answer, for `length` cycles (0: ever again)
  AIE_INJECT_FLIPPED_BIT, // once: bit `value` of the word at byte `index` of the tile's data memory
};

enum { AIE_INJECTIONS = 8 };

struct aie_injection {
  uint32_t kind; // enum aie_injection_kind
  uint32_t column;
  uint32_t row;
  uint32_t index;
  uint32_t value;
  uint32_t reserved;
  uint64_t cycle;
  uint64_t length;
};

// Injects a fault; at most AIE_INJECTIONS in an array. AIE_BAD_ACCESS where there is no such place.
enum aie_status aie_inject(struct aie_array *array, const struct aie_injection *injection);

// ---- insight

// The latest error; code AIE_ERROR_NONE where there was none.
const struct aie_error *aie_error(const struct aie_array *array);

// Writes who waits for what, a line each, to `text` (at most `size` bytes with the final NUL).
// Returns the number of waiting cores and channels.
uint32_t aie_explain_waits(const struct aie_array *array, char *text, size_t size);

enum aie_status aie_core_counters(struct aie_array *array, uint32_t column, uint32_t row,
                                  struct aie_core_counters *counters);
enum aie_status aie_channel_counters(struct aie_array *array, uint32_t column, uint32_t row,
                                     uint32_t direction, uint32_t channel,
                                     struct aie_channel_counters *counters);
void aie_ddr_counters(const struct aie_array *array, struct aie_ddr_counters *counters);
// All counters are 0 from now on; of a wait under way only the rest will count.
void aie_reset_counters(struct aie_array *array);

#ifdef __cplusplus
}
#endif

#endif
