/* Checks a whole program before its first write. */
#include "address.h"
#include "adfc/crc32.h"
#include "adfc/engine.h"
#include "adfc/rhal.h"
#include "adfc/spec/devices.h"

struct scan {
  const struct engine_image *image;
  struct engine_fault *fault;
  uint32_t buffers;
  uint32_t instructions;
  uint64_t wait_cycles;
};

/* Refuses with the operand at fault and its limit. */
static int refuse(struct scan *s, int status, uint32_t seen, uint32_t expected) {
  s->fault->seen = seen;
  s->fault->expected = expected;
  return status;
}

static int check_range(struct scan *s, uint32_t address, uint32_t words,
                       enum engine_access access) {
  int status = engine_check_range(s->image->device, address, words, access);
  return status ? refuse(s, status, address, words) : ENGINE_OK;
}

static int check_mask(struct scan *s, uint32_t mask, uint32_t value) {
  return value & ~mask ? refuse(s, ENGINE_BAD_OPERAND, value, mask) : ENGINE_OK;
}

static int check_wait(struct scan *s, uint32_t max_cycles) {
  s->wait_cycles += max_cycles;
  return max_cycles == 0 || max_cycles > ADFC_MAX_WAIT
             ? refuse(s, ENGINE_BAD_WAIT, max_cycles, ADFC_MAX_WAIT)
             : ENGINE_OK;
}

static int check_direction(struct scan *s, uint32_t direction) {
  return direction >= RCB_DIRECTION_COUNT
             ? refuse(s, ENGINE_BAD_OPERAND, direction, RCB_DIRECTION_COUNT)
             : ENGINE_OK;
}

static int check_buffer(struct scan *s, uint32_t buffer) {
  return buffer >= s->buffers ? refuse(s, ENGINE_BAD_BUFFER, buffer, s->buffers) : ENGINE_OK;
}

static int check_channel(struct scan *s, const uint32_t *w) {
  int status = engine_check_channel(s->image->device, w[RCB_WAIT_TASK_TILE],
                                    w[RCB_WAIT_TASK_DIRECTION], w[RCB_WAIT_TASK_CHANNEL]);
  return status ? refuse(s, status, w[RCB_WAIT_TASK_CHANNEL], 0) : ENGINE_OK;
}

static int check_bind(struct scan *s, const uint32_t *w) {
  int status = check_buffer(s, w[RCB_BIND_BUFFER_BUFFER]);
  if (status)
    return status;
  if (!engine_is_shim_bd_address(s->image->device, w[RCB_BIND_BUFFER_ADDRESS]))
    return refuse(s, ENGINE_BAD_ADDRESS, w[RCB_BIND_BUFFER_ADDRESS], 1);
  uint32_t low = w[RCB_BIND_BUFFER_OFFSET], high = w[RCB_BIND_BUFFER_OFFSET + 1];
  uint64_t bytes = s->image->buffer_bytes[w[RCB_BIND_BUFFER_BUFFER]];
  if (low % 4 || (low | (uint64_t)high << 32) >= bytes)
    return refuse(s, ENGINE_BAD_BUFFER, low, (uint32_t)bytes);
  return ENGINE_OK;
}

static int check_load(struct scan *s, const uint32_t *w) {
  const struct engine_image *image = s->image;
  uint32_t offset = w[RCB_LOAD_CORE_OFFSET], words = w[RCB_LOAD_CORE_WORDS], at;
  if (!engine_is_core(image->device, w[RCB_LOAD_CORE_TILE]))
    return refuse(s, ENGINE_BAD_TILE, w[RCB_LOAD_CORE_TILE], 0);
  if (offset % 4 || offset / 4 > image->core_program_words ||
      words > image->core_program_words - offset / 4)
    return refuse(s, ENGINE_BAD_OPERAND, offset, image->core_program_words * 4);
  int fault = core_verify(image->core_programs + offset / 4, words, image->kernel_table,
                          image->kernels, &at);
  return fault ? refuse(s, ENGINE_BAD_CORE_PROGRAM, offset / 4 + at, (uint32_t)fault) : ENGINE_OK;
}

#define TRY(call)                                                                                  \
  do {                                                                                             \
    int status_ = (call);                                                                          \
    if (status_)                                                                                   \
      return status_;                                                                              \
  } while (0)

static int check_instruction(struct scan *s, const uint32_t *w) {
  switch (RCB_OPCODE(w[0])) {
  case RCB_OP_WRITE32:
    return check_range(s, w[RCB_WRITE32_ADDRESS], 1, ENGINE_WRITE);
  case RCB_OP_MASK_WRITE32:
    TRY(check_mask(s, w[RCB_MASK_WRITE32_MASK], w[RCB_MASK_WRITE32_VALUE]));
    TRY(check_range(s, w[RCB_MASK_WRITE32_ADDRESS], 1, ENGINE_READ));
    return check_range(s, w[RCB_MASK_WRITE32_ADDRESS], 1, ENGINE_WRITE);
  case RCB_OP_BLOCK_WRITE:
    return check_range(s, w[RCB_BLOCK_WRITE_ADDRESS], RCB_LENGTH(w[0]) - RCB_BLOCK_WRITE_WORDS,
                       ENGINE_WRITE);
  case RCB_OP_BLOCK_SET:
    return check_range(s, w[RCB_BLOCK_SET_ADDRESS], w[RCB_BLOCK_SET_COUNT], ENGINE_WRITE);
  case RCB_OP_MASK_POLL:
    TRY(check_mask(s, w[RCB_MASK_POLL_MASK], w[RCB_MASK_POLL_VALUE]));
    TRY(check_wait(s, w[RCB_MASK_POLL_MAX_CYCLES]));
    return check_range(s, w[RCB_MASK_POLL_ADDRESS], 1, ENGINE_READ);
  case RCB_OP_WAIT_TASK:
    TRY(check_wait(s, w[RCB_WAIT_TASK_MAX_CYCLES]));
    TRY(check_direction(s, w[RCB_WAIT_TASK_DIRECTION]));
    return check_channel(s, w);
  case RCB_OP_BIND_BUFFER:
    return check_bind(s, w);
  case RCB_OP_LOAD_CORE:
    return check_load(s, w);
  case RCB_OP_CACHE_SYNC:
    TRY(check_direction(s, w[RCB_CACHE_SYNC_DIRECTION]));
    return check_buffer(s, w[RCB_CACHE_SYNC_BUFFER]);
  default: /* no operands, or ones that may be anything */
    return ENGINE_OK;
  }
}

/* Checks word 0 of the instruction at `w`, of which `left` words are there. */
static int check_shape(struct scan *s, const uint32_t *w, uint32_t left) {
  static const struct {
    uint8_t words, payload;
  } shapes[RCB_OPCODE_COUNT] = {
#define X(name, opcode, words, payload) {words, payload},
      RCB_INSTRUCTIONS(X)
#undef X
  };
  uint32_t opcode = RCB_OPCODE(w[0]), length = RCB_LENGTH(w[0]);
  if (opcode >= RCB_OPCODE_COUNT || RCB_FLAGS(w[0]))
    return refuse(s, ENGINE_BAD_OPCODE, w[0], RCB_OPCODE_COUNT);
  uint32_t words = shapes[opcode].words;
  if (length > left || (shapes[opcode].payload ? length <= words : length != words))
    return refuse(s, ENGINE_BAD_LENGTH, length, words);
  if ((opcode == RCB_OP_END) != (length == left))
    return refuse(s, ENGINE_BAD_END, left - length, 0);
  return ENGINE_OK;
}

static int check_header(struct scan *s) {
  const struct engine_image *image = s->image;
  const uint32_t *h = image->program;
  if (image->program_words <= RCB_HEADER_WORDS)
    return refuse(s, ENGINE_BAD_HEADER, image->program_words, RCB_HEADER_WORDS);
  if (h[RCB_HEADER_MAGIC] != RCB_MAGIC)
    return refuse(s, ENGINE_BAD_HEADER, h[RCB_HEADER_MAGIC], RCB_MAGIC);
  if (h[RCB_HEADER_VERSION] != RCB_VERSION)
    return refuse(s, ENGINE_BAD_HEADER, h[RCB_HEADER_VERSION], RCB_VERSION);
  if (h[RCB_HEADER_TOTAL_WORDS] != image->program_words)
    return refuse(s, ENGINE_BAD_HEADER, h[RCB_HEADER_TOTAL_WORDS], image->program_words);
  uint32_t crc =
      adfc_crc32(0, h + RCB_HEADER_WORDS, (size_t)(image->program_words - RCB_HEADER_WORDS) * 4);
  if (h[RCB_HEADER_BODY_CRC32] != crc)
    return refuse(s, ENGINE_BAD_CRC, crc, h[RCB_HEADER_BODY_CRC32]);
  if (h[RCB_HEADER_DEVICE] != image->device->ordinal)
    return refuse(s, ENGINE_WRONG_DEVICE, h[RCB_HEADER_DEVICE], image->device->ordinal);
  s->buffers = h[RCB_HEADER_BUFFERS];
  return s->buffers > RCB_BUFFER_COUNT ? refuse(s, ENGINE_BAD_COUNT, s->buffers, RCB_BUFFER_COUNT)
                                       : ENGINE_OK;
}

static int check_body(struct scan *s) {
  const struct engine_image *image = s->image;
  for (uint32_t pc = RCB_HEADER_WORDS; pc < image->program_words;
       pc += RCB_LENGTH(image->program[pc])) {
    const uint32_t *w = image->program + pc;
    s->fault->pc = pc;
    s->fault->opcode = RCB_OPCODE(w[0]);
    TRY(check_shape(s, w, image->program_words - pc));
    int status = check_instruction(s, w);
    if (status) {
      engine_locate(s->fault, pc, w);
      return status;
    }
    if (RCB_OPCODE(w[0]) == RCB_OP_PHASE)
      s->fault->phase = w[RCB_PHASE_ID];
    ++s->instructions;
  }
  return ENGINE_OK;
}

static int check_program(struct scan *s) {
  const uint32_t *h = s->image->program;
  TRY(check_header(s));
  TRY(check_body(s));
  uint32_t bound = s->wait_cycles > UINT32_MAX ? UINT32_MAX : (uint32_t)s->wait_cycles;
  if (h[RCB_HEADER_INSTRUCTIONS] != s->instructions)
    return refuse(s, ENGINE_BAD_COUNT, h[RCB_HEADER_INSTRUCTIONS], s->instructions);
  if (h[RCB_HEADER_MAX_WAIT_CYCLES] != bound)
    return refuse(s, ENGINE_BAD_COUNT, h[RCB_HEADER_MAX_WAIT_CYCLES], bound);
  return ENGINE_OK;
}

int engine_verify(struct engine_image *image, struct engine_fault *fault) {
  struct scan s = {.image = image, .fault = fault};
  *fault =
      (struct engine_fault){.phase = ENGINE_NOWHERE, .tile = ENGINE_NOWHERE, .reg = ENGINE_NOWHERE};
  int status = check_program(&s);
  fault->status = (uint32_t)status;
  image->verified = status == ENGINE_OK;
  return status;
}
