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
/*@ requires whole(RCB_OPCODE(w[0]), RCB_LENGTH(w[0]), RCB_LENGTH(w[0])) &&
             leads(RCB_OPCODE(w[0]), w[2], w[3], core_words);
    requires \valid_read(w + (0 .. RCB_LENGTH(w[0]) - 1)) && \valid(seen);
    requires \valid_read(core_programs + (0 .. core_words - 1));
    assigns *seen; */
static int perform(const uint32_t *w, const uint32_t *core_programs, uint32_t *seen)
/*@ ghost (uint32_t core_words) */ {
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
    return rhal_load_core(w[RCB_LOAD_CORE_TILE], core_programs + w[RCB_LOAD_CORE_OFFSET] / 4,
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

/* Performs the instruction at word `pc`; what goes wrong is told in the result. */
/*@ requires \valid(result) && \separated(result, w + (0 .. RCB_LENGTH(w[0]) - 1));
    requires whole(RCB_OPCODE(w[0]), RCB_LENGTH(w[0]), RCB_LENGTH(w[0])) &&
             leads(RCB_OPCODE(w[0]), w[2], w[3], core_words);
    requires \valid_read(w + (0 .. RCB_LENGTH(w[0]) - 1));
    requires \valid_read(core_programs + (0 .. core_words - 1));
    assigns *result; */
static int play_one(const uint32_t *w, uint32_t pc, const uint32_t *core_programs,
                    struct engine_result *result) /*@ ghost (uint32_t core_words) */ {
  struct engine_fault *fault = &result->fault;
  uint32_t seen = 0;
  int status = perform(w, core_programs, &seen) /*@ ghost (core_words) */;
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
  return ENGINE_OK;
}

/*@ requires \valid(result);
    assigns *result; */
static void begin(struct engine_result *result, uint32_t verified, uint32_t load) {
  *result = (struct engine_result){.fault = {.status = ENGINE_NOT_VERIFIED, .load = load}};
  if (verified)
    result->fault.phase = ENGINE_NOWHERE;
}

/* Performs a program, if it is a verified one; where it is none, it has no words.
 */
/*@ requires \valid(result) && \valid_read(program + (0 .. words - 1));
    requires \separated(result, program + (0 .. words - 1));
    requires \valid_read(core_programs + (0 .. core_words - 1));
    requires verified != 0 && words != 0 ==>
             words > RCB_HEADER_WORDS && good(program, RCB_HEADER_WORDS, words, core_words);
    assigns *result; */
static int play_all(const uint32_t *program, uint32_t words, const uint32_t *core_programs,
                    uint32_t verified, uint32_t load, struct engine_result *result)
/*@ ghost (uint32_t core_words) */ {
  begin(result, verified, load);
  if (!verified)
    return ENGINE_NOT_VERIFIED;
  /*@ loop invariant words == 0 ? pc == RCB_HEADER_WORDS : RCB_HEADER_WORDS <= pc <= words;
      loop invariant reached(pc);
      loop invariant \forall integer i; 0 <= i < words ==> program[i] == \at(program[i], Pre);
      loop invariant words != 0 ==> good{Pre}(program, pc, words, core_words);
      loop assigns pc, length, *result;
      loop variant words - pc; */
  for (uint32_t pc = RCB_HEADER_WORDS, length; pc < words; pc += length) {
    length = RCB_LENGTH(program[pc]);
    /*@ assert reached(pc + length); */
    /*@ assert good{Pre}(program, pc + length, words, core_words); */
    int status = play_one(program + pc, pc, core_programs, result) /*@ ghost (core_words) */;
    if (status)
      return status;
  }
  return (int)(result->fault.status = ENGINE_OK);
}

/*@ requires readable(image) && \valid(result) && beside(image, result);
    requires image->verified ==> verified(image);
    assigns *result; */
static int play(const struct engine_image *image, struct engine_result *result, uint32_t load) {
  return play_all(load ? image->load : image->program,
                  load ? image->load_words : image->program_words, image->core_programs,
                  image->verified, load, result)
      /*@ ghost (image->core_program_words) */;
}

int engine_load(const struct engine_image *image, struct engine_result *result) {
  return play(image, result, 1);
}

int engine_run(const struct engine_image *image, struct engine_result *result) {
  return play(image, result, 0);
}
