// Address generation: what each kind of DMA reads and writes for a buffer descriptor (AM025 field
// descriptions).
#include "test.h"

enum { C = 1, MEM = 1, CORE = 2 };
static uint32_t ddr[4096];

// Sends `bd` of a core's memory, which holds word i = 1000 + i, to words 8192 on of the same tile.
static struct aie_array *send_in_core(struct bd bd, uint32_t times) {
  struct aie_array *a = open_array("npu1");
  fill(a, C, CORE, 0, 4096, 1000);
  connect_loop(a, C, CORE);
  set_bd(a, C, CORE, 0, bd);
  set_bd(a, C, CORE, 1, (struct bd){.base = 8192, .length = bd.length * times});
  CHECK_EQ(push(a, C, CORE, AIE_S2MM, 0, 1, 1, 1), AIE_OK);
  CHECK_EQ(push(a, C, CORE, AIE_MM2S, 0, 0, times, 0), AIE_OK);
  CHECK_EQ(aie_run_until_token(a, C, CORE, AIE_S2MM, 0, 100000), AIE_OK);
  return a;
}

static void core_one_dimension(void) {
  struct aie_array *a = send_in_core((struct bd){.base = 100, .length = 300}, 1);
  for (uint32_t i = 0; i < 300; ++i)
    CHECK_EQ(word(a, C, CORE, 8192 + i), 1100 + i);
  CHECK_EQ(word(a, C, CORE, 8192 + 300), 0);
  close_array(a);
}

static void core_stride(void) {
  struct aie_array *a = send_in_core((struct bd){.length = 50, .step = {7}}, 1);
  for (uint32_t i = 0; i < 50; ++i)
    CHECK_EQ(word(a, C, CORE, 8192 + i), 1000 + 7 * i);
  close_array(a);
}

// wrap: words of D0, then lines of D1, then D2 without end.
static void core_three_dimensions(void) {
  struct aie_array *a = send_in_core(
      (struct bd){.base = 5, .length = 2 * 3 * 4, .wrap = {4, 3}, .step = {2, 20, 500}}, 1);
  uint32_t at = 8192;
  for (uint32_t d2 = 0; d2 < 2; ++d2)
    for (uint32_t d1 = 0; d1 < 3; ++d1)
      for (uint32_t d0 = 0; d0 < 4; ++d0)
        CHECK_EQ(word(a, C, CORE, at++), 1005 + 2 * d0 + 20 * d1 + 500 * d2);
  close_array(a);
}

// A length that ends within a line.
static void core_partial_line(void) {
  struct aie_array *a = send_in_core((struct bd){.length = 10, .wrap = {4}, .step = {1, 16}}, 1);
  static const uint32_t expected[10] = {0, 1, 2, 3, 16, 17, 18, 19, 32, 33};
  for (uint32_t i = 0; i < 10; ++i)
    CHECK_EQ(word(a, C, CORE, 8192 + i), 1000 + expected[i]);
  close_array(a);
}

// The iteration's offset is added for each execution and wraps: 0, 100, 200, 0, 100.
static void core_iteration(void) {
  struct aie_array *a =
      send_in_core((struct bd){.length = 4, .iteration_wrap = 3, .iteration_step = 100}, 5);
  static const uint32_t expected[5] = {0, 100, 200, 0, 100};
  for (uint32_t i = 0; i < 20; ++i)
    CHECK_EQ(word(a, C, CORE, 8192 + i), 1000 + expected[i / 4] + i % 4);
  // Five executions later the current iteration is 5 mod 3.
  uint32_t bd_word = read_at(a, C, CORE, AIEML_CORE_DMA_BD + 4 * 4);
  CHECK_EQ(AIEML_FIELD_GET(bd_word, AIEML_CORE_DMA_BD_ITERATION_CURRENT), 2);
  close_array(a);
}

// The receiving side scatters: the transpose of a 3 x 5 matrix.
static void core_scatter(void) {
  struct aie_array *a = open_array("npu1");
  fill(a, C, CORE, 0, 15, 1000);
  connect_loop(a, C, CORE);
  set_bd(a, C, CORE, 0, (struct bd){.length = 15});
  set_bd(a, C, CORE, 1, (struct bd){.base = 4096, .length = 15, .wrap = {5}, .step = {3, 1}});
  push(a, C, CORE, AIE_S2MM, 0, 1, 1, 1);
  push(a, C, CORE, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_token(a, C, CORE, AIE_S2MM, 0, 10000), AIE_OK);
  for (uint32_t row = 0; row < 3; ++row)
    for (uint32_t column = 0; column < 5; ++column)
      CHECK_EQ(word(a, C, CORE, 4096 + 3 * column + row), 1000 + 5 * row + column);
  close_array(a);
}

// Sends `bd` of a memtile, which holds word i = 1000 + i, to words 65536 on of the same memtile
// (own window).
static struct aie_array *send_in_mem(struct bd bd) {
  struct aie_array *a = open_array("npu1");
  fill(a, C, MEM, 0, 8192, 1000);
  connect_loop(a, C, MEM);
  bd.base += 0x20000;
  set_bd(a, C, MEM, 0, bd);
  set_bd(a, C, MEM, 1, (struct bd){.base = 0x20000 + 65536, .length = bd.length});
  CHECK_EQ(push(a, C, MEM, AIE_S2MM, 0, 1, 1, 1), AIE_OK);
  CHECK_EQ(push(a, C, MEM, AIE_MM2S, 0, 0, 1, 0), AIE_OK);
  CHECK_EQ(aie_run_until_token(a, C, MEM, AIE_S2MM, 0, 100000), AIE_OK);
  return a;
}

static void mem_four_dimensions(void) {
  struct aie_array *a = send_in_mem((struct bd){
      .base = 3, .length = 3 * 2 * 4 * 5, .wrap = {5, 4, 2}, .step = {1, 8, 100, 1000}});
  uint32_t at = 65536;
  for (uint32_t d3 = 0; d3 < 3; ++d3)
    for (uint32_t d2 = 0; d2 < 2; ++d2)
      for (uint32_t d1 = 0; d1 < 4; ++d1)
        for (uint32_t d0 = 0; d0 < 5; ++d0)
          CHECK_EQ(word(a, C, MEM, at++), 1003 + d0 + 8 * d1 + 100 * d2 + 1000 * d3);
  close_array(a);
}

// Zeros before and after in three dimensions; the length counts them. "Add this many zero wraps of
// dim0 before dim1" (AM025): a padded line is as long as a line with its own padding.
static void mem_padding(void) {
  enum { L0 = 1 + 2 + 3, L1 = 2 + 3 + 1, L2 = 1 + 2 + 2 };
  struct aie_array *a = send_in_mem((struct bd){.length = L0 * L1 * L2,
                                                .wrap = {2, 3, 2},
                                                .step = {1, 10, 100, 1},
                                                .before = {1, 2, 1},
                                                .after = {3, 1, 2}});
  uint32_t at = 65536;
  for (int d2 = -1; d2 < 4; ++d2)
    for (int d1 = -2; d1 < 4; ++d1)
      for (int d0 = -1; d0 < 5; ++d0) {
        int inside = d0 >= 0 && d0 < 2 && d1 >= 0 && d1 < 3 && d2 >= 0 && d2 < 2;
        CHECK_EQ(word(a, C, MEM, at++), inside ? 1000 + d0 + 10 * d1 + 100 * d2 : 0);
      }
  close_array(a);
}

// D3 goes on after the padded D2: two images, each with a border of one pixel left and right, of 2
// words a pixel.
static void mem_padding_with_chunks(void) {
  struct aie_array *a = send_in_mem((struct bd){.length = 2 * 3 * 5 * 2,
                                                .wrap = {2, 3, 3},
                                                .step = {1, 4, 40, 2},
                                                .before = {0, 1, 0},
                                                .after = {0, 1, 0}});
  uint32_t at = 65536;
  for (int d3 = 0; d3 < 2; ++d3)
    for (int d2 = 0; d2 < 3; ++d2)
      for (int d1 = -1; d1 < 4; ++d1)
        for (int d0 = 0; d0 < 2; ++d0) {
          int inside = d1 >= 0 && d1 < 3;
          CHECK_EQ(word(a, C, MEM, at++), inside ? 1000 + d0 + 4 * d1 + 40 * d2 + 2 * d3 : 0);
        }
  close_array(a);
}

// Channels 0 to 3 reach the neighbours: word addresses below 0x20000 are the western memtile.
static void mem_neighbours(void) {
  struct aie_array *a = open_array("npu1");
  fill(a, 0, MEM, 0x80000 - 8, 2, 70);
  fill(a, 1, MEM, 0, 2, 80);
  connect(a, 1, MEM, AIEML_PORT_DMA, 2, AIEML_PORT_DMA, 2);
  set_bd(a, 1, MEM, 0, (struct bd){.base = 0x20000 - 2, .length = 4});
  set_bd(a, 1, MEM, 2, (struct bd){.base = 0x40000 + 7, .length = 4});
  push(a, 1, MEM, AIE_S2MM, 2, 2, 1, 1);
  push(a, 1, MEM, AIE_MM2S, 2, 0, 1, 0);
  CHECK_EQ(aie_run_until_token(a, 1, MEM, AIE_S2MM, 2, 10000), AIE_OK);
  CHECK_EQ(word(a, 2, MEM, 7), 70);
  CHECK_EQ(word(a, 2, MEM, 8), 71);
  CHECK_EQ(word(a, 2, MEM, 9), 80);
  CHECK_EQ(word(a, 2, MEM, 10), 81);
  close_array(a);
}

// DDR -> shim MM2S -> memtile, three dimensions and iteration; the base is a 48-bit byte address.
static void shim_three_dimensions(void) {
  const uint64_t base = 0x123400000000ull;
  struct aie_array *a = open_array("npu1");
  for (uint32_t i = 0; i < 4096; ++i)
    ddr[i] = 5000 + i;
  CHECK_EQ(aie_ddr_map(a, base, ddr, sizeof ddr, 0), AIE_OK);
  connect_shim(a, C);
  connect(a, C, 0, AIEML_PORT_SOUTH, 3, AIEML_PORT_NORTH, 1);
  connect(a, C, MEM, AIEML_PORT_SOUTH, 1, AIEML_PORT_DMA, 0);
  set_bd(a, C, 0, 4,
         (struct bd){.ddr = base + 40,
                     .length = 2 * 3 * 4,
                     .wrap = {4, 3},
                     .step = {1, 64, 1024},
                     .iteration_wrap = 2,
                     .iteration_step = 8});
  set_bd(a, C, MEM, 0, (struct bd){.base = 0x20000, .length = 48});
  push(a, C, MEM, AIE_S2MM, 0, 0, 1, 1);
  push(a, C, 0, AIE_MM2S, 0, 4, 2, 0);
  CHECK_EQ(aie_run_until_token(a, C, MEM, AIE_S2MM, 0, 100000), AIE_OK);
  uint32_t at = 0;
  for (uint32_t i = 0; i < 2; ++i)
    for (uint32_t d2 = 0; d2 < 2; ++d2)
      for (uint32_t d1 = 0; d1 < 3; ++d1)
        for (uint32_t d0 = 0; d0 < 4; ++d0)
          CHECK_EQ(word(a, C, MEM, at++), 5010 + d0 + 64 * d1 + 1024 * d2 + 8 * i);
  close_array(a);
}

static void fails(uint32_t row, uint32_t channel, struct bd bd, uint32_t id,
                  enum aie_error_code code, const char *part) {
  struct aie_array *a = open_array("npu1");
  connect(a, C, row, AIEML_PORT_DMA, channel, AIEML_PORT_DMA, channel);
  set_bd(a, C, row, id, bd);
  bd = (struct bd){.base = row == MEM ? 0x20000 : 0, .length = bd.length ? bd.length : 1};
  set_bd(a, C, row, id + 1, bd);
  push(a, C, row, AIE_S2MM, channel, id + 1, 1, 0);
  push(a, C, row, AIE_MM2S, channel, id, 1, 0);
  CHECK_EQ(aie_run_until_idle(a, 1000000), AIE_FAULT);
  CHECK_ERROR(a, code, part);
  CHECK_EQ(aie_error(a)->column, C);
  CHECK_EQ(aie_error(a)->row, row);
  close_array(a);
}

static void refusals(void) {
  fails(CORE, 0, (struct bd){.base = 16380, .length = 5}, 0, AIE_ERROR_ADDRESS,
        "past the end of the data memory");
  fails(CORE, 0, (struct bd){.length = 5, .step = {4096}}, 0, AIE_ERROR_ADDRESS, "0x10000");
  fails(CORE, 0, (struct bd){.length = 0}, 0, AIE_ERROR_BD, "0 words");
  fails(CORE, 0, (struct bd){.length = 4, .invalid = 1}, 0, AIE_ERROR_BD, "not valid");
  fails(MEM, 0, (struct bd){.base = 0x20000, .length = 4}, 30, AIE_ERROR_BD, "even channels");
  fails(MEM, 1, (struct bd){.base = 0x20000, .length = 4}, 3, AIE_ERROR_BD, "odd ones");
  fails(MEM, 4, (struct bd){.base = 0, .length = 4}, 0, AIE_ERROR_ADDRESS,
        "channels 4 and 5 do not reach");
  fails(MEM, 0, (struct bd){.base = 0x60000, .length = 4}, 0, AIE_ERROR_ADDRESS,
        "beyond the eastern");
  fails(MEM, 0, (struct bd){.base = 0x20000, .length = 8, .after = {1}}, 0, AIE_ERROR_BD,
        "does not wrap");
  fails(MEM, 0, (struct bd){.base = 0x20000, .length = 8, .before = {0, 1}}, 0, AIE_ERROR_BD,
        "outside of a dimension that does not wrap");
}

MAIN(RUN(core_one_dimension); RUN(core_stride); RUN(core_three_dimensions); RUN(core_partial_line);
     RUN(core_iteration); RUN(core_scatter); RUN(mem_four_dimensions); RUN(mem_padding);
     RUN(mem_padding_with_chunks); RUN(mem_neighbours); RUN(shim_three_dimensions); RUN(refusals))
