/* What programs make of the shims' buffer descriptors: no task reaches past its DDR buffer.
 *
 * One descriptor at a time is followed through the load program and two runs, so that nothing need
 * be kept of the others. What a run writes is the same each time: after one more, the descriptor
 * says what it said after the one before. It may hold anything while it is being written; what
 * counts is what it says when a task is pushed. */
#include "address.h"
#include "adfc/spec/devices.h"

/* What is known of a descriptor where the scan stands. */
struct descriptor {
  uint32_t place;  /* address of its word 0 */
  uint32_t buffer; /* to which it is bound */
  uint64_t room;   /* bytes from where it is bound to the buffer's end; 0: not bound */
  uint32_t words[AIEML_SHIM_DMA_BD_WORDS];
  uint8_t next[AIEML_SHIM_DMA_BD_COUNT]; /* for each of the shim: IS_LINKED | its next one << 1 */
};

enum { IS_LINKED = 1 };

/*@ // It is bound to a buffer that there may be, and links to descriptors that there are.
    predicate linked(struct descriptor *d) =
      d->buffer < RCB_BUFFER_COUNT &&
      \forall integer i; 0 <= i < AIEML_SHIM_DMA_BD_COUNT ==>
        d->next[i] < 2 * AIEML_SHIM_DMA_BD_COUNT; */

#define FIELD(word, name)                                                                          \
  ((word) >> AIEML_SHIM_##name##_LSB & (UINT32_MAX >> (32 - AIEML_SHIM_##name##_WIDTH)))

_Static_assert(AIEML_SHIM_DMA_BD_D1_STEPSIZE_WORD == AIEML_SHIM_DMA_BD_D0_STEPSIZE_WORD + 1 &&
                   AIEML_SHIM_DMA_BD_D2_STEPSIZE_WORD == AIEML_SHIM_DMA_BD_D0_STEPSIZE_WORD + 2 &&
                   AIEML_SHIM_DMA_BD_D0_STEPSIZE_WIDTH == 20 &&
                   AIEML_SHIM_DMA_BD_D1_STEPSIZE_WIDTH == 20 &&
                   AIEML_SHIM_DMA_BD_D2_STEPSIZE_WIDTH == 20 &&
                   AIEML_SHIM_DMA_BD_ITERATION_STEPSIZE_WIDTH == 20 &&
                   AIEML_SHIM_DMA_BD_D1_WRAP_LSB == AIEML_SHIM_DMA_BD_D0_WRAP_LSB &&
                   AIEML_SHIM_DMA_BD_D1_WRAP_WIDTH == AIEML_SHIM_DMA_BD_D0_WRAP_WIDTH,
               "steps and wraps lie alike in the words of their dimensions");

/* Steps from word to word as a descriptor has them, in words. */
/*@ assigns \nothing; */
static uint32_t step(uint32_t word) { return FIELD(word, DMA_BD_D0_STEPSIZE) + AIEML_STEP_BIAS; }

/* How many words from its base the farthest word lies that the descriptor reaches in any of its
 * iterations. Each dimension counts to its end: an upper bound where a run is cut short. */
/*@ requires \valid_read(words + (0 .. AIEML_SHIM_DMA_BD_WORDS - 1));
    assigns \nothing; */
static uint64_t reach(const uint32_t *words) {
  const uint32_t *dimension = words + AIEML_SHIM_DMA_BD_D0_STEPSIZE_WORD;
  uint32_t iteration = words[AIEML_SHIM_DMA_BD_ITERATION_WRAP_WORD];
  uint32_t runs = FIELD(iteration, DMA_BD_ITERATION_WRAP);
  if (runs < FIELD(iteration, DMA_BD_ITERATION_CURRENT))
    runs =
        UINT32_MAX >> (32 - AIEML_SHIM_DMA_BD_ITERATION_WRAP_WIDTH); /* would count up to there */
  uint64_t last = (uint64_t)runs * step(iteration);
  uint32_t left = words[AIEML_SHIM_DMA_BD_BUFFER_LENGTH_WORD] - 1; /* of length 0: too far */
  /*@ loop invariant 0 <= d <= 3;
      loop assigns d, left, last;
      loop variant 3 - d; */
  for (uint32_t d = 0; d < 3; ++d) {
    uint32_t steps = left, wrap = d < 2 ? FIELD(dimension[d], DMA_BD_D0_WRAP) : 0;
    left = 0;
    if (wrap) {
      left = steps / wrap;
      if (left)
        steps = wrap - 1;
    }
    last += (uint64_t)steps * step(dimension[d]);
  }
  return last;
}

_Static_assert(AIEML_SHIM_DMA_BD % (AIEML_SHIM_DMA_BD_COUNT * AIEML_SHIM_DMA_BD_STRIDE) == 0 &&
                   AIEML_SHIM_DMA_BD_STRIDE == 4 * AIEML_SHIM_DMA_BD_WORDS,
               "a descriptor's number stands in its address");
_Static_assert(AIEML_SHIM_DMA_BD_NEXT_BD_LSB == AIEML_SHIM_DMA_BD_USE_NEXT_BD_LSB + 1 &&
                   AIEML_SHIM_DMA_BD_NEXT_BD_WIDTH == 4 && AIEML_SHIM_DMA_BD_COUNT == 16,
               "a link fits `next`");
_Static_assert(AIEML_SHIM_DMA_S2MM_QUEUE == AIEML_SHIM_DMA_S2MM_CTRL + 4 &&
                   AIEML_SHIM_DMA_MM2S_CTRL == AIEML_SHIM_DMA_S2MM_CTRL + 16 &&
                   AIEML_SHIM_DMA_MM2S_QUEUE == AIEML_SHIM_DMA_S2MM_CTRL + 20 &&
                   AIEML_SHIM_DMA_S2MM_QUEUE_STRIDE == 8 && AIEML_SHIM_DMA_MM2S_QUEUE_STRIDE == 8 &&
                   AIEML_SHIM_DMA_S2MM_CTRL_STRIDE == 8 && AIEML_SHIM_DMA_S2MM_QUEUE_COUNT == 2 &&
                   AIEML_SHIM_DMA_MM2S_QUEUE_COUNT == 2 && AIEML_SHIM_MASTER_PORT_CTRL == 0,
               "channels' control and queue take turns");

/* Where the descriptors' registers end, and where those of the channels do, from the first on. */
enum { BDS_END = 0x200, CHANNELS_END = 0x220, IS_QUEUE = 4, IS_MM2S = 16 };

/* Whether a task that starts with descriptor `first` comes to this one. */
/*@ requires \valid_read(d) && linked(d) && first < AIEML_SHIM_DMA_BD_COUNT;
    assigns \nothing; */
static int takes(const struct descriptor *d, uint32_t first) {
  uint32_t number = d->place / AIEML_SHIM_DMA_BD_STRIDE % AIEML_SHIM_DMA_BD_COUNT;
  /*@ loop invariant 0 <= i <= AIEML_SHIM_DMA_BD_COUNT && first < AIEML_SHIM_DMA_BD_COUNT;
      loop assigns i, first;
      loop variant AIEML_SHIM_DMA_BD_COUNT - i; */
  for (uint32_t i = 0; i < AIEML_SHIM_DMA_BD_COUNT; ++i) {
    if (first == number)
      return 1;
    if (!(d->next[first] & IS_LINKED))
      return 0;
    first = d->next[first] / 2;
  }
  return 0; /* it has come to all that it ever comes to */
}

/* The link in that word of a descriptor, as `next` has it. */
/*@ assigns \nothing;
    ensures \result < 2 * AIEML_SHIM_DMA_BD_COUNT; */
static uint8_t link(uint32_t value) {
  return value >> AIEML_SHIM_DMA_BD_USE_NEXT_BD_LSB & (2 * AIEML_SHIM_DMA_BD_COUNT - 1);
}

/* Whether it is harmless for the descriptor that `value` is written to the register at `address` of
 * its shim. */
/*@ requires \valid(d) && linked(d);
    assigns d->words[0 .. AIEML_SHIM_DMA_BD_WORDS - 1], d->room,
            d->next[0 .. AIEML_SHIM_DMA_BD_COUNT - 1];
    ensures linked(d); */
static int see_write(struct descriptor *d, uint32_t address, uint32_t value) {
  uint32_t word = (address - d->place) / 4, offset = AIEML_ADDRESS_OFFSET(address);
  uint32_t in_dma = offset - AIEML_SHIM_DMA_BD;
  if (word < AIEML_SHIM_DMA_BD_WORDS) {
    d->words[word] = value;
    if (word == AIEML_SHIM_DMA_BD_BASE_ADDRESS_LOW_WORD ||
        word == AIEML_SHIM_DMA_BD_BASE_ADDRESS_HIGH_WORD)
      d->room = 0;
  }
  if (in_dma < BDS_END) {
    /*@ assert linked(d) && in_dma / AIEML_SHIM_DMA_BD_STRIDE < AIEML_SHIM_DMA_BD_COUNT; */
    if (address % AIEML_SHIM_DMA_BD_STRIDE == 4 * AIEML_SHIM_DMA_BD_NEXT_BD_WORD)
      d->next[in_dma / AIEML_SHIM_DMA_BD_STRIDE] = link(value);
    return 1;
  }
  if (in_dma >= CHANNELS_END) /* packets for the shim itself would write its registers */
    return offset != AIEML_SHIM_SWITCH_MASTER || !value;
  if (!(address & IS_QUEUE)) /* packets would choose descriptors */
    return !FIELD(value, DMA_S2MM_CTRL_ENABLE_OUT_OF_ORDER);
  if (!takes(d, FIELD(value, DMA_S2MM_QUEUE_START_BD_ID)))
    return 1;
  if (d->buffer == RCB_BUFFER_WEIGHTS && !(address & IS_MM2S)) /* nothing writes constants */
    return 0;
  return reach(d->words) < d->room / 4;
}

/* BIND_BUFFER. A buffer is a whole number of words. */
/*@ requires \valid_read(image) && \valid(d) && \valid_read(w + (0 .. 4));
    requires w[RCB_BIND_BUFFER_BUFFER] < RCB_BUFFER_COUNT && linked(d);
    requires \separated(d, image) && \separated(d, w + (0 .. 4));
    assigns d->buffer, d->room;
    ensures linked(d); */
static void bind(const struct engine_image *image, struct descriptor *d, const uint32_t *w) {
  uint64_t offset = w[RCB_BIND_BUFFER_OFFSET] | (uint64_t)w[RCB_BIND_BUFFER_OFFSET + 1] << 32;
  d->buffer = w[RCB_BIND_BUFFER_BUFFER];
  d->room = image->buffer_bytes[d->buffer] + 3 - offset;
}

/* Whether the instruction at `w` is harmless for the descriptor. */
/*@ requires \valid_read(image) && \valid(d) && linked(d);
    requires whole(RCB_OPCODE(w[0]), RCB_LENGTH(w[0]), RCB_LENGTH(w[0])) &&
             leads(RCB_OPCODE(w[0]), w[2], w[3], image->core_program_words);
    requires \valid_read(w + (0 .. RCB_LENGTH(w[0]) - 1));
    requires \separated(d, image) && \separated(d, w + (0 .. RCB_LENGTH(w[0]) - 1));
    assigns *d;
    ensures linked(d) && d->place == \old(d->place); */
static int see(const struct engine_image *image, struct descriptor *d, const uint32_t *w) {
  uint32_t opcode = RCB_OPCODE(w[0]), words = engine_extent(w);
  if (opcode == RCB_OP_BIND_BUFFER &&
      w[1] == d->place + 4 * AIEML_SHIM_DMA_BD_BASE_ADDRESS_LOW_WORD)
    bind(image, d, w);
  if (opcode < RCB_OP_WRITE32 || opcode > RCB_OP_BLOCK_SET ||
      w[1] >> AIEML_ROW_SHIFT != d->place >> AIEML_ROW_SHIFT)
    return 1;
  if (opcode == RCB_OP_MASK_WRITE32 && w[1] - d->place < AIEML_SHIM_DMA_BD_STRIDE)
    return 0; /* what the array has counted there is not known */
  /*@ loop invariant 0 <= i <= words && linked(d);
      loop assigns i, d->words[0 .. AIEML_SHIM_DMA_BD_WORDS - 1], d->room,
                   d->next[0 .. AIEML_SHIM_DMA_BD_COUNT - 1];
      loop variant words - i; */
  for (uint32_t i = 0; i < words; ++i)
    if (!see_write(
            d, w[1] + 4 * i,
            w[opcode == RCB_OP_BLOCK_WRITE ? RCB_BLOCK_WRITE_WORDS + i : RCB_LENGTH(w[0]) - 1]))
      return 0;
  return 1;
}

/* Follows the descriptor through the instructions of a program. */
/*@ requires \valid_read(image) && \valid_read(program + (0 .. words - 1));
    requires words > RCB_HEADER_WORDS &&
             good(program, RCB_HEADER_WORDS, words, image->core_program_words);
    requires \valid(fault) && \valid(d) && linked(d) && \separated(d, fault, image);
    requires \separated(d, program + (0 .. words - 1));
    requires \separated(fault, program + (0 .. words - 1));
    assigns *d, *fault;
    ensures linked(d); */
static int follow_words(const struct engine_image *image, const uint32_t *program, uint32_t words,
                        struct descriptor *d, struct engine_fault *fault) {
  fault->phase = ENGINE_NOWHERE;
  /*@ loop invariant RCB_HEADER_WORDS <= pc <= words && reached(pc) && linked(d);
      loop invariant image->core_program_words == \at(image->core_program_words, Pre);
      loop invariant \forall integer i; 0 <= i < words ==> program[i] == \at(program[i], Pre);
      loop invariant good{Pre}(program, pc, words, \at(image->core_program_words, Pre));
      loop assigns pc, *d, *fault;
      loop variant words - pc; */
  for (uint32_t pc = RCB_HEADER_WORDS; pc < words; pc += RCB_LENGTH(program[pc])) {
    const uint32_t *w = program + pc;
    /*@ assert reached(pc + RCB_LENGTH(program[pc])); */
    /*@ assert good{Pre}(program, pc + RCB_LENGTH(program[pc]), words,
                         \at(image->core_program_words, Pre)); */
    if (RCB_OPCODE(w[0]) == RCB_OP_PHASE)
      fault->phase = w[RCB_PHASE_ID];
    if (!see(image, d, w)) {
      fault->pc = pc;
      fault->opcode = RCB_OPCODE(w[0]);
      fault->seen = d->place;
      engine_locate(fault, w);
      return ENGINE_BAD_DESCRIPTOR;
    }
  }
  return ENGINE_OK;
}

/* Follows the descriptor through one of the image's programs. */
/*@ requires readable(image) && verified(image) && (load ==> image->load != \null);
    requires \valid(fault) && apart(image, fault) && \valid(d) && linked(d);
    requires \separated(d, fault, image) &&
             \separated(d, image->program + (0 .. image->program_words - 1)) &&
             \separated(d, image->load + (0 .. image->load_words - 1));
    assigns *d, *fault;
    ensures linked(d);
    ensures unchanged{Pre, Post}(image);
    ensures verified(image); */
static int follow(const struct engine_image *image, uint32_t load, struct descriptor *d,
                  struct engine_fault *fault) {
  /*@ assert \forall integer k; 0 <= k < image->program_words ==>
               \separated(d, image->program + k); */
  /*@ assert \forall integer k; 0 <= k < image->load_words ==>
               \separated(d, image->load + k); */
  /*@ assert \forall integer k; 0 <= k < image->program_words ==>
               \separated(fault, image->program + k); */
  /*@ assert \forall integer k; 0 <= k < image->load_words ==>
               \separated(fault, image->load + k); */
  fault->load = load;
  /*@ assert unchanged{Pre, Here}(image); */
  /*@ assert verified(image); */
  const uint32_t *program = load ? image->load : image->program;
  uint32_t words = load ? image->load_words : image->program_words;
  /*@ assert words > RCB_HEADER_WORDS &&
             good(program, RCB_HEADER_WORDS, words, image->core_program_words); */
  int status = follow_words(image, program, words, d, fault);
  /*@ assert \forall integer k; 0 <= k < image->program_words ==>
               image->program[k] == \at(image->program[k], Pre); */
  /*@ assert \forall integer k; 0 <= k < image->load_words ==>
               image->load[k] == \at(image->load[k], Pre); */
  /*@ assert unchanged{Pre, Here}(image); */
  /*@ assert image->program_words == \at(image->program_words, Pre) &&
             image->load_words == \at(image->load_words, Pre) &&
             image->core_program_words == \at(image->core_program_words, Pre); */
  /*@ assert good{Pre}(image->program, RCB_HEADER_WORDS, image->program_words,
                       image->core_program_words); */
  /*@ assert image->load != \null ==>
             good{Pre}(image->load, RCB_HEADER_WORDS, image->load_words,
                       image->core_program_words); */
  /*@ assert good(image->program, RCB_HEADER_WORDS, image->program_words,
                  image->core_program_words); */
  /*@ assert image->load != \null ==>
             good(image->load, RCB_HEADER_WORDS, image->load_words,
                  image->core_program_words); */
  /*@ assert verified(image); */
  return status;
}

_Static_assert(sizeof(struct descriptor) ==
                   4 + 4 + 8 + 4 * AIEML_SHIM_DMA_BD_WORDS + AIEML_SHIM_DMA_BD_COUNT,
               "it has no padding, which memcmp would compare");

/* Whether more is known of one than of the other, or something else. */
/*@ requires \valid_read(a) && \valid_read(b);
    assigns \nothing; */
#ifdef __FRAMAC__ /* whose memory model has no structures made of bytes */
static int differ(const struct descriptor *a, const struct descriptor *b);
#else
static int differ(const struct descriptor *a, const struct descriptor *b) {
  return __builtin_memcmp(a, b, sizeof *a);
}
#endif

/* Follows the descriptor at `place` through all that may be played on an array. */
/*@ requires readable(image) && verified(image);
    requires \valid(fault) && apart(image, fault);
    assigns *fault;
    ensures unchanged{Pre, Post}(image);
    ensures verified(image); */
static int follow_all(const struct engine_image *image, uint32_t place,
                      struct engine_fault *fault) {
  struct descriptor d = {.place = place};
  /*@ assert linked(&d); */
  /*@ assert verified(image); */
  int status = image->load ? follow(image, 1, &d, fault) : ENGINE_OK;
  struct descriptor before = d;
  /*@ assert linked(&d); */
  /*@ assert verified(image); */
  if (!status)
    status = follow(image, 0, &d, fault);
  if (!status && differ(&before, &d))
    status = follow(image, 0, &d, fault);
  return status;
}

int engine_verify_ddr(struct engine_image *image, struct engine_fault *fault) {
  const struct adfc_device *device = image->device;
  *fault =
      (struct engine_fault){.phase = ENGINE_NOWHERE, .tile = ENGINE_NOWHERE, .reg = ENGINE_NOWHERE};
  /*@ assert unchanged{Pre, Here}(image); */
  /*@ assert verified(image); */
  /*@ loop invariant 0 <= i <= device->columns * AIEML_SHIM_DMA_BD_COUNT;
      loop invariant verified(image);
      loop assigns i, *fault;
      loop variant device->columns * AIEML_SHIM_DMA_BD_COUNT - i; */
  for (uint32_t i = 0; i < device->columns * AIEML_SHIM_DMA_BD_COUNT; ++i) {
    uint32_t column = i / AIEML_SHIM_DMA_BD_COUNT, bd = i % AIEML_SHIM_DMA_BD_COUNT;
    uint32_t offset = AIEML_SHIM_DMA_BD + bd * AIEML_SHIM_DMA_BD_STRIDE;
    if (!adfc_device_has_noc(device, column) ||
        !follow_all(image, AIEML_ADDRESS(column, 0, offset), fault))
      continue;
    image->verified = 0;
    return (int)(fault->status = ENGINE_BAD_DESCRIPTOR);
  }
  return ENGINE_OK;
}
