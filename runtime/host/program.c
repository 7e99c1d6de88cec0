#include "adfc/adfc_host.h"

#include "adfc/engine.h"
#include "adfc/rhal.h"
#include "adfc/rhal_emu.h"
#include "adfc/rhal_trace.h"
#include "adfc/spec/devices.h"
#include "bound.h"
#include "code.h"
#include "cpu.h"
#include "events.h"
#include "image.h"
#include "memory.h"
#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the DDR buffers are in the array's address space: far apart, above 4 GB, so that the high
 * address words count. Any place would do. */
#define DDR_BASE(buffer) ((uint64_t)((buffer) + 8) << 32)

enum {
  MAX_PHASES = 4096,
  MAX_TIMESTAMPS = 4096,
  /* Weights for this part of the memtiles or more use most of their memory: with fewer, what they
   * save in large pages is less than what these waste. */
  DENSE = 4,
};

struct adfc_program {
  struct memory image_memory, array_memory;
  struct memory buffers[RCB_BUFFER_COUNT]; /* but for the weights, which are used in the image */
  struct rimfs fs;
  struct engine_image image;
  struct code code;
  struct aie_array *array; /* NULL before the first run */
  int loaded;              /* the load program, if any, has been played on it */
  int stopped;             /* by a fault: what state the array is in, nobody knows */
  struct aie_injection faults[AIE_INJECTIONS];
  uint32_t n_faults;
  struct rhal_emu emu;
  struct rhal_emu_phase phases[MAX_PHASES];
  struct rhal_emu_timestamp timestamps[MAX_TIMESTAMPS];
  struct events events;
  struct worker *worker; /* NULL: there is one thread */
};

uint32_t adfc_host_version(void) { return ADFC_HOST_VERSION; }

int adfc_isa_supported(const char *isa) { return cpu_supports(isa); }

static int no_memory(char *text, const char *what) {
  snprintf(text, ADFC_TEXT_BYTES, "no memory for %s", what);
  return ADFC_NO_MEMORY;
}

/* ---- opening */

static int copy_image(struct memory *m, const void *image, size_t bytes, char *text) {
  text[0] = 0;
  if (!memory_take(m, bytes))
    return no_memory(text, "the image");
  memory_expect_use(m, 0);
  memcpy(m->data, image, bytes);
  return ADFC_OK;
}

int adfc_image_bound(const void *image, size_t bytes, struct adfc_bound *load,
                     struct adfc_bound *run, char *text) {
  struct memory m = {0};
  struct rimfs fs;
  struct engine_image engine;
  int status = copy_image(&m, image, bytes, text);
  if (!status)
    status = image_open(&fs, &engine, m.data, bytes, text);
  if (!status) {
    *load = bound_of(engine.load, engine.load_words);
    *run = bound_of(engine.program, engine.program_words);
  }
  memory_give(&m);
  return status;
}

int adfc_image_verify(const void *image, size_t bytes, char *text) {
  struct adfc_bound load, run;
  return adfc_image_bound(image, bytes, &load, &run, text);
}

static int prepare(struct adfc_program *p, const char *isa, char *text) {
  int status = code_load(&p->code, &p->fs, isa, p->image.kernels, text);
  if (status)
    return status;
  for (uint32_t i = 0; i < RCB_BUFFER_COUNT; ++i)
    if (i != RCB_BUFFER_WEIGHTS && !memory_take(&p->buffers[i], p->image.buffer_bytes[i]))
      return no_memory(text, "the DDR buffers");
  if (!memory_take(&p->array_memory, aie_array_size(p->image.device)))
    return no_memory(text, "the array");
  size_t memtiles_at = aie_array_memtiles_at(p->image.device);
  if (p->image.buffer_bytes[RCB_BUFFER_WEIGHTS] >= (p->array_memory.bytes - memtiles_at) / DENSE)
    memory_expect_use(&p->array_memory, memtiles_at);
  return ADFC_OK;
}

int adfc_program_open(const void *image, size_t bytes, const char *isa,
                      struct adfc_program **program, char *text) {
  *program = NULL;
  struct adfc_program *p = calloc(1, sizeof *p);
  if (!p)
    return no_memory(text, "a program");
  int status = copy_image(&p->image_memory, image, bytes, text);
  if (!status)
    status = image_open(&p->fs, &p->image, p->image_memory.data, bytes, text);
  if (!status)
    status = prepare(p, isa, text);
  if (status)
    adfc_program_close(p);
  else
    *program = p;
  return status;
}

void adfc_program_close(struct adfc_program *program) {
  if (!program)
    return;
  worker_stop(program->worker);
  code_unload(&program->code);
  events_give(&program->events);
  memory_give(&program->array_memory);
  for (uint32_t i = 0; i < RCB_BUFFER_COUNT; ++i)
    memory_give(&program->buffers[i]);
  memory_give(&program->image_memory);
  free(program);
}

void adfc_program_info(const struct adfc_program *program, struct adfc_info *info) {
  const struct engine_image *image = &program->image;
  *info = (struct adfc_info){
      .input_bytes = image->buffer_bytes[RCB_BUFFER_INPUT],
      .output_bytes = image->buffer_bytes[RCB_BUFFER_OUTPUT],
      .arena_bytes = image->buffer_bytes[RCB_BUFFER_ARENA],
      .weight_bytes = image->buffer_bytes[RCB_BUFFER_WEIGHTS],
      .program_words = image->program_words,
      .load_words = image->load_words,
      .kernels = image->kernels,
      .clock_mhz = image->device->timing.clock_mhz,
  };
  snprintf(info->device, sizeof info->device, "%s", image->device->name);
  snprintf(info->isa, sizeof info->isa, "%s", program->code.isa);
}

/* ---- running */

/* The host memory of a DDR buffer. */
static void *buffer_data(struct adfc_program *p, uint32_t buffer) {
  struct rimfs_section weights;
  if (buffer != RCB_BUFFER_WEIGHTS)
    return p->buffers[buffer].data;
  rimfs_find(&p->fs, "weights", &weights);
  return (void *)(uintptr_t)weights.data; /* mapped read-only below */
}

/* Maps all buffers into the array's address space and tells the RHAL where they are. */
static enum aie_status map_buffers(struct adfc_program *p) {
  enum aie_status status = AIE_OK;
  for (uint32_t i = 0; i < RCB_BUFFER_COUNT && status == AIE_OK; ++i) {
    uint64_t bytes = (p->image.buffer_bytes[i] + 3) / 4 * 4; /* sections are padded to 64 */
    p->emu.buffer_bound[i] = bytes != 0;
    p->emu.buffer_address[i] = DDR_BASE(i);
    if (bytes)
      status =
          aie_ddr_map(p->array, DDR_BASE(i), buffer_data(p, i), bytes, i != RCB_BUFFER_WEIGHTS);
  }
  return status;
}

/* Makes the array as it is after power-on, all memory zero. Returns 1, or 0 where that fails. */
static int power_on(struct adfc_program *p) {
  memory_clear(&p->array_memory);
  memory_clear(&p->buffers[RCB_BUFFER_ARENA]);
  p->loaded = 0;
  p->array = aie_array_create(p->array_memory.data, p->array_memory.bytes, p->image.device);
  if (!p->array)
    return 0;
  aie_bind_kernels(p->array, p->code.kernels, p->code.count);
  p->emu = (struct rhal_emu){
      .array = p->array,
      .device = p->image.device,
      .phases = p->phases,
      .max_phases = MAX_PHASES,
      .timestamps = p->timestamps,
      .max_timestamps = MAX_TIMESTAMPS,
  };
  return map_buffers(p) == AIE_OK;
}

int adfc_program_inject(struct adfc_program *program, const struct adfc_injection *faults,
                        uint32_t count) {
  if (count > AIE_INJECTIONS)
    return ADFC_BAD_ARGUMENT;
  for (uint32_t i = 0; i < count; ++i)
    program->faults[i] = (struct aie_injection){
        .kind = faults[i].kind,
        .column = faults[i].column,
        .row = faults[i].row,
        .index = faults[i].index,
        .value = faults[i].value,
        .cycle = faults[i].cycle,
        .length = faults[i].length,
    };
  program->n_faults = count;
  program->stopped = 1; /* the next run powers the array on */
  return ADFC_OK;
}

int adfc_program_set_threads(struct adfc_program *program, uint32_t threads) {
  if (threads < 1 || threads > 2)
    return ADFC_BAD_ARGUMENT;
  if (threads == 2) {
    if (!program->worker)
      program->worker = worker_start();
    return program->worker ? ADFC_OK : ADFC_NO_MEMORY;
  }
  if (program->array)
    aie_set_executor(program->array, NULL);
  worker_stop(program->worker);
  program->worker = NULL;
  return ADFC_OK;
}

/* Gives the array its faults. Returns 1, or 0 where one has no place. */
static int inject(struct adfc_program *p) {
  for (uint32_t i = 0; i < p->n_faults; ++i)
    if (aie_inject(p->array, &p->faults[i]) != AIE_OK)
      return 0;
  return 1;
}

static void describe(struct adfc_program *p, const struct engine_fault *fault,
                     struct adfc_result *result) {
  const struct aie_error *error = aie_error(p->array);
  size_t used = 0;
  engine_fault_text(fault, result->text, sizeof result->text);
  if (error->code != AIE_ERROR_NONE)
    used = (size_t)snprintf(result->details, sizeof result->details, "%s\n", error->text);
  aie_explain_waits(p->array, result->details + used, sizeof result->details - used);
}

static void note_fault(struct adfc_program *p, const struct engine_fault *fault,
                       struct adfc_result *result) {
  result->status = ADFC_FAULTED;
  result->fault_status = fault->status;
  result->fault_rhal = fault->rhal;
  result->fault_pc = fault->pc;
  result->fault_opcode = fault->opcode;
  result->fault_phase = fault->phase;
  result->fault_tile = fault->tile;
  result->fault_register = fault->reg;
  result->fault_expected = fault->expected;
  result->fault_seen = fault->seen;
  result->fault_load = fault->load;
  result->trace_calls = p->emu.calls;
  describe(p, fault, result);
}

/* A native program tells a status only; the phase is known from its calls. */
static struct engine_fault native_fault(const struct adfc_program *p, int status, int load) {
  uint32_t n = p->emu.n_phases;
  return (struct engine_fault){
      .status = ENGINE_RHAL,
      .rhal = (uint32_t)status,
      .phase = n && n <= MAX_PHASES ? p->phases[n - 1].id : ENGINE_NOWHERE,
      .tile = ENGINE_NOWHERE,
      .reg = ENGINE_NOWHERE,
      .load = (uint32_t)load,
  };
}

static struct adfc_cost cost_of(const struct rhal_emu_cost *c) {
  return (struct adfc_cost){c->cycles, c->control_cycles, c->exposed_cycles, c->ddr_read_bytes,
                            c->ddr_write_bytes};
}

/* Plays the load program, or the one that runs. */
static void play(struct adfc_program *p, const struct adfc_options *options, int load,
                 struct adfc_result *result) {
  struct engine_result engine = {0};
  int (*native)(void) = load ? options->native_load : options->native;
  aie_reset_counters(p->array);
  p->emu.first_mark = load ? ADFC_LOAD_MARK : 0;
  rhal_emu_bind(&p->emu);
  if (options->native) {
    int status = native();
    if (status)
      engine.fault = native_fault(p, status, load);
  } else if (load) {
    engine_load(&p->image, &engine);
  } else {
    engine_run(&p->image, &engine);
  }
  rhal_emu_finish(&p->emu);
  rhal_emu_bind(NULL);
  if (engine.fault.status)
    note_fault(p, &engine.fault, result);
  if (load)
    return;
  result->instructions = engine.instructions;
  result->cost = cost_of(&p->emu.total);
}

/* Plays the load program where the array is not loaded, then the one that runs. */
static void play_all(struct adfc_program *p, const struct adfc_options *options,
                     struct adfc_result *result) {
  struct rhal_trace trace = {.line = options->line, .user = options->user};
  rhal_trace_bind(options->trace ? &trace : NULL);
  if (p->image.load && !p->loaded) {
    play(p, options, 1, result);
    result->load_cost = cost_of(&p->emu.total);
    p->loaded = result->loaded = result->status == ADFC_OK;
  }
  if (result->status == ADFC_OK) {
    events_begin(&p->events, p->array, options->max_events, options->event_kinds);
    play(p, options, 0, result);
    result->events = events_end(&p->events, p->array);
  }
  rhal_trace_bind(NULL);
  result->trace_digest = trace.digest;
  if (result->status == ADFC_OK)
    result->trace_calls = trace.calls;
}

static int refuse(struct adfc_result *result, int status, const char *reason) {
  result->status = (uint32_t)status;
  snprintf(result->text, sizeof result->text, "%s", reason);
  return status;
}

int adfc_program_run(struct adfc_program *program, const struct adfc_options *options,
                     const void *input, size_t input_bytes, void *output, size_t output_bytes,
                     struct adfc_result *result) {
  struct adfc_program *p = program;
  *result = (struct adfc_result){0};
  if (input_bytes != p->image.buffer_bytes[RCB_BUFFER_INPUT] ||
      output_bytes != p->image.buffer_bytes[RCB_BUFFER_OUTPUT])
    return refuse(result, ADFC_BAD_ARGUMENT, "the input or output block has a wrong size");
  if (options->native && p->image.load && !options->native_load)
    return refuse(result, ADFC_BAD_ARGUMENT, "the native program has no load program");
  if (!options->keep_state || !p->array || p->stopped) {
    if (!power_on(p))
      return refuse(result, ADFC_NO_MEMORY, "the array cannot be made");
    if (!inject(p))
      return refuse(result, ADFC_BAD_ARGUMENT, aie_error(p->array)->text);
  }
  aie_set_executor(p->array, p->worker ? worker_executor(p->worker) : NULL);
  memcpy(p->buffers[RCB_BUFFER_INPUT].data, input, input_bytes);
  memset(p->buffers[RCB_BUFFER_OUTPUT].data, 0, output_bytes);
  play_all(p, options, result);
  result->phases = adfc_program_phases(p, NULL, 0);
  result->cores = adfc_program_cores(p, NULL, 0);
  result->timestamps = adfc_program_timestamps(p, NULL, 0);
  p->stopped = result->status != ADFC_OK;
  if (!p->stopped)
    memcpy(output, p->buffers[RCB_BUFFER_OUTPUT].data, output_bytes);
  return (int)result->status;
}

/* ---- results of the latest run */

uint32_t adfc_program_phases(const struct adfc_program *program, struct adfc_phase *out,
                             uint32_t max) {
  uint32_t n = program->emu.n_phases < MAX_PHASES ? program->emu.n_phases : MAX_PHASES;
  for (uint32_t i = 0; i < n && i < max; ++i) {
    const struct rhal_emu_phase *phase = &program->phases[i];
    out[i] = (struct adfc_phase){phase->id, phase->start_cycle, cost_of(&phase->cost)};
  }
  return n;
}

uint32_t adfc_program_cores(struct adfc_program *program, struct adfc_core *out, uint32_t max) {
  const struct adfc_device *device = program->image.device;
  uint32_t n = 0;
  if (!program->array)
    return 0;
  for (uint32_t column = 0; column < device->columns; ++column) {
    for (uint32_t row = device->core_row_first; row < device->rows; ++row) {
      struct aie_core_counters c;
      if (aie_core_counters(program->array, column, row, &c) || !c.calls)
        continue;
      if (n < max)
        out[n] =
            (struct adfc_core){column, row, c.calls, c.busy_cycles, c.lock_cycles, c.stall_cycles};
      ++n;
    }
  }
  return n;
}

uint32_t adfc_program_timestamps(const struct adfc_program *program, struct adfc_timestamp *out,
                                 uint32_t max) {
  uint32_t met = program->emu.n_timestamps, n = met < MAX_TIMESTAMPS ? met : MAX_TIMESTAMPS;
  for (uint32_t i = 0; i < n && i < max; ++i)
    out[i] = (struct adfc_timestamp){program->timestamps[i].id, program->timestamps[i].cycle};
  return n;
}

const struct adfc_event *adfc_program_events(const struct adfc_program *program, uint64_t *count) {
  *count = program->events.count;
  return program->events.list;
}
