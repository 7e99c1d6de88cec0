/* Checks whole programs before the first write. */
#include "address.h"
#include "adfc/crc32.h"
#include "adfc/engine.h"
#include "adfc/rhal.h"
#include "adfc/spec/core_program.h"
#include "adfc/spec/devices.h"

ENGINE_SMALL_BEGIN

struct scan {
  const struct engine_image *image;
  const uint32_t *program;
  uint32_t words;
  struct engine_fault *fault;
  uint32_t buffers;
  uint32_t instructions;
  uint64_t wait_cycles;
};

/*@ predicate sound(struct scan *s) =
      \valid(s) && \valid(s->fault) && readable(s->image) && known(s->image->device) &&
      \valid_read(s->program + (0 .. s->words - 1)) && s->buffers <= RCB_BUFFER_COUNT &&
      apart(s->image, s->fault) && \separated(s->fault, s->image->device) &&
      \separated(s->fault, s->program + (0 .. s->words - 1)) &&
      \separated(s, s->fault, s->image) && \separated(s, s->image->device) &&
      \separated(s, s->program + (0 .. s->words - 1));

    predicate same{L, M}(uint32_t *p, integer words) =
      \forall integer i; 0 <= i < words ==> \at(p[i], L) == \at(p[i], M);

    // Nothing has changed of what that rests on.
    predicate kept{L, M}(struct scan *s) =
      \at(s->words, L) == \at(s->words, M) &&
      \at(s->image->program_words, L) == \at(s->image->program_words, M) &&
      \at(s->image->load_words, L) == \at(s->image->load_words, M) &&
      \at(s->image->core_program_words, L) == \at(s->image->core_program_words, M) &&
      \at(s->image->kernels, L) == \at(s->image->kernels, M) &&
      \at(s->image->device->columns, L) == \at(s->image->device->columns, M); */

/* Refuses with the operand at fault and its limit. */
/*@ requires \valid_read(s) && \valid(s->fault) && \separated(s, s->fault);
    assigns s->fault->seen, s->fault->expected;
    ensures \result == status; */
static int refuse(struct scan *s, int status, uint32_t seen, uint32_t expected) {
  s->fault->seen = seen;
  s->fault->expected = expected;
  return status;
}

/* What is checked of an instruction's operands. */
enum {
  MASK = 1,             /* words 2 and 3: the value has no bit outside of the mask */
  WAIT = 2,             /* word 4: a bound in cycles */
  DIRECTION = 4,        /* word 2 */
  READ = ENGINE_READ,   /* word 1 is the address of what is read */
  WRITE = ENGINE_WRITE, /* word 1 is the address of what is written */

  NOP_CHECKS = 0,
  WRITE32_CHECKS = WRITE,
  MASK_WRITE32_CHECKS = MASK | READ | WRITE,
  BLOCK_WRITE_CHECKS = WRITE,
  BLOCK_SET_CHECKS = WRITE,
  MASK_POLL_CHECKS = MASK | WAIT | READ,
  WAIT_TASK_CHECKS = WAIT | DIRECTION,
  BIND_BUFFER_CHECKS = WRITE,
  LOAD_CORE_CHECKS = 0,
  CACHE_SYNC_CHECKS = DIRECTION,
  TIMESTAMP_CHECKS = 0,
  BARRIER_CHECKS = 0,
  PHASE_CHECKS = 0,
  END_CHECKS = 0,
};

static const struct shape {
  uint8_t words, payload, checks;
} shapes[RCB_OPCODE_COUNT] = {
#define X(name, opcode, words, payload) {words, payload, name##_CHECKS},
    RCB_INSTRUCTIONS(X)
#undef X
};

/* A row, and what it says. */
#ifdef __FRAMAC__
#define ROW(name, code, length, has_payload)                                                       \
  ensures opcode != code ||                                                                        \
      (\result->words == length && \result->payload == has_payload &&                              \
          (\result->checks & MASK) == (name##_CHECKS & MASK) &&                                    \
          (\result->checks & WAIT) == (name##_CHECKS & WAIT) &&                                    \
          (\result->checks & DIRECTION) == (name##_CHECKS & DIRECTION) &&                          \
          (\result->checks & (READ | WRITE)) == (name##_CHECKS & (READ | WRITE)));
#define IS(name, code, length, has_payload) opcode == code ||
#endif
/*@ requires opcode < RCB_OPCODE_COUNT;
    assigns \nothing;
    ensures \valid_read(\result);
    RCB_INSTRUCTIONS(ROW) */
static const struct shape *shape_of(uint32_t opcode) { return &shapes[opcode]; }

_Static_assert(RCB_MASK_WRITE32_MASK == 2 && RCB_MASK_WRITE32_VALUE == 3 &&
                   RCB_MASK_POLL_MASK == 2 && RCB_MASK_POLL_VALUE == 3 &&
                   RCB_MASK_POLL_MAX_CYCLES == 4 && RCB_WAIT_TASK_MAX_CYCLES == 4 &&
                   RCB_WAIT_TASK_DIRECTION == 2 && RCB_CACHE_SYNC_DIRECTION == 2 &&
                   RCB_WRITE32_ADDRESS == 1 && RCB_MASK_WRITE32_ADDRESS == 1 &&
                   RCB_BLOCK_WRITE_ADDRESS == 1 && RCB_BLOCK_SET_ADDRESS == 1 &&
                   RCB_MASK_POLL_ADDRESS == 1,
               "check_operands() takes them from these words");

/*@ requires \valid(s) && \valid(s->fault) && \separated(s, s->fault);
    assigns s->wait_cycles, s->fault->seen, s->fault->expected; */
static int check_wait(struct scan *s, uint32_t max_cycles) {
  s->wait_cycles += max_cycles;
  return max_cycles == 0 || max_cycles > ADFC_MAX_WAIT
             ? refuse(s, ENGINE_BAD_WAIT, max_cycles, ADFC_MAX_WAIT)
             : ENGINE_OK;
}

/*@ requires \valid_read(s) && \valid(s->fault) && \separated(s, s->fault);
    assigns s->fault->seen, s->fault->expected;
    ensures \result == ENGINE_OK ==> buffer < s->buffers; */
static int check_buffer(struct scan *s, uint32_t buffer) {
  return buffer >= s->buffers ? refuse(s, ENGINE_BAD_BUFFER, buffer, s->buffers) : ENGINE_OK;
}

/*@ requires sound(s) && \valid_read(w + (0 .. 4)) && \separated(s->fault, w + (0 .. 4));
    assigns s->fault->seen, s->fault->expected; */
static int check_channel(struct scan *s, const uint32_t *w) {
  const struct adfc_device *device = s->image->device;
  uint32_t tile = w[RCB_WAIT_TASK_TILE], channel = w[RCB_WAIT_TASK_CHANNEL];
  const struct adfc_tile *kind = engine_tile(device, tile);
  if (!kind || (RCB_TILE_ROW(tile) == 0 && !adfc_device_has_noc(device, RCB_TILE_COLUMN(tile))))
    return refuse(s, ENGINE_BAD_TILE, tile, 0);
  uint32_t channels =
      w[RCB_WAIT_TASK_DIRECTION] == RCB_DIRECTION_MM2S ? kind->mm2s_channels : kind->s2mm_channels;
  return channel < channels ? ENGINE_OK : refuse(s, ENGINE_BAD_OPERAND, channel, channels);
}

/*@ requires sound(s) && \valid_read(w + (0 .. 4)) && \separated(s->fault, w + (0 .. 4));
    assigns s->fault->seen, s->fault->expected;
    ensures \result == ENGINE_OK ==> w[RCB_BIND_BUFFER_BUFFER] < RCB_BUFFER_COUNT; */
static int check_bind(struct scan *s, const uint32_t *w) {
  int status = check_buffer(s, w[RCB_BIND_BUFFER_BUFFER]);
  if (status)
    return status;
  uint32_t place = (w[RCB_BIND_BUFFER_ADDRESS] & ((1u << AIEML_COLUMN_SHIFT) - 1)) -
                   (AIEML_SHIM_DMA_BD + 4 * AIEML_SHIM_DMA_BD_BASE_ADDRESS_LOW_WORD);
  if (place % AIEML_SHIM_DMA_BD_STRIDE ||
      place >= AIEML_SHIM_DMA_BD_COUNT * AIEML_SHIM_DMA_BD_STRIDE)
    return refuse(s, ENGINE_BAD_ADDRESS, w[RCB_BIND_BUFFER_ADDRESS], 1);
  uint32_t low = w[RCB_BIND_BUFFER_OFFSET], high = w[RCB_BIND_BUFFER_OFFSET + 1];
  uint64_t bytes = s->image->buffer_bytes[w[RCB_BIND_BUFFER_BUFFER]];
  if (low % 4 || (low | (uint64_t)high << 32) >= bytes)
    return refuse(s, ENGINE_BAD_BUFFER, low, (uint32_t)bytes);
  return ENGINE_OK;
}

/* The memory modules (enum core_module) that a core tile's core reaches: its own, and those of the
 * neighbours that are core tiles. */
/*@ requires known(device);
    assigns \nothing; */
static uint32_t modules_of(const struct adfc_device *device, uint32_t tile) {
  uint32_t row = RCB_TILE_ROW(tile), modules = 1u << CORE_OWN;
  if (row != device->core_row_first)
    modules |= 1u << CORE_SOUTH;
  if (RCB_TILE_COLUMN(tile))
    modules |= 1u << CORE_WEST;
  if (row != device->rows - 1)
    modules |= 1u << CORE_NORTH;
  return modules;
}

/*@ requires sound(s) && \valid_read(w + (0 .. 3)) && \separated(s->fault, w + (0 .. 3));
    assigns s->fault->seen, s->fault->expected;
    ensures \result == ENGINE_OK ==> w[RCB_LOAD_CORE_OFFSET] / 4 + w[RCB_LOAD_CORE_WORDS] <=
            s->image->core_program_words; */
static int check_load(struct scan *s, const uint32_t *w) {
  const struct engine_image *image = s->image;
  uint32_t offset = w[RCB_LOAD_CORE_OFFSET], words = w[RCB_LOAD_CORE_WORDS], at;
  if (engine_tile(image->device, w[RCB_LOAD_CORE_TILE]) != &image->device->tiles[AIEML_TILE_CORE])
    return refuse(s, ENGINE_BAD_TILE, w[RCB_LOAD_CORE_TILE], 0);
  if (offset % 4 || offset / 4 > image->core_program_words ||
      words > image->core_program_words - offset / 4)
    return refuse(s, ENGINE_BAD_OPERAND, offset, image->core_program_words * 4);
  int fault = core_verify(image->core_programs + offset / 4, words, image->kernel_table,
                          image->kernels, modules_of(image->device, w[RCB_LOAD_CORE_TILE]), &at);
  return fault ? refuse(s, ENGINE_BAD_CORE_PROGRAM, offset / 4 + at, (uint32_t)fault) : ENGINE_OK;
}

#define TRY(call)                                                                                  \
  do {                                                                                             \
    int status_ = (call);                                                                          \
    if (status_)                                                                                   \
      return status_;                                                                              \
  } while (0)

/*@ requires sound(s) && whole(RCB_OPCODE(w[0]), RCB_LENGTH(w[0]), RCB_LENGTH(w[0])) &&
             \valid_read(w + (0 .. RCB_LENGTH(w[0]) - 1));
    requires \separated(s->fault, w + (0 .. RCB_LENGTH(w[0]) - 1)) &&
             \separated(s, w + (0 .. RCB_LENGTH(w[0]) - 1));
    assigns s->wait_cycles, s->fault->seen, s->fault->expected; */
static int check_operands(struct scan *s, const uint32_t *w) {
  uint32_t opcode = RCB_OPCODE(w[0]), checks = shape_of(opcode)->checks;
  /*@ assert RCB_INSTRUCTIONS(IS) \false; */
  if (checks & MASK && w[3] & ~w[2])
    return refuse(s, ENGINE_BAD_OPERAND, w[3], w[2]);
  if (checks & WAIT)
    TRY(check_wait(s, w[4]));
  if (checks & DIRECTION && w[2] >= RCB_DIRECTION_COUNT)
    return refuse(s, ENGINE_BAD_OPERAND, w[2], RCB_DIRECTION_COUNT);
  if (checks & (READ | WRITE)) {
    int status = engine_check_range(s->image->device, w[1], engine_extent(w), checks);
    if (status)
      return refuse(s, status, w[1], engine_extent(w));
  }
  return ENGINE_OK;
}

/*@ requires sound(s) && whole(RCB_OPCODE(w[0]), RCB_LENGTH(w[0]), RCB_LENGTH(w[0])) &&
             \valid_read(w + (0 .. RCB_LENGTH(w[0]) - 1));
    requires \separated(s->fault, w + (0 .. RCB_LENGTH(w[0]) - 1)) &&
             \separated(s, w + (0 .. RCB_LENGTH(w[0]) - 1));
    assigns s->wait_cycles, s->fault->seen, s->fault->expected;
    ensures \result == ENGINE_OK ==>
            leads(RCB_OPCODE(w[0]), w[2], w[3], s->image->core_program_words); */
static int check_instruction(struct scan *s, const uint32_t *w) {
  TRY(check_operands(s, w));
  /*@ assert kept{Pre, Here}(s); */
  /*@ assert s->buffers == \at(s->buffers, Pre); */
  /*@ assert sound(s); */
  switch (RCB_OPCODE(w[0])) {
  case RCB_OP_WAIT_TASK:
    return check_channel(s, w);
  case RCB_OP_BIND_BUFFER:
    return check_bind(s, w);
  case RCB_OP_LOAD_CORE:
    return check_load(s, w);
  case RCB_OP_CACHE_SYNC:
    return check_buffer(s, w[RCB_CACHE_SYNC_BUFFER]);
  default: /* no more operands, or ones that may be anything */
    return ENGINE_OK;
  }
}

/* Checks word 0 of the instruction at `w`, of which `left` words are there. */
/*@ requires sound(s) && left >= 1 && \valid_read(w + (0 .. left - 1));
    requires \separated(s->fault, w + (0 .. left - 1));
    assigns s->fault->seen, s->fault->expected;
    ensures \result == ENGINE_OK ==> whole(RCB_OPCODE(w[0]), RCB_LENGTH(w[0]), left); */
static int check_shape(struct scan *s, const uint32_t *w, uint32_t left) {
  uint32_t opcode = RCB_OPCODE(w[0]), length = RCB_LENGTH(w[0]);
  if (opcode >= RCB_OPCODE_COUNT || RCB_FLAGS(w[0]))
    return refuse(s, ENGINE_BAD_OPCODE, w[0], RCB_OPCODE_COUNT);
  const struct shape *shape = shape_of(opcode);
  uint32_t words = shape->words;
  if (length > left || (shape->payload ? length <= words : length != words))
    return refuse(s, ENGINE_BAD_LENGTH, length, words);
  if ((opcode == RCB_OP_END) != (length == left))
    return refuse(s, ENGINE_BAD_END, left - length, 0);
  return ENGINE_OK;
}

/*@ requires \valid_read(w + (0 .. words - 1));
    assigns \nothing; */
#ifdef __FRAMAC__ /* whose memory model has no words made of bytes */
static uint32_t crc_of_words(const uint32_t *w, uint32_t words);
#else
static uint32_t crc_of_words(const uint32_t *w, uint32_t words) {
  return adfc_crc32(0, w, (size_t)words * 4);
}
#endif

/* All of the header but what follows from the instructions. */
/*@ requires sound(s) && s->buffers == 0;
    assigns s->buffers, s->fault->seen, s->fault->expected;
    ensures \result == ENGINE_OK ==> s->words > RCB_HEADER_WORDS && s->buffers <= RCB_BUFFER_COUNT;
 */
static int check_header(struct scan *s) {
  const uint32_t *h = s->program;
  if (s->words <= RCB_HEADER_WORDS)
    return refuse(s, ENGINE_BAD_HEADER, s->words, RCB_HEADER_WORDS);
  const uint32_t expected[] = {
      [RCB_HEADER_MAGIC] = RCB_MAGIC,
      [RCB_HEADER_VERSION] = RCB_VERSION,
      [RCB_HEADER_TOTAL_WORDS] = s->words,
      [RCB_HEADER_DEVICE] = s->image->device->ordinal,
  };
  /*@ loop invariant 0 <= i <= 4;
      loop assigns i;
      loop variant 4 - i; */
  for (uint32_t i = 0; i < sizeof expected / sizeof *expected; ++i)
    if (h[i] != expected[i])
      return refuse(s, i == RCB_HEADER_DEVICE ? ENGINE_WRONG_DEVICE : ENGINE_BAD_HEADER, h[i],
                    expected[i]);
  uint32_t crc = crc_of_words(h + RCB_HEADER_WORDS, s->words - RCB_HEADER_WORDS);
  if (h[RCB_HEADER_BODY_CRC32] != crc)
    return refuse(s, ENGINE_BAD_CRC, crc, h[RCB_HEADER_BODY_CRC32]);
  s->buffers = h[RCB_HEADER_BUFFERS];
  return s->buffers > RCB_BUFFER_COUNT ? refuse(s, ENGINE_BAD_COUNT, s->buffers, RCB_BUFFER_COUNT)
                                       : ENGINE_OK;
}

/*@ requires sound(s) && pc < s->words;
    assigns s->wait_cycles, s->instructions, *s->fault;
    ensures \result == ENGINE_OK ==> kept{Pre, Post}(s) && s->buffers == \old(s->buffers);
    ensures \result == ENGINE_OK ==> same{Pre, Post}(s->program, s->words);
    ensures \result == ENGINE_OK ==>
            whole(RCB_OPCODE(s->program[pc]), RCB_LENGTH(s->program[pc]), s->words - pc);
    ensures \result == ENGINE_OK ==>
            leads(RCB_OPCODE(s->program[pc]), s->program[pc + 2], s->program[pc + 3],
                  s->image->core_program_words); */
static int check_one(struct scan *s, uint32_t pc) {
  const uint32_t *w = s->program + pc;
  s->fault->pc = pc;
  s->fault->opcode = RCB_OPCODE(w[0]);
  /*@ assert kept{Pre, Here}(s); */
  /*@ assert s->buffers == \at(s->buffers, Pre); */
  /*@ assert sound(s); */
  TRY(check_shape(s, w, s->words - pc));
  /*@ assert kept{Pre, Here}(s); */
  /*@ assert s->buffers == \at(s->buffers, Pre); */
  /*@ assert sound(s); */
  int status = check_instruction(s, w);
  if (status) {
    engine_locate(s->fault, w);
    return status;
  }
  /*@ assert kept{Pre, Here}(s) && s->buffers == \at(s->buffers, Pre); */
  /*@ assert same{Pre, Here}(s->program, s->words); */
  if (RCB_OPCODE(w[0]) == RCB_OP_PHASE)
    s->fault->phase = w[RCB_PHASE_ID];
  ++s->instructions;
  /*@ assert kept{Pre, Here}(s) && s->buffers == \at(s->buffers, Pre); */
  /*@ assert same{Pre, Here}(s->program, s->words); */
  return ENGINE_OK;
}

/*@ requires sound(s) && s->words > RCB_HEADER_WORDS;
    assigns s->wait_cycles, s->instructions, *s->fault;
    ensures \result == ENGINE_OK ==>
            good(s->program, RCB_HEADER_WORDS, s->words, s->image->core_program_words); */
static int check_body(struct scan *s) {
  /*@ loop invariant RCB_HEADER_WORDS <= pc <= s->words;
      loop invariant reached(pc) && kept{Pre, Here}(s) && s->buffers == \at(s->buffers, Pre);
      loop invariant same{Pre, Here}(s->program, s->words);
      loop invariant
        good{Pre}(s->program, pc, \at(s->words, Pre), \at(s->image->core_program_words, Pre)) ==>
        good{Pre}(s->program, RCB_HEADER_WORDS, \at(s->words, Pre),
                  \at(s->image->core_program_words, Pre));
      loop assigns pc, length, s->wait_cycles, s->instructions, *s->fault;
      loop variant s->words - pc; */
  for (uint32_t pc = RCB_HEADER_WORDS, length; pc < s->words; pc += length) {
    /*@ assert sound(s); */
    TRY(check_one(s, pc));
    /*@ assert kept{Pre, Here}(s) && same{Pre, Here}(s->program, s->words); */
    /*@ assert reached(pc + RCB_LENGTH(s->program[pc])); */
    /*@ assert good{Pre}(s->program, pc + RCB_LENGTH(s->program[pc]), \at(s->words, Pre),
                         \at(s->image->core_program_words, Pre)) ==>
               good{Pre}(s->program, pc, \at(s->words, Pre),
                         \at(s->image->core_program_words, Pre)); */
    length = RCB_LENGTH(s->program[pc]);
  }
  /*@ assert good{Pre}(s->program, \at(s->words, Pre), \at(s->words, Pre),
                       \at(s->image->core_program_words, Pre)); */
  /*@ assert good{Pre}(s->program, RCB_HEADER_WORDS, \at(s->words, Pre),
                       \at(s->image->core_program_words, Pre)); */
  /*@ assert same{Pre, Here}(s->program, \at(s->words, Pre)); */
  return ENGINE_OK;
}

/*@ requires sound(s) && s->buffers == 0;
    assigns s->buffers, s->wait_cycles, s->instructions, *s->fault;
    ensures \result == ENGINE_OK ==>
            s->words > RCB_HEADER_WORDS &&
            good(s->program, RCB_HEADER_WORDS, s->words, s->image->core_program_words); */
static int check_program(struct scan *s) {
  const uint32_t *h = s->program;
  TRY(check_header(s));
  /*@ assert kept{Pre, Here}(s); */
  /*@ assert sound(s); */
  TRY(check_body(s));
  uint32_t bound = s->wait_cycles > UINT32_MAX ? UINT32_MAX : (uint32_t)s->wait_cycles;
  if (h[RCB_HEADER_INSTRUCTIONS] != s->instructions)
    return refuse(s, ENGINE_BAD_COUNT, h[RCB_HEADER_INSTRUCTIONS], s->instructions);
  if (h[RCB_HEADER_MAX_WAIT_CYCLES] != bound)
    return refuse(s, ENGINE_BAD_COUNT, h[RCB_HEADER_MAX_WAIT_CYCLES], bound);
  return ENGINE_OK;
}

/*@ requires \valid(fault);
    assigns *fault; */
static void begin(struct engine_fault *fault, uint32_t load) {
  *fault = (struct engine_fault){
      .phase = ENGINE_NOWHERE, .tile = ENGINE_NOWHERE, .reg = ENGINE_NOWHERE, .load = load};
}

/* Checks one of the image's programs. */
/*@ requires readable(image) && known(image->device) && \valid(fault) && apart(image, fault);
    requires \separated(fault, image->device);
    requires \valid_read(program + (0 .. words - 1)) &&
             \separated(fault, program + (0 .. words - 1));
    assigns *fault;
    ensures \result == ENGINE_OK ==>
            words > RCB_HEADER_WORDS &&
            good{Pre}(program, RCB_HEADER_WORDS, words, image->core_program_words); */
static int verify(const struct engine_image *image, const uint32_t *program, uint32_t words,
                  struct engine_fault *fault, uint32_t load) {
  begin(fault, load);
  /*@ assert same{Pre, Here}(program, words); */
  /*@ assert readable(image) && known(image->device) && apart(image, fault); */
  struct scan s = {.image = image, .program = program, .words = words, .fault = fault};
  /*@ assert same{Pre, Here}(program, words); */
  /*@ assert s.image == image && s.program == program && s.words == words && s.fault == fault; */
  /*@ assert s.buffers == 0; */
  /*@ assert readable(image) && known(image->device); */
  /*@ assert apart(image, fault); */
  /*@ assert \separated(&s, fault, image) && \separated(&s, image->device) &&
             \separated(&s, program + (0 .. words - 1)); */
  /*@ assert sound(&s); */
  int status = check_program(&s);
  /*@ assert s.image == image && s.program == program && s.words == words && s.fault == fault; */
  /*@ assert same{Pre, Here}(program, words); */
  fault->status = (uint32_t)status;
  return status;
}

int engine_verify(struct engine_image *image, struct engine_fault *fault) {
  int status = image->load ? verify(image, image->load, image->load_words, fault, 1) : ENGINE_OK;
  /*@ assert unchanged{Pre, Here}(image); */
  if (!status)
    status = verify(image, image->program, image->program_words, fault, 0);
  /*@ assert unchanged{Pre, Here}(image); */
  /*@ assert status == ENGINE_OK ==>
               good{Pre}(image->program, RCB_HEADER_WORDS, image->program_words,
                         image->core_program_words); */
  /*@ assert status == ENGINE_OK ==> verified{Pre}(image); */
  /*@ assert \forall integer k; 0 <= k < image->program_words ==>
               \separated(&image->verified, image->program + k); */
  /*@ assert \forall integer k; 0 <= k < image->load_words ==>
               \separated(&image->verified, image->load + k); */
  image->verified = !status;
  /*@ assert \forall integer k; 0 <= k < image->program_words ==>
               image->program[k] == \at(image->program[k], Pre); */
  /*@ assert \forall integer k; 0 <= k < image->load_words ==>
               image->load[k] == \at(image->load[k], Pre); */
  /*@ assert unchanged{Pre, Here}(image); */
  /*@ assert status == ENGINE_OK ==>
               good(image->program, RCB_HEADER_WORDS, image->program_words,
                    image->core_program_words); */
  /*@ assert status == ENGINE_OK && image->load != \null ==>
               good(image->load, RCB_HEADER_WORDS, image->load_words,
                    image->core_program_words); */
  /*@ assert status == ENGINE_OK ==> verified(image); */
  return status;
}

ENGINE_SMALL_END
