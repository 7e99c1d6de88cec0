// The cascade: from north to south and from west to east (AM020), a call's block with the
// neighbour's call. The expected cycles are added up by hand; a block is on its way for
// CORE_PROGRAM_CASCADE_CYCLES.
#include "core_words.h"

enum { C = 1, R = 3, HOP = CORE_PROGRAM_CASCADE_CYCLES };
enum {
  FROM_NORTH = 0,
  FROM_WEST = 1,
  TO_SOUTH = 0,
  TO_EAST = 2
}; // AM025: bit 0 input, bit 1 output

static int32_t sent;

// Sends 1, 2, 3, ... one with each call.
static void send(uint8_t *const *buffers, const int32_t *immediates) {
  (void)immediates;
  ++sent;
  memcpy(buffers[0], &sent, 4);
}

// Appends what comes, a decimal digit, to a number in its own memory.
static void receive(uint8_t *const *buffers, const int32_t *immediates) {
  int32_t came = 0, number = 0;
  (void)immediates;
  memcpy(&came, buffers[0], 4);
  memcpy(&number, buffers[1], 4);
  number = 10 * number + came;
  memcpy(buffers[1], &number, 4);
}

static const aie_kernel_fn kernels[] = {send, receive};

static struct aie_array *open_bound(void) {
  struct aie_array *a = open_array("npu1");
  aie_bind_kernels(a, kernels, 2);
  sent = 0;
  return a;
}

static void lead(struct aie_array *a, uint32_t column, uint32_t row, uint32_t sides) {
  CHECK_EQ(write_at(a, column, row, AIEML_CORE_ACCUMULATOR_CONTROL, sides), AIE_OK);
}

static uint64_t done_at(struct aie_array *a, uint32_t column, uint32_t row) {
  struct aie_core_counters counters;
  CHECK_EQ(aie_core_counters(a, column, row, &counters), AIE_OK);
  return counters.done_at;
}

static const uint32_t sender[] = {CALL(1, 0), 0, 100, CORE_PROGRAM_CASCADE_OUT, DONE};
static const uint32_t receiver[] = {CALL(2, 0), 1, 40, CORE_PROGRAM_CASCADE_IN, 0x40, DONE};

// The receiver's call has begun: the sender's ends with its own cycles, the receiver's when the
// block is there.
static void receiver_waits(void) {
  struct aie_array *a = open_bound();
  lead(a, C, R, TO_EAST);
  lead(a, C + 1, R, FROM_WEST);
  START(a, C + 1, R, receiver);
  START(a, C, R, sender);
  aie_advance(a, 99);
  CHECK_EQ(core_status(a, C + 1, R, AIEML_CORE_CORE_STATUS_CASCADE_STALL_SCD_LSB), 1);
  CHECK_EQ(word(a, C + 1, R, 16), 0);
  aie_advance(a, 1 + HOP);
  CHECK_EQ(word(a, C + 1, R, 16), 1);
  CHECK_EQ(done_at(a, C, R), 100);
  CHECK_EQ(done_at(a, C + 1, R), 100 + HOP);
  close_array(a);
}

// The receiver's call begins late: the sender's waits for that, the receiver's takes its cycles.
static void sender_waits(void) {
  struct aie_array *a = open_bound();
  lead(a, C, R + 1, TO_SOUTH);
  lead(a, C, R, FROM_NORTH);
  START(a, C, R + 1, sender);
  aie_advance(a, 300);
  CHECK_EQ(core_status(a, C, R + 1, AIEML_CORE_CORE_STATUS_CASCADE_STALL_MCD_LSB), 1);
  START(a, C, R, receiver);
  aie_advance(a, 100);
  CHECK_EQ(done_at(a, C, R + 1), 300);
  CHECK_EQ(done_at(a, C, R), 340);
  CHECK_EQ(word(a, C, R, 16), 1);
  close_array(a);
}

// Blocks come in their order, each with a call of its own.
static void in_order(void) {
  struct aie_array *a = open_bound();
  const uint32_t sends[] = {LOOP, 3, CALL(1, 0), 0, 10, CORE_PROGRAM_CASCADE_OUT, NEXT, DONE};
  const uint32_t takes[] = {LOOP, 3, CALL(2, 0), 1, 25, CORE_PROGRAM_CASCADE_IN, 0x40, NEXT, DONE};
  lead(a, C, R, TO_EAST);
  lead(a, C + 1, R, FROM_WEST);
  START(a, C, R, sends);
  START(a, C + 1, R, takes);
  aie_advance(a, 1000);
  CHECK_EQ(word(a, C + 1, R, 16), 123);
  CHECK_EQ(done_at(a, C + 1, R), 75); // three calls of 25: the sender is faster
  CHECK_EQ(done_at(a, C, R), 50);     // the third is taken when the receiver's third begins
  close_array(a);
}

// A chain: the core in the middle receives and sends in one call.
static void chain(void) {
  struct aie_array *a = open_bound();
  const uint32_t middle[] = {CALL(2, 0), 1, 20, CORE_PROGRAM_CASCADE_IN, CORE_PROGRAM_CASCADE_OUT,
                             DONE};
  lead(a, C, R + 1, TO_SOUTH);
  lead(a, C, R, FROM_NORTH | TO_EAST);
  lead(a, C + 1, R, FROM_WEST);
  START(a, C, R + 1, sender);
  START(a, C, R, middle);
  START(a, C + 1, R, receiver);
  aie_advance(a, 1000);
  CHECK_EQ(word(a, C + 1, R, 16), 1);
  CHECK_EQ(done_at(a, C, R), 100 + HOP);
  CHECK_EQ(done_at(a, C + 1, R), 100 + 2 * HOP);
  close_array(a);
}

// The neighbour takes from another side.
static void nowhere(void) {
  struct aie_array *a = open_bound();
  lead(a, C, R, TO_EAST);
  lead(a, C + 1, R, FROM_NORTH);
  START(a, C, R, sender);
  aie_advance(a, 1000);
  CHECK_ERROR(a, AIE_ERROR_CORE_PROGRAM, "sends over a cascade that no neighbour takes from");
  close_array(a);
}

// Nobody sends: who waits is told. A reset forgets what has come.
static void stuck(void) {
  struct aie_array *a = open_bound();
  char text[256];
  lead(a, C + 1, R, FROM_WEST);
  START(a, C + 1, R, receiver);
  CHECK_EQ(aie_run_until_idle(a, 1000), AIE_OK);
  CHECK_EQ(aie_explain_waits(a, text, sizeof text), 1);
  CHECK(strstr(text, "core (2,3) at program word 1 waits for its cascade's block"));
  CHECK_EQ(write_at(a, C + 1, R, AIEML_CORE_CORE_CONTROL, 2), AIE_OK);
  CHECK_EQ(aie_explain_waits(a, text, sizeof text), 0);
  CHECK_EQ(read_at(a, C + 1, R, AIEML_CORE_ACCUMULATOR_CONTROL), FROM_WEST);
  close_array(a);
}

MAIN(RUN(receiver_waits); RUN(sender_waits); RUN(in_order); RUN(chain); RUN(nowhere); RUN(stuck))
