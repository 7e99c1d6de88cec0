// What is said when nothing can move any more: who waits for what.
#include "test.h"

static char text[2000];

static void expect_line(const char *line) {
  if (!strstr(text, line)) {
    printf("\"%s\" is not in:\n%s", line, text);
    ++failures;
  }
}

static void cores_and_channels(void) {
  struct aie_array *a = open_array("npu1");
  const uint32_t program[] = {CORE_WORD0(CORE_OP_ACQUIRE, 2u, 0xffffu),
                              CORE_WORD0(CORE_OP_DONE, 0u, 0u)};
  run_core(a, 3, 4, program, 2);
  connect(a, 3, 3, AIEML_PORT_DMA, 0, AIEML_PORT_NORTH, 0);
  connect(a, 3, 4, AIEML_PORT_SOUTH, 0, AIEML_PORT_DMA, 1);
  set_bd(a, 3, 3, 7, (struct bd){.length = 10});
  set_bd(a, 3, 4, 0, (struct bd){.length = 10, .acquire = 1 + 6, .acquire_value = 3});
  push(a, 3, 3, AIE_MM2S, 0, 7, 1, 1);
  CHECK_EQ(aie_run_until_token(a, 3, 3, AIE_MM2S, 0, 1000), AIE_DEADLOCK);
  CHECK_EQ(aie_explain_waits(a, text, sizeof text), 2);
  expect_line(
      "core (3,4) at program word 1 waits for lock 2 of core (3,4) to be at least 1 (it is 0)\n");
  expect_line(
      "MM2S 0 of core (3,3) in BD 7, 10 words to go, waits for S2MM 1 of core (3,4) to take "
      "data, which has no task\n");
  push(a, 3, 4, AIE_S2MM, 1, 0, 1, 1);
  CHECK_EQ(aie_run_until_token(a, 3, 4, AIE_S2MM, 1, 1000), AIE_DEADLOCK);
  CHECK_EQ(aie_explain_waits(a, text, sizeof text), 3);
  expect_line("S2MM 1 of core (3,4) in BD 0 waits for lock 6 of core (3,4) to be 3 (it is 0)\n");
  expect_line("waits for S2MM 1 of core (3,4) to take data, which waits for a lock\n");
  close_array(a);
}

static void receivers(void) {
  struct aie_array *a = open_array("npu1");
  connect(a, 1, 2, AIEML_PORT_DMA, 0, AIEML_PORT_DMA, 0);
  set_bd(a, 1, 2, 0, (struct bd){.length = 4});
  set_bd(a, 1, 2, 1, (struct bd){.base = 64, .length = 10});
  push(a, 1, 2, AIE_S2MM, 1, 1, 1, 1);
  push(a, 1, 2, AIE_S2MM, 0, 1, 1, 1);
  push(a, 1, 2, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_token(a, 1, 2, AIE_S2MM, 0, 1000), AIE_DEADLOCK);
  CHECK_EQ(aie_explain_waits(a, text, sizeof text), 2);
  expect_line("S2MM 0 of core (1,2) in BD 1, 6 words to go, waits for data from MM2S 0 of core "
              "(1,2), which has no task\n");
  expect_line("S2MM 1 of core (1,2) in BD 1, 10 words to go, waits for data; no stream has reached "
              "it yet\n");
  // Cut off at the buffer's end, always with NUL.
  char small[20];
  CHECK_EQ(aie_explain_waits(a, small, sizeof small), 2);
  CHECK_EQ(strlen(small), 19);
  close_array(a);
}

MAIN(RUN(cores_and_channels); RUN(receivers))
