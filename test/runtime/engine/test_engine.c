/* Playing: which RHAL calls each instruction makes, in which order, and what a failing call leaves
 * behind. */
#include "adfc/crc32.h"
#include "adfc/engine.h"
#include "adfc/rhal.h"
#include "adfc/spec/core_program.h"
#include "adfc/spec/devices.h"
#include "check.h"
#include "mock_rhal.h"

#define OP(name, length) RCB_WORD0((uint32_t)RCB_OP_##name, (uint32_t)(length))
#define CORE(offset) AIEML_ADDRESS(2, 3, offset)
#define SHIM(offset) AIEML_ADDRESS(2, 0, offset)
#define BD (SHIM(AIEML_SHIM_DMA_BD + 4))
#define STATUS CORE(AIEML_CORE_CORE_STATUS)

static const uint32_t core_programs[] = {0, CORE_PROGRAM_HEADER(2u), CORE_OP_DONE};

static uint32_t program[] = {
    RCB_MAGIC,
    RCB_VERSION,
    0,
    0,
    14,
    4,
    300,
    0,
    OP(NOP, 1),
    OP(PHASE, 2),
    4,
    OP(CACHE_SYNC, 3),
    RCB_BUFFER_INPUT,
    RCB_DIRECTION_MM2S,
    OP(WRITE32, 3),
    CORE(0x20),
    11,
    OP(MASK_WRITE32, 4),
    CORE(AIEML_CORE_CORE_CONTROL),
    3,
    1,
    OP(BLOCK_WRITE, 5),
    CORE(0x40),
    21,
    22,
    23,
    OP(BLOCK_SET, 4),
    CORE(0x80),
    5,
    31,
    OP(BIND_BUFFER, 5),
    BD,
    RCB_BUFFER_ARENA,
    0x100,
    0,
    OP(LOAD_CORE, 4),
    RCB_TILE(2, 3),
    4,
    2,
    OP(BARRIER, 1),
    OP(MASK_POLL, 5),
    STATUS,
    0x100000,
    0x100000,
    100,
    OP(WAIT_TASK, 5),
    RCB_TILE(2, 0),
    RCB_DIRECTION_S2MM,
    1,
    200,
    OP(TIMESTAMP, 2),
    9,
    OP(END, 1),
};

static const struct mock_call expected[] = {
    {"phase", {4, 0, 0, 0}},
    {"cache_sync", {RCB_BUFFER_INPUT, RCB_DIRECTION_MM2S, 0, 0}},
    {"write32", {CORE(0x20), 11, 0, 0}},
    {"mask_write32", {CORE(AIEML_CORE_CORE_CONTROL), 3, 1, 0}},
    {"block_write", {CORE(0x40), 21, 23, 3}},
    {"block_set", {CORE(0x80), 31, 5, 0}},
    {"buffer_address", {RCB_BUFFER_ARENA, 0, 0, 0}},
    {"write32", {BD, 0x20000100, 0, 0}}, /* the mock's buffer 2 is at 0x1234_2000_0000 */
    {"mask_write32", {BD + 4, 0xffff, 0x1234, 0}},
    {"load_core", {RCB_TILE(2, 3), CORE_PROGRAM_HEADER(2u), CORE_OP_DONE, 2}},
    {"barrier", {0, 0, 0, 0}},
    {"poll", {STATUS, 0x100000, 0x100000, 100}},
    {"wait_task", {RCB_TILE(2, 0), RCB_DIRECTION_S2MM, 1, 200}},
    {"timestamp", {9, 0, 0, 0}},
};
#define CALLS (sizeof expected / sizeof *expected)

static struct engine_image image;

static void prepare(void) {
  uint32_t words = sizeof program / 4;
  struct engine_fault fault;
  program[RCB_HEADER_TOTAL_WORDS] = words;
  program[RCB_HEADER_DEVICE] = adfc_device_find("ve2802")->ordinal;
  program[RCB_HEADER_BODY_CRC32] =
      adfc_crc32(0, program + RCB_HEADER_WORDS, 4 * (size_t)(words - RCB_HEADER_WORDS));
  image = (struct engine_image){
      .device = adfc_device_find("ve2802"),
      .program = program,
      .program_words = words,
      .core_programs = core_programs,
      .core_program_words = 3,
      .buffer_bytes = {64, 64, 4096, 64},
  };
  mock_reset();
  CHECK_EQ(engine_verify(&image, &fault), ENGINE_OK);
}

static void each_instruction_makes_its_calls(void) {
  struct engine_result result;
  prepare();
  CHECK_EQ(engine_run(&image, &result), ENGINE_OK);
  CHECK_EQ(result.instructions, 14);
  CHECK_EQ(mock_count, CALLS);
  for (unsigned i = 0; i < CALLS; ++i) {
    CHECK(strcmp(mock_calls[i].name, expected[i].name) == 0);
    CHECK(memcmp(mock_calls[i].arguments, expected[i].arguments, sizeof expected[i].arguments) ==
          0);
  }
}

static void a_program_must_be_verified_first(void) {
  struct engine_result result;
  prepare();
  image.verified = 0;
  CHECK_EQ(engine_run(&image, &result), ENGINE_NOT_VERIFIED);
  CHECK_EQ(mock_count, 0);
}

/* Calls that return a status stop the program there and then; timestamp and phase have none. */
static void every_failure_stops_the_program(void) {
  for (unsigned i = 0; i < CALLS; ++i) {
    struct engine_result result;
    int has_status = strcmp(expected[i].name, "phase") && strcmp(expected[i].name, "timestamp");
    prepare();
    mock_fail_at = i;
    mock_failure = RHAL_BAD_ADDRESS;
    CHECK_EQ(engine_run(&image, &result), has_status ? ENGINE_RHAL : ENGINE_OK);
    CHECK_EQ(mock_count, has_status ? i + 1 : CALLS);
    CHECK_EQ(result.fault.rhal, has_status ? RHAL_BAD_ADDRESS : RHAL_OK);
  }
}

static void a_poll_that_times_out_leaves_a_record(void) {
  struct engine_result result;
  char text[256];
  prepare();
  mock_fail_at = 11;
  mock_failure = RHAL_TIMEOUT;
  mock_seen = 0x41;
  CHECK_EQ(engine_run(&image, &result), ENGINE_RHAL);
  CHECK_EQ(result.fault.rhal, RHAL_TIMEOUT);
  CHECK_EQ(result.fault.pc, 40);
  CHECK_EQ(result.fault.opcode, RCB_OP_MASK_POLL);
  CHECK_EQ(result.fault.phase, 4);
  CHECK_EQ(result.fault.tile, RCB_TILE(2, 3));
  CHECK_EQ(result.fault.reg, AIEML_CORE_CORE_STATUS);
  CHECK_EQ(result.fault.expected, 0x100000);
  CHECK_EQ(result.fault.seen, 0x41);
  engine_fault_text(&result.fault, text, sizeof text);
  CHECK_CONTAINS(text, "the wait reached its bound at word 40 (MASK_POLL tile 2,3 register 0x32004)"
                       " in phase 4: expected 0x100000, seen 0x41");
}

/* The load program is played by engine_load() alone, and its faults say so. */
static void a_load_program_is_played_by_itself(void) {
  static uint32_t load[] = {
      RCB_MAGIC,
      RCB_VERSION,
      RCB_HEADER_WORDS + 3,
      0,
      2,
      0,
      0,
      0, /* header */
      RCB_WORD0(RCB_OP_PHASE, 2u),
      9,
      RCB_WORD0(RCB_OP_END, 1u),
  };
  struct engine_result result;
  struct engine_fault fault;
  char text[256];
  prepare();
  CHECK_EQ(engine_load(&image, &result), ENGINE_OK); /* there is none */
  CHECK_EQ(result.instructions + mock_count, 0);
  load[RCB_HEADER_DEVICE] = image.device->ordinal;
  load[RCB_HEADER_BODY_CRC32] = adfc_crc32(0, load + RCB_HEADER_WORDS, 12);
  image.load = load;
  image.load_words = RCB_HEADER_WORDS + 3;
  CHECK_EQ(engine_verify(&image, &fault), ENGINE_OK);
  CHECK_EQ(engine_load(&image, &result), ENGINE_OK);
  CHECK_EQ(result.instructions, 2);
  CHECK_EQ(mock_count, 1);
  CHECK_EQ(mock_calls[0].arguments[0], 9);
  CHECK_EQ(engine_run(&image, &result), ENGINE_OK);
  CHECK_EQ(mock_count, 1 + CALLS);
  load[RCB_HEADER_WORDS + 1] ^= 1; /* damaged: neither is played */
  CHECK_EQ(engine_verify(&image, &fault), ENGINE_BAD_CRC);
  CHECK_EQ(fault.load, 1);
  engine_fault_text(&fault, text, sizeof text);
  CHECK_EQ(engine_run(&image, &result), ENGINE_NOT_VERIFIED);
  CHECK_EQ(engine_load(&image, &result), ENGINE_NOT_VERIFIED);
  CHECK_EQ(mock_count, 1 + CALLS);
  image.load_words = 0; /* an empty section is no program */
  CHECK_EQ(engine_verify(&image, &fault), ENGINE_BAD_HEADER);
}

static void a_deadlock_names_the_channel_waited_for(void) {
  struct engine_result result;
  char text[256];
  prepare();
  mock_fail_at = 12;
  mock_failure = RHAL_DEADLOCK;
  CHECK_EQ(engine_run(&image, &result), ENGINE_RHAL);
  CHECK_EQ(result.fault.tile, RCB_TILE(2, 0));
  engine_fault_text(&result.fault, text, sizeof text);
  CHECK_CONTAINS(text, "deadlock");
  CHECK_CONTAINS(text, "(WAIT_TASK tile 2,0) in phase 4");
}

int main(void) {
  RUN(each_instruction_makes_its_calls);
  RUN(a_program_must_be_verified_first);
  RUN(every_failure_stops_the_program);
  RUN(a_poll_that_times_out_leaves_a_record);
  RUN(a_load_program_is_played_by_itself);
  RUN(a_deadlock_names_the_channel_waited_for);
  return check_report();
}
