#include "bound.h"

#include "adfc/spec/rcb_isa.h"

static uint32_t wait_of(const uint32_t *w) {
  switch (RCB_OPCODE(w[0])) {
  case RCB_OP_MASK_POLL:
    return w[RCB_MASK_POLL_MAX_CYCLES];
  case RCB_OP_WAIT_TASK:
    return w[RCB_WAIT_TASK_MAX_CYCLES];
  default:
    return 0;
  }
}

/* How often engine.c calls the RHAL for an instruction. */
static uint32_t calls_of(const uint32_t *w) {
  switch (RCB_OPCODE(w[0])) {
  case RCB_OP_BIND_BUFFER:
    return 3;
  case RCB_OP_NOP:
  case RCB_OP_END:
    return 0;
  default:
    return 1;
  }
}

static uint32_t words_of(const uint32_t *w) {
  switch (RCB_OPCODE(w[0])) {
  case RCB_OP_WRITE32:
  case RCB_OP_MASK_WRITE32:
    return 1;
  case RCB_OP_BLOCK_WRITE:
    return RCB_LENGTH(w[0]) - RCB_BLOCK_WRITE_WORDS;
  case RCB_OP_BLOCK_SET:
    return w[RCB_BLOCK_SET_COUNT];
  case RCB_OP_BIND_BUFFER:
    return 2;
  case RCB_OP_LOAD_CORE:
    return w[RCB_LOAD_CORE_WORDS];
  default:
    return 0;
  }
}

struct adfc_bound bound_of(const uint32_t *program, uint32_t words) {
  struct adfc_bound bound = {0};
  for (uint32_t pc = RCB_HEADER_WORDS; pc < words; pc += RCB_LENGTH(program[pc])) {
    const uint32_t *w = program + pc;
    uint32_t wait = wait_of(w);
    ++bound.instructions;
    bound.rhal_calls += calls_of(w);
    bound.words += words_of(w);
    bound.waits += wait != 0;
    bound.wait_cycles += wait;
    if (wait > bound.longest_wait)
      bound.longest_wait = wait;
  }
  return bound;
}
