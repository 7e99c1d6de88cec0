// Circuit-switched routes: where a stream goes, and every way in which it can lead nowhere.
#include "test.h"

enum { C = 1, MEM = 1 };

static void expect_arrival(struct aie_array *a, uint32_t column, uint32_t row, uint32_t channel) {
  CHECK_EQ(aie_run_until_token(a, column, row, AIE_S2MM, channel, 10000), AIE_OK);
}

// Core (1,2) east to (2,2), north to (2,3), west to (1,3).
static void around_a_corner(void) {
  struct aie_array *a = open_array("npu1");
  fill(a, 1, 2, 0, 8, 40);
  connect(a, 1, 2, AIEML_PORT_DMA, 1, AIEML_PORT_EAST, 3);
  connect(a, 2, 2, AIEML_PORT_WEST, 3, AIEML_PORT_NORTH, 5);
  connect(a, 2, 3, AIEML_PORT_SOUTH, 5, AIEML_PORT_WEST, 0);
  connect(a, 1, 3, AIEML_PORT_EAST, 0, AIEML_PORT_DMA, 0);
  set_bd(a, 1, 2, 0, (struct bd){.length = 8});
  set_bd(a, 1, 3, 0, (struct bd){.base = 100, .length = 8});
  push(a, 1, 3, AIE_S2MM, 0, 0, 1, 1);
  push(a, 1, 2, AIE_MM2S, 1, 0, 1, 0);
  expect_arrival(a, 1, 3, 0);
  for (uint32_t i = 0; i < 8; ++i)
    CHECK_EQ(word(a, 1, 3, 100 + i), 40 + i);
  close_array(a);
}

// DDR -> shim South 3 -> memtile; memtile -> shim South 2 -> DDR.
static void through_the_shim(void) {
  static uint32_t ddr[32];
  for (uint32_t i = 0; i < 16; ++i)
    ddr[i] = 7 * i;
  struct aie_array *a = open_array("npu1");
  CHECK_EQ(aie_ddr_map(a, 0x1000, ddr, sizeof ddr, 1), AIE_OK);
  connect_shim(a, C);
  connect(a, C, 0, AIEML_PORT_SOUTH, 7, AIEML_PORT_NORTH, 4);
  connect(a, C, MEM, AIEML_PORT_SOUTH, 4, AIEML_PORT_DMA, 5);
  connect(a, C, MEM, AIEML_PORT_DMA, 2, AIEML_PORT_SOUTH, 0);
  connect(a, C, 0, AIEML_PORT_NORTH, 0, AIEML_PORT_SOUTH, 3);
  set_bd(a, C, 0, 0, (struct bd){.ddr = 0x1000, .length = 16});
  set_bd(a, C, 0, 1, (struct bd){.ddr = 0x1000 + 64, .length = 16});
  set_bd(a, C, MEM, 30,
         (struct bd){.base = 0x20000, .length = 16, .release = 1 + 64, .release_value = 1});
  set_bd(a, C, MEM, 2,
         (struct bd){.base = 0x20000, .length = 16, .acquire = 1 + 64, .acquire_value = -1});
  push(a, C, MEM, AIE_S2MM, 5, 30, 1, 0);
  push(a, C, MEM, AIE_MM2S, 2, 2, 1, 0);
  push(a, C, 0, AIE_S2MM, 1, 1, 1, 1);
  push(a, C, 0, AIE_MM2S, 1, 0, 1, 0);
  expect_arrival(a, C, 0, 1);
  CHECK_EQ(memcmp(ddr, ddr + 16, 64), 0);
  struct aie_ddr_counters counters;
  aie_ddr_counters(a, &counters);
  CHECK_EQ(counters.read_bytes, 64);
  CHECK_EQ(counters.write_bytes, 64);
  close_array(a);
}

static struct aie_array *sender(void) {
  struct aie_array *a = open_array("npu1");
  set_bd(a, 1, 2, 0, (struct bd){.length = 8});
  return a;
}

static void expect_fault(struct aie_array *a, enum aie_error_code code, const char *part) {
  push(a, 1, 2, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_idle(a, 10000), AIE_FAULT);
  CHECK_ERROR(a, code, part);
  CHECK_ERROR(a, code, "the stream of MM2S 0 of core (1,2)");
  close_array(a);
}

static void slave_not_enabled(void) {
  expect_fault(sender(), AIE_ERROR_ROUTE, "slave port DMA 0, which is not enabled");
}

static void nobody_listens(void) {
  struct aie_array *a = sender();
  write_at(a, 1, 2, AIEML_CORE_SWITCH_SLAVE + 4 * AIEML_CORE_SLAVE_PORT_DMA, 1u << 31);
  expect_fault(a, AIE_ERROR_ROUTE, "to which no master port listens");
}

static void neighbour_not_enabled(void) {
  struct aie_array *a = sender();
  connect(a, 1, 2, AIEML_PORT_DMA, 0, AIEML_PORT_NORTH, 2);
  expect_fault(a, AIE_ERROR_ROUTE,
               "core (1,3): the stream of MM2S 0 of core (1,2) ends at slave "
               "port South 2, which is not enabled");
}

static void past_the_edge(void) {
  struct aie_array *a = open_array("npu1");
  set_bd(a, 0, 2, 0, (struct bd){.length = 8});
  connect(a, 0, 2, AIEML_PORT_DMA, 0, AIEML_PORT_WEST, 0);
  push(a, 0, 2, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_idle(a, 10000), AIE_FAULT);
  CHECK_ERROR(a, AIE_ERROR_ROUTE, "leaves through West 0, which leads nowhere");
  close_array(a);
}

static void to_the_fabric(void) {
  struct aie_array *a = sender();
  connect(a, 1, 2, AIEML_PORT_DMA, 0, AIEML_PORT_SOUTH, 1);
  connect(a, 1, 1, AIEML_PORT_NORTH, 1, AIEML_PORT_SOUTH, 1);
  connect(a, 1, 0, AIEML_PORT_NORTH, 1, AIEML_PORT_SOUTH, 2);
  expect_fault(a, AIE_ERROR_ROUTE, "leaves the array at South 2");
}

static void to_the_core(void) {
  struct aie_array *a = sender();
  connect(a, 1, 2, AIEML_PORT_DMA, 0, AIEML_PORT_CORE, 0);
  expect_fault(a, AIE_ERROR_UNMODELLED, "goes to Core 0: not modelled");
}

// A memtile's switch leads South i to North i only (aie-rt xaie_ss_aieml.c).
static void not_connectable(void) {
  struct aie_array *a = sender();
  connect(a, 1, 2, AIEML_PORT_DMA, 0, AIEML_PORT_SOUTH, 1);
  connect(a, 1, 1, AIEML_PORT_NORTH, 1, AIEML_PORT_SOUTH, 2);
  expect_fault(a, AIE_ERROR_ROUTE, "from North 1 to South 2, which this switch cannot connect");
}

static void packet_mode(void) {
  struct aie_array *a = sender();
  connect(a, 1, 2, AIEML_PORT_DMA, 0, AIEML_PORT_DMA, 0);
  write_at(a, 1, 2, AIEML_CORE_SWITCH_SLAVE + 4 * AIEML_CORE_SLAVE_PORT_DMA, 3u << 30);
  expect_fault(a, AIE_ERROR_ROUTE, "in packet mode: not modelled");
}

static void shim_without_mux(void) {
  struct aie_array *a = open_array("npu1");
  set_bd(a, C, 0, 0, (struct bd){.ddr = 0, .length = 8});
  connect(a, C, 0, AIEML_PORT_SOUTH, 3, AIEML_PORT_NORTH, 0);
  push(a, C, 0, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_idle(a, 10000), AIE_FAULT);
  CHECK_ERROR(a, AIE_ERROR_ROUTE, "MUX_CONFIG does not lead the DMA to South 3");
  close_array(a);
}

// A new route takes over once the old stream is done.
static void new_route(void) {
  struct aie_array *a = sender();
  fill(a, 1, 2, 0, 8, 3);
  for (uint32_t row = 3; row <= 4; ++row) {
    connect(a, 1, 2, AIEML_PORT_DMA, 0, AIEML_PORT_NORTH, 0);
    if (row == 4)
      connect(a, 1, 3, AIEML_PORT_SOUTH, 0, AIEML_PORT_NORTH, 0);
    connect(a, 1, row, AIEML_PORT_SOUTH, 0, AIEML_PORT_DMA, 0);
    if (row == 4) // (1,3) no longer listens
      write_at(a, 1, 3, AIEML_CORE_SWITCH_MASTER + 4 * AIEML_CORE_MASTER_PORT_DMA, 0);
    set_bd(a, 1, row, 0, (struct bd){.length = 8});
    push(a, 1, row, AIE_S2MM, 0, 0, 1, 1);
    push(a, 1, 2, AIE_MM2S, 0, 0, 1, 0);
    expect_arrival(a, 1, row, 0);
    CHECK_EQ(word(a, 1, row, 7), 10);
  }
  close_array(a);
}

// A receiver is led to another stream while data of the first one is on its way: an error, not a
// mixture.
static void stolen_receiver(void) {
  struct aie_array *a = sender();
  connect(a, 1, 2, AIEML_PORT_DMA, 0, AIEML_PORT_NORTH, 0);
  connect(a, 1, 3, AIEML_PORT_SOUTH, 0, AIEML_PORT_DMA, 0);
  set_bd(a, 1, 2, 0, (struct bd){.length = 1000});
  set_bd(a, 1, 3, 0, (struct bd){.length = 1000});
  set_bd(a, 1, 3, 1, (struct bd){.length = 4});
  push(a, 1, 3, AIE_S2MM, 0, 0, 1, 0);
  push(a, 1, 2, AIE_MM2S, 0, 0, 1, 0);
  aie_advance(a, 500);
  connect_loop(a, 1, 3);
  push(a, 1, 3, AIE_MM2S, 0, 1, 1, 0);
  CHECK_EQ(aie_run_until_idle(a, 10000), AIE_FAULT);
  CHECK_ERROR(a, AIE_ERROR_ROUTE, "was led to S2MM 0 of core (1,3) while data of another stream");
  close_array(a);
}

MAIN(RUN(around_a_corner); RUN(through_the_shim); RUN(slave_not_enabled); RUN(nobody_listens);
     RUN(neighbour_not_enabled); RUN(past_the_edge); RUN(to_the_fabric); RUN(to_the_core);
     RUN(not_connectable); RUN(packet_mode); RUN(shim_without_mux); RUN(new_route);
     RUN(stolen_receiver))
