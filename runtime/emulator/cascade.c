#include "cascade.h"

#include "core_program.h"
#include "error.h"
#include "timers.h"
#include "work.h"

enum { RECEIVES = 1, SENDS = 2 };

// What the call at core->pc does with the cascade.
static int uses(const struct aie_core *core) {
  const uint32_t *words = core->program + core->pc;
  int found = 0;
  if (CORE_OPCODE(words[0]) != CORE_OP_CALL)
    return 0;
  for (uint32_t i = 0; i < CORE_A(words[0]); ++i) {
    uint32_t operand = words[CORE_CALL_LISTS + i];
    found |= operand == CORE_PROGRAM_CASCADE_IN ? RECEIVES : 0;
    found |= operand == CORE_PROGRAM_CASCADE_OUT ? SENDS : 0;
  }
  return found;
}

static struct aie_core *core_at(struct aie_array *array, uint32_t column, uint32_t row) {
  const struct aie_tile *tile = aie_tile_at(array, column, row);
  return tile && tile->core != AIE_NONE ? &array->cores[tile->core] : NULL;
}

// The neighbour to the south or east, if it takes what comes from here.
static struct aie_core *target_of(struct aie_array *array, const struct aie_core *core) {
  const struct aie_tile *tile = &array->tiles[core->tile];
  uint32_t column = tile->column + (core->cascade_output ? 1u : 0u);
  uint32_t row = tile->row - (core->cascade_output ? 0u : 1u);
  struct aie_core *target = core_at(array, column, row);
  return target && target->cascade_input == core->cascade_output ? target : NULL;
}

// The neighbour to the north or west.
static struct aie_core *source_of(struct aie_array *array, const struct aie_core *core) {
  const struct aie_tile *tile = &array->tiles[core->tile];
  uint32_t column = tile->column - (core->cascade_input ? 1u : 0u);
  uint32_t row = tile->row + (core->cascade_input ? 0u : 1u);
  return core_at(array, column, row);
}

static void wake(struct aie_array *array, const struct aie_core *core, uint64_t time) {
  if (core->state == AIE_CORE_CASCADE)
    aie_timer_set(array, (uint32_t)(core - array->cores), time);
}

static int is_in_a_call(const struct aie_core *core) {
  return core->state == AIE_CORE_RUNNING || core->state == AIE_CORE_CASCADE;
}

uint8_t *aie_cascade_block(const struct aie_array *array, const struct aie_core *core,
                           uint32_t operand) {
  uint32_t block = operand == CORE_PROGRAM_CASCADE_OUT ? CORE_PROGRAM_CASCADE_BYTES : 0;
  return array->tiles[core->tile].data + CORE_PROGRAM_DATA_MEMORY_BYTES + block;
}

void aie_cascade_begin(struct aie_array *array, uint32_t core) {
  struct aie_core *c = &array->cores[core];
  const struct aie_core *source = uses(c) & RECEIVES ? source_of(array, c) : NULL;
  if (source && (uses(source) & SENDS))
    wake(array, source, array->now);
}

static void lead_nowhere(struct aie_array *array, const struct aie_core *core) {
  struct aie_text t = aie_fault(array, AIE_ERROR_CORE_PROGRAM, &array->tiles[core->tile],
                                AIEML_CORE_ACCUMULATOR_CONTROL);
  aie_put(&t, "the call at program word ");
  aie_put_number(&t, core->pc);
  aie_put(&t, " sends over a cascade that no neighbour takes from");
}

int aie_cascade_ready(struct aie_array *array, uint32_t core) {
  struct aie_core *c = &array->cores[core];
  int used = uses(c);
  if (used & RECEIVES && !c->cascade_full)
    return 0;
  if (used & RECEIVES && c->cascade_at > array->now) {
    aie_timer_set(array, core, c->cascade_at);
    return 0;
  }
  if (!(used & SENDS))
    return 1;
  const struct aie_core *target = target_of(array, c);
  if (!target)
    lead_nowhere(array, c);
  return target && !target->cascade_full && is_in_a_call(target) && (uses(target) & RECEIVES);
}

// A block on its way to a neighbour.
struct block {
  uint8_t *to;
  const uint8_t *from;
};

static void copy_block(void *work) {
  const struct block *block = work;
  __builtin_memcpy(block->to, block->from, CORE_PROGRAM_CASCADE_BYTES);
}

void aie_cascade_pass(struct aie_array *array, uint32_t core) {
  struct aie_core *c = &array->cores[core];
  int used = uses(c);
  if (used & RECEIVES)
    c->cascade_full = 0;
  struct aie_core *target = used & SENDS ? target_of(array, c) : NULL;
  if (!target)
    return;
  struct block now, *later = aie_work_reserve(array, sizeof *later);
  struct block *block = later ? later : &now;
  block->to = aie_cascade_block(array, target, CORE_PROGRAM_CASCADE_IN);
  block->from = aie_cascade_block(array, c, CORE_PROGRAM_CASCADE_OUT);
  if (later)
    aie_work_submit(array, copy_block);
  else
    copy_block(block);
  target->cascade_full = 1;
  target->cascade_at = array->now + CORE_PROGRAM_CASCADE_CYCLES;
  wake(array, target, target->cascade_at);
}

void aie_cascade_reset(struct aie_core *core) { core->cascade_full = 0; }

void aie_cascade_control(struct aie_core *core, uint32_t value) {
  core->cascade_input = (uint8_t)AIEML_FIELD_GET(value, AIEML_CORE_ACCUMULATOR_CONTROL_INPUT);
  core->cascade_output = (uint8_t)AIEML_FIELD_GET(value, AIEML_CORE_ACCUMULATOR_CONTROL_OUTPUT);
}

uint32_t aie_cascade_control_word(const struct aie_core *core) {
  uint32_t word = AIEML_FIELD_SET(0u, AIEML_CORE_ACCUMULATOR_CONTROL_INPUT, core->cascade_input);
  return AIEML_FIELD_SET(word, AIEML_CORE_ACCUMULATOR_CONTROL_OUTPUT, core->cascade_output);
}

int aie_cascade_waits_for_input(const struct aie_core *core) {
  return core->state == AIE_CORE_CASCADE && (uses(core) & RECEIVES) && !core->cascade_full;
}

int aie_cascade_waits_for_output(const struct aie_core *core) {
  return core->state == AIE_CORE_CASCADE && !aie_cascade_waits_for_input(core);
}
