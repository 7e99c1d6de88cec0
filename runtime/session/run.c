/* Steps 4 and 5: an inference on the emulated array, and what it cost. */
#include "session.h"

#include "adfc/line.h"
#include "adfc/spec/devices.h"

#include <string.h>

/* Where the DDR buffers are in the array's address space: the host library's places, so that every
 * run of an image makes the same register accesses. */
#define DDR_BASE(buffer) ((uint64_t)((buffer) + 8) << 32)

/* ---- buffers */

/* Copies a tensor between the caller's levels, without padding, and its block, as stored. */
static void copy_tensor(const struct rimfs_tensor *t, int8_t *levels, uint8_t *block,
                        int to_block) {
  uint32_t stored = t->dims[t->rank - 1];
  /* Where nothing is padded, all rows are one. */
  uint32_t rows = t->valid == stored ? 1 : t->bytes / stored;
  uint32_t bytes = t->valid == stored ? t->bytes : t->valid;
  for (uint32_t row = 0; row < rows; ++row) {
    uint8_t *place = block + t->offset + (size_t)row * stored;
    int8_t *own = levels + (size_t)row * t->valid;
    memcpy(to_block ? (void *)place : (void *)own, to_block ? (void *)own : (void *)place, bytes);
  }
}

static void bring_inputs(struct adfc_session *s) {
  memset(s->ddr[RCB_BUFFER_INPUT], 0, (size_t)s->image.buffer_bytes[RCB_BUFFER_INPUT]);
  for (uint32_t i = 0; i < s->io.n_inputs; ++i)
    copy_tensor(rimfs_tensor(&s->io, i), s->buffers[i], s->ddr[RCB_BUFFER_INPUT], 1);
}

static void fetch_outputs(struct adfc_session *s) {
  for (uint32_t i = s->io.n_inputs; i < s->io.n_inputs + s->io.n_outputs; ++i)
    copy_tensor(rimfs_tensor(&s->io, i), s->buffers[i], s->ddr[RCB_BUFFER_OUTPUT], 0);
}

/* ---- the array */

static void *ddr_data(struct adfc_session *s, uint32_t buffer) {
  struct rimfs_section weights;
  if (buffer != RCB_BUFFER_WEIGHTS)
    return s->ddr[buffer];
  rimfs_find(&s->fs, "weights", &weights);
  return (void *)(uintptr_t)weights.data; /* mapped read-only below */
}

static int map_buffers(struct adfc_session *s) {
  for (uint32_t i = 0; i < RCB_BUFFER_COUNT; ++i) {
    uint64_t bytes = (s->image.buffer_bytes[i] + 3) / 4 * 4; /* the memory has a multiple of 64 */
    s->emu.buffer_bound[i] = bytes != 0;
    s->emu.buffer_address[i] = DDR_BASE(i);
    if (bytes && aie_ddr_map(s->array, DDR_BASE(i), ddr_data(s, i), bytes, i != RCB_BUFFER_WEIGHTS))
      return session_refuse(s, ADFC_NO_MEMORY, aie_error(s->array)->text, NULL);
  }
  return ADFC_OK;
}

/* The array as it is after power-on, all memory zero. */
static int power_on(struct adfc_session *s) {
  memset(s->array_memory, 0, s->array_bytes);
  memset(s->ddr[RCB_BUFFER_ARENA], 0, (size_t)s->image.buffer_bytes[RCB_BUFFER_ARENA]);
  s->loaded = 0;
  s->array = aie_array_create(s->array_memory, s->array_bytes, s->image.device);
  if (!s->array)
    return session_refuse(s, ADFC_NO_MEMORY, "the array cannot be made", NULL);
  aie_bind_kernels(s->array, s->kernels, s->image.kernels);
  s->emu = (struct rhal_emu){
      .array = s->array,
      .device = s->image.device,
      .phases = s->phases,
      .max_phases = s->max_phases,
  };
  return map_buffers(s);
}

void adfc_reset(struct adfc_session *session) { session->array = NULL; }

/* The fault, what the array says about it, and who waits for what, a line each. */
static int tell_fault(struct adfc_session *s, const struct engine_fault *fault) {
  const struct aie_error *error = aie_error(s->array);
  char fault_text[AIE_ERROR_TEXT];
  engine_fault_text(fault, fault_text, sizeof fault_text);
  struct line l = line_start(s->text, sizeof s->text);
  line_put(&l, fault_text);
  line_put(&l, "\n");
  if (error->code != AIE_ERROR_NONE) {
    line_put(&l, error->text);
    line_put(&l, "\n");
  }
  aie_explain_waits(s->array, s->text + l.used, sizeof s->text - l.used);
  return ADFC_FAULTED;
}

static int play(struct adfc_session *s,
                int (*player)(const struct engine_image *, struct engine_result *),
                struct engine_result *result) {
  aie_reset_counters(s->array);
  rhal_emu_bind(&s->emu);
  int status = player(&s->image, result);
  rhal_emu_finish(&s->emu);
  rhal_emu_bind(NULL);
  return status;
}

static int play_all(struct adfc_session *s) {
  struct engine_result result = {0};
  s->load_cost = (struct rhal_emu_cost){0};
  if (s->image.load && !s->loaded) {
    if (play(s, engine_load, &result))
      return tell_fault(s, &result.fault);
    s->load_cost = s->emu.total;
    s->loaded = 1;
  }
  if (play(s, engine_run, &result))
    return tell_fault(s, &result.fault);
  s->instructions = result.instructions;
  return ADFC_OK;
}

/* ---- running */

static int check_ready(struct adfc_session *s) {
  if (!s->image.verified)
    return ADFC_NOT_READY;
  for (uint32_t i = 0; i < s->image.kernels; ++i)
    if (!s->kernels[i])
      return session_refuse(s, ADFC_NOT_READY, "no operator is registered for kernel ",
                            s->image.kernel_table[i].name);
  for (uint32_t i = 0; i < s->io.n_inputs + s->io.n_outputs; ++i)
    if (!s->buffers[i])
      return session_refuse(s, ADFC_NOT_READY, "no buffer is set for tensor ",
                            rimfs_tensor(&s->io, i)->name);
  return ADFC_OK;
}

int adfc_run(struct adfc_session *session) {
  int status = check_ready(session);
  if (!status && !session->array)
    status = power_on(session);
  if (status)
    return status;
  bring_inputs(session);
  memset(session->ddr[RCB_BUFFER_OUTPUT], 0,
         (size_t)session->image.buffer_bytes[RCB_BUFFER_OUTPUT]);
  status = play_all(session);
  session->ran = !status;
  if (status)
    session->array = NULL; /* what state it is in, nobody knows */
  else
    fetch_outputs(session);
  return status;
}

/* ---- results */

static struct adfc_cost cost_of(const struct rhal_emu_cost *c) {
  return (struct adfc_cost){c->cycles, c->control_cycles, c->exposed_cycles, c->ddr_read_bytes,
                            c->ddr_write_bytes};
}

static void count_cores(const struct adfc_session *s, struct adfc_counters *counters) {
  const struct adfc_device *device = s->image.device;
  for (uint32_t column = 0; s->array && column < device->columns; ++column) {
    for (uint32_t row = device->core_row_first; row < device->rows; ++row) {
      struct aie_core_counters c;
      if (aie_core_counters(s->array, column, row, &c) || !c.calls)
        continue;
      ++counters->cores;
      counters->kernel_calls += c.calls;
      counters->core_cycles += c.busy_cycles;
    }
  }
}

int adfc_counters(const struct adfc_session *session, struct adfc_counters *counters) {
  *counters = (struct adfc_counters){0};
  if (!session->ran)
    return ADFC_NOT_READY;
  counters->cost = cost_of(&session->emu.total);
  counters->load = cost_of(&session->load_cost);
  counters->instructions = session->instructions;
  counters->phases = session->max_phases;
  counters->clock_mhz = session->image.device->timing.clock_mhz;
  count_cores(session, counters);
  return ADFC_OK;
}

int adfc_phase(const struct adfc_session *session, uint32_t index,
               struct adfc_phase_counters *phase) {
  *phase = (struct adfc_phase_counters){0};
  if (!session->ran)
    return ADFC_NOT_READY;
  if (index >= session->max_phases)
    return ADFC_BAD_ARGUMENT;
  const struct rhal_emu_phase *p = &session->phases[index];
  *phase = (struct adfc_phase_counters){p->id, p->start_cycle, cost_of(&p->cost)};
  return ADFC_OK;
}
