// How fast the emulator itself is, kernels aside. Not a test: prints figures.
//
// The load is of the shape of a convolution layer: seven groups of four cores; each group gets
// padded tiles of activations from a memtile by multicast, computes (a kernel that does nothing),
// and sends its results back to the memtile in strided pieces.
#include "test.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum { GROUPS = 7, CORES = 4, TIMES = 512, WORDS = 16 * 18 * 9, OUT = 1024, MEM = 1, ROW = 2 };

static void nothing(uint8_t *const *buffers, const int32_t *immediates) {
  (void)buffers, (void)immediates;
}

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void set_up_core(struct aie_array *a, uint32_t column, uint32_t row) {
  const uint32_t program[] = {CORE_WORD0(CORE_OP_LOOP, 0u, 0u),
                              TIMES,
                              CORE_WORD0(CORE_OP_ACQUIRE, 1u, 0xffffu),
                              CORE_WORD0(CORE_OP_ACQUIRE, 2u, 0xffffu),
                              CORE_WORD0(CORE_OP_CALL, 0u, 0u),
                              0,
                              3000,
                              CORE_WORD0(CORE_OP_RELEASE, 0u, 1u),
                              CORE_WORD0(CORE_OP_RELEASE, 3u, 1u),
                              CORE_WORD0(CORE_OP_NEXT, 0u, 0u),
                              CORE_WORD0(CORE_OP_DONE, 0u, 0u)};
  set_lock(a, column, row, 0, 2);
  set_lock(a, column, row, 2, 2);
  set_bd(a, column, row, 0,
         (struct bd){.length = WORDS,
                     .acquire = 1,
                     .acquire_value = -1,
                     .release = 2,
                     .release_value = 1,
                     .iteration_wrap = 2,
                     .iteration_step = 4096});
  set_bd(a, column, row, 1,
         (struct bd){.base = 8192,
                     .length = OUT,
                     .acquire = 4,
                     .acquire_value = -1,
                     .release = 3,
                     .release_value = 1,
                     .iteration_wrap = 2,
                     .iteration_step = 2048});
  run_core(a, column, row, program, sizeof program / 4);
}

static void set_up_group(struct aie_array *a, uint32_t column) {
  connect(a, column, MEM, AIEML_PORT_DMA, 0, AIEML_PORT_NORTH, 0);
  set_bd(a, column, MEM, 0,
         (struct bd){.base = 0x20000,
                     .length = WORDS,
                     .wrap = {16, 16, 9},
                     .step = {1, 32, 1024, 16},
                     .before = {0, 1, 0},
                     .after = {0, 1, 0}});
  for (uint32_t i = 0; i < CORES; ++i) {
    uint32_t row = ROW + i;
    connect(a, column, row, AIEML_PORT_SOUTH, 0, AIEML_PORT_DMA, 0);
    if (i + 1 < CORES)
      connect(a, column, row, AIEML_PORT_SOUTH, 0, AIEML_PORT_NORTH, 0);
    connect(a, column, row, AIEML_PORT_DMA, 0, AIEML_PORT_SOUTH, i);
    for (uint32_t below = ROW; below < row; ++below)
      connect(a, column, below, AIEML_PORT_NORTH, i, AIEML_PORT_SOUTH, i);
    connect(a, column, MEM, AIEML_PORT_NORTH, i, AIEML_PORT_DMA, i);
    set_up_core(a, column, row);
    uint32_t bd = i % 2 ? 24 + i : 8 + i;
    set_bd(a, column, MEM, bd,
           (struct bd){.base = 0x20000 + 0x10000 + i * 4,
                       .length = OUT,
                       .wrap = {4, 16},
                       .step = {1, 16, 256}});
    for (uint32_t t = 0; t < TIMES; t += 256)
      push(a, column, row, AIE_MM2S, 0, 1, 256, 0), push(a, column, row, AIE_S2MM, 0, 0, 256, 0),
          push(a, column, MEM, AIE_S2MM, i, bd, 256, 1);
  }
  for (uint32_t t = 0; t < TIMES; t += 256)
    push(a, column, MEM, AIE_MM2S, 0, 0, 256, 0);
}

static void create(const char *name) {
  const struct adfc_device *device = adfc_device_find(name);
  double start = seconds();
  size_t bytes = aie_array_size(device);
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(aie_array_create(memory, bytes, device) != NULL);
  printf("%s: %zu bytes, created in %.2f ms\n", name, bytes, 1e3 * (seconds() - start));
  munmap(memory, bytes);
}

int failures;

int main(void) {
  static const aie_kernel_fn kernels[] = {nothing};
  create("ve2802");
  // Groups take the columns of two npu1-sized arrays in turn: the tests' helpers know one row of
  // memtiles.
  double total = 0;
  uint64_t words = 0;
  for (uint32_t done = 0; done < GROUPS; done += 4) {
    struct aie_array *a = open_array("npu1");
    aie_bind_kernels(a, kernels, 1);
    uint32_t groups = GROUPS - done < 4 ? GROUPS - done : 4;
    for (uint32_t column = 0; column < groups; ++column)
      set_up_group(a, column);
    double start = seconds();
    CHECK_EQ(aie_run_until_idle(a, 1ull << 40), AIE_OK);
    total += seconds() - start;
    for (uint32_t column = 0; column < groups; ++column)
      for (uint32_t i = 0; i < CORES; ++i) {
        struct aie_channel_counters in;
        struct aie_channel_counters out;
        aie_channel_counters(a, column, ROW + i, AIE_S2MM, 0, &in);
        aie_channel_counters(a, column, MEM, AIE_S2MM, i, &out);
        CHECK_EQ(out.words, TIMES * OUT);
        words += in.words + out.words;
      }
    close_array(a);
  }
  printf("%.1f million words received in %.0f ms, %u kernel calls\n", 1e-6 * (double)words,
         1e3 * total, GROUPS * CORES * TIMES);
  return failures != 0;
}
