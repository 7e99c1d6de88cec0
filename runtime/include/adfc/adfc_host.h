/* The host's run time (libadfc_runtime): opens a program image, and runs it on an emulated array,
 * any number of times.
 *
 * Plain C with fixed-size types, made to be called from Python (adfc.runtime) or C. Unlike the
 * engine it needs an operating system: it maps memory and loads kernel code. A program may be used
 * by one thread at a time. */
#ifndef ADFC_HOST_H
#define ADFC_HOST_H

#include "adfc/adfc.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ADFC_HOST_API ADFC_API
#define ADFC_HOST_VERSION 5u /* of the structs and functions here */

enum { ADFC_TEXT_BYTES = 512, ADFC_DETAIL_BYTES = 4096, ADFC_ISA_BYTES = 24 };

struct adfc_program;

struct adfc_info {
  char device[16];
  char
      isa[ADFC_ISA_BYTES]; /* of the kernel code in use; empty where the program calls no kernels */
  uint64_t input_bytes, output_bytes, arena_bytes, weight_bytes;
  uint32_t program_words;
  uint32_t kernels;
  uint32_t clock_mhz;
  uint32_t load_words; /* of the load program; 0: there is none */
};

struct adfc_phase {
  uint64_t id, start_cycle;
  struct adfc_cost cost;
};

struct adfc_core {
  uint32_t column, row;
  uint64_t calls, busy_cycles, lock_cycles, stall_cycles;
};

struct adfc_timestamp {
  uint64_t id, cycle;
};

/* What happened in the array in a run; fields as in struct aie_event (adfc/emulator_events.h).
 * Cycles count from the run's start; marks are the numbers of RHAL calls, from 0, and of those of
 * the load program ADFC_LOAD_MARK more: what it started may live on. */
#define ADFC_LOAD_MARK 0x80000000u
struct adfc_event {
  uint64_t start, end;
  uint32_t kind, who, a, b, by, mark;
};

struct adfc_options {
  /* NULL: the engine plays the image. Else this native program runs; it makes the same RHAL calls.
   */
  int (*native)(void);
  /* Not 0: the run is traced. `line`, where given, gets each line. */
  uint32_t trace;
  /* Not 0: the array keeps its state of the run before, instead of being as after power-on: the
   * load program is not played again, but where the run before failed. */
  uint32_t keep_state;
  void (*line)(void *user, const char *text);
  void *user;
  /* Not 0: the run's events are kept, at most this many; see adfc_program_events(). */
  uint64_t max_events;
  /* Bit k: those of kind k (enum aie_event_kind) are kept; 0: all. Others do not count. */
  uint32_t event_kinds;
  /* The native load program; goes with `native` where the image has a load program. */
  int (*native_load)(void);
};

struct adfc_result {
  uint32_t status;            /* enum adfc_status */
  uint32_t instructions;      /* played by the engine, but for those of the load program */
  struct adfc_cost cost;      /* of the inference alone */
  struct adfc_cost load_cost; /* of the load program; all 0 where it was not played */
  uint64_t trace_digest;
  /* RHAL calls of a traced run. Of a fault: those of the program that it is in, the failing one the
   * last, traced or not. */
  uint64_t trace_calls;
  uint32_t phases, cores, timestamps; /* how many adfc_program_phases() etc. have */
  uint32_t loaded;                    /* not 0: the load program was played before the inference */
  uint64_t events; /* that happened; more than max_events: the last ones are not kept */
  /* Where a fault came about; word, opcode, phase, tile and register are those of struct
   * engine_fault. */
  uint32_t fault_status, fault_rhal, fault_pc, fault_opcode, fault_phase, fault_tile,
      fault_register;
  uint32_t fault_expected, fault_seen;
  uint32_t fault_load;             /* not 0: in the load program */
  char text[ADFC_TEXT_BYTES];      /* the fault in one line */
  char details[ADFC_DETAIL_BYTES]; /* what the array says about it; who waits for what, a line each
                                    */
};

/* ADFC_HOST_VERSION of the library. */
ADFC_HOST_API uint32_t adfc_host_version(void);

/* Whether this machine runs kernel code for `isa`: 1 or 0. Asks the operating system for AMX where
 * that is meant. */
ADFC_HOST_API int adfc_isa_supported(const char *isa);

/* Checks the image as adfc_program_open() does, without loading code. Returns an enum adfc_status;
 * what is wrong is told in `text`, ADFC_TEXT_BYTES long. */
ADFC_HOST_API int adfc_image_verify(const void *image, size_t bytes, char *text);

/* What a program of an image never exceeds, however it ends. Control accesses take time besides the
 * waits; how long is up to the machine. */
struct adfc_bound {
  uint64_t wait_cycles;  /* sum of all waits' bounds, in array cycles */
  uint32_t longest_wait; /* array cycles */
  uint32_t instructions; /* played by the engine */
  uint32_t waits;        /* of them, those that wait */
  uint32_t rhal_calls;
  uint64_t words; /* written to registers and memories of the array, core programs included */
};

/* Checks the image as adfc_image_verify(); tells the bounds of its load program (all 0 where it has
 * none) and of the one that is played for each inference. */
ADFC_HOST_API int adfc_image_bound(const void *image, size_t bytes, struct adfc_bound *load,
                                   struct adfc_bound *run, char *text);

/* Copies and checks the image, loads the kernel code for `isa` (NULL: the best that this machine
 * runs) and makes the array. Errors as adfc_image_verify(). */
ADFC_HOST_API int adfc_program_open(const void *image, size_t bytes, const char *isa,
                                    struct adfc_program **program, char *text);
ADFC_HOST_API void adfc_program_close(struct adfc_program *program);

/* A fault of the array, from a cycle of the program's time on; fields as in struct aie_injection
 * (adfc/emulator.h). */
struct adfc_injection {
  uint32_t kind, column, row, index, value, reserved;
  uint64_t cycle, length;
};

/* From the next run on, which powers the array on, it has these faults (at most 8) and no others.
 * Returns ADFC_BAD_ARGUMENT for too many; a fault in a place that does not exist is told by the
 * run. */
ADFC_HOST_API int adfc_program_inject(struct adfc_program *program,
                                      const struct adfc_injection *faults, uint32_t count);

/* With 2 threads, a second one moves data and calls kernels, beside the one that keeps the array's
 * time; results, cycles, traces and events are the same. 1, as at first: there is none. From the
 * next run on. Returns ADFC_BAD_ARGUMENT for another number, ADFC_NO_MEMORY where there is no
 * thread to have. */
ADFC_HOST_API int adfc_program_set_threads(struct adfc_program *program, uint32_t threads);

ADFC_HOST_API void adfc_program_info(const struct adfc_program *program, struct adfc_info *info);

/* Runs the program once, after its load program where the array has not been loaded. Costs, phases,
 * cores, timestamps and events are those of the inference, the trace has the calls of both. `input`
 * and `output` are the whole blocks, input_bytes and output_bytes long; `output` is written only
 * where the run succeeds. Returns result->status. */
ADFC_HOST_API int adfc_program_run(struct adfc_program *program, const struct adfc_options *options,
                                   const void *input, size_t input_bytes, void *output,
                                   size_t output_bytes, struct adfc_result *result);

/* Of the latest run: fill `out` with at most `max` entries and return how many there are. Cores are
 * those that called kernels. */
ADFC_HOST_API uint32_t adfc_program_phases(const struct adfc_program *program,
                                           struct adfc_phase *out, uint32_t max);
ADFC_HOST_API uint32_t adfc_program_cores(struct adfc_program *program, struct adfc_core *out,
                                          uint32_t max);
ADFC_HOST_API uint32_t adfc_program_timestamps(const struct adfc_program *program,
                                               struct adfc_timestamp *out, uint32_t max);
/* The events of the latest run that are kept; valid until the next run. */
ADFC_HOST_API const struct adfc_event *adfc_program_events(const struct adfc_program *program,
                                                           uint64_t *count);

#ifdef __cplusplus
}
#endif

#endif
