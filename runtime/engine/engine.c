/* Plays verified programs. One instruction, one RHAL call (BIND_BUFFER: three). */
#include "adfc/engine.h"

#include "address.h"
#include "adfc/rhal.h"

/*@ requires \valid_read(w + (0 .. 4)) && w[RCB_BIND_BUFFER_BUFFER] < RCB_BUFFER_COUNT;
    assigns \nothing; */
static int bind_buffer(const uint32_t *w) {
  uint32_t address = w[RCB_BIND_BUFFER_ADDRESS];
  uint64_t target;
  int status = rhal_buffer_address(w[RCB_BIND_BUFFER_BUFFER], &target);
  if (status)
    return status;
  target += w[RCB_BIND_BUFFER_OFFSET] | (uint64_t)w[RCB_BIND_BUFFER_OFFSET + 1] << 32;
  status = rhal_write32(address, (uint32_t)target);
  return status ? status : rhal_mask_write32(address + 4, 0xffffu, (uint32_t)(target >> 32));
}

/* Performs one instruction; a poll leaves what it saw in *seen. */
/*@ requires readable(image) && whole(RCB_OPCODE(w[0]), RCB_LENGTH(w[0]), RCB_LENGTH(w[0])) &&
             leads(RCB_OPCODE(w[0]), w[2], w[3], image->core_program_words);
    requires \valid_read(w + (0 .. RCB_LENGTH(w[0]) - 1)) && \valid(seen);
    assigns *seen; */
static int perform(const struct engine_image *image, const uint32_t *w, uint32_t *seen) {
  switch (RCB_OPCODE(w[0])) {
  case RCB_OP_WRITE32:
    return rhal_write32(w[RCB_WRITE32_ADDRESS], w[RCB_WRITE32_VALUE]);
  case RCB_OP_MASK_WRITE32:
    return rhal_mask_write32(w[RCB_MASK_WRITE32_ADDRESS], w[RCB_MASK_WRITE32_MASK],
                             w[RCB_MASK_WRITE32_VALUE]);
  case RCB_OP_BLOCK_WRITE:
    return rhal_block_write(w[RCB_BLOCK_WRITE_ADDRESS], w + RCB_BLOCK_WRITE_WORDS,
                            RCB_LENGTH(w[0]) - RCB_BLOCK_WRITE_WORDS);
  case RCB_OP_BLOCK_SET:
    return rhal_block_set(w[RCB_BLOCK_SET_ADDRESS], w[RCB_BLOCK_SET_VALUE], w[RCB_BLOCK_SET_COUNT]);
  case RCB_OP_MASK_POLL:
    return rhal_poll(w[RCB_MASK_POLL_ADDRESS], w[RCB_MASK_POLL_MASK], w[RCB_MASK_POLL_VALUE],
                     w[RCB_MASK_POLL_MAX_CYCLES], seen);
  case RCB_OP_WAIT_TASK:
    return rhal_wait_task(w[RCB_WAIT_TASK_TILE], w[RCB_WAIT_TASK_DIRECTION],
                          w[RCB_WAIT_TASK_CHANNEL], w[RCB_WAIT_TASK_MAX_CYCLES]);
  case RCB_OP_BIND_BUFFER:
    return bind_buffer(w);
  case RCB_OP_LOAD_CORE:
    return rhal_load_core(w[RCB_LOAD_CORE_TILE], image->core_programs + w[RCB_LOAD_CORE_OFFSET] / 4,
                          w[RCB_LOAD_CORE_WORDS]);
  case RCB_OP_CACHE_SYNC:
    return rhal_cache_sync(w[RCB_CACHE_SYNC_BUFFER], w[RCB_CACHE_SYNC_DIRECTION]);
  case RCB_OP_TIMESTAMP:
    rhal_timestamp(w[RCB_TIMESTAMP_ID]);
    return RHAL_OK;
  case RCB_OP_BARRIER:
    return rhal_barrier();
  case RCB_OP_PHASE:
    rhal_phase(w[RCB_PHASE_ID]);
    return RHAL_OK;
  default: /* NOP, END */
    return RHAL_OK;
  }
}

/*@ requires readable(image) && \valid(result) && apart(image, &result->fault);
    requires \separated(result, image);
    requires image->verified ==> verified(image);
    assigns *result; */
static int play(const struct engine_image *image, struct engine_result *result, uint32_t load) {
  const uint32_t *program = load ? image->load : image->program;
  uint32_t words = load ? image->load_words : image->program_words;
  struct engine_fault *fault = &result->fault;
  *result = (struct engine_result){.fault = {.status = ENGINE_NOT_VERIFIED, .load = load}};
  if (!image->verified)
    return ENGINE_NOT_VERIFIED;
  fault->phase = ENGINE_NOWHERE;
  /*@ loop invariant words != 0 ==> RCB_HEADER_WORDS <= pc <= words;
      loop invariant pc == RCB_HEADER_WORDS || words != 0;
      loop invariant
        words != 0 ==> good{Pre}(program, pc, words, \at(image->core_program_words, Pre));
      loop assigns pc, *result;
      loop variant words - pc; */
  for (uint32_t pc = RCB_HEADER_WORDS; pc < words; pc += RCB_LENGTH(program[pc])) {
    const uint32_t *w = program + pc;
    uint32_t seen = 0;
    int status = perform(image, w, &seen);
    if (status) {
      fault->pc = pc;
      fault->opcode = RCB_OPCODE(w[0]);
      engine_locate(fault, w);
      fault->rhal = (uint32_t)status;
      fault->seen = seen;
      if (fault->opcode == RCB_OP_MASK_POLL)
        fault->expected = w[RCB_MASK_POLL_VALUE];
      return (int)(fault->status = ENGINE_RHAL);
    }
    if (RCB_OPCODE(w[0]) == RCB_OP_PHASE)
      fault->phase = w[RCB_PHASE_ID];
    ++result->instructions;
  }
  return (int)(fault->status = ENGINE_OK);
}

int engine_load(const struct engine_image *image, struct engine_result *result) {
  return play(image, result, 1);
}

int engine_run(const struct engine_image *image, struct engine_result *result) {
  return play(image, result, 0);
}
