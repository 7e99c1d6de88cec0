// A small test harness: checks that count, and an array with short names for what tests do with it.
#ifndef ADFC_TEST_EMULATOR_TEST_H
#define ADFC_TEST_EMULATOR_TEST_H

#include "adfc/emulator.h"
#include "adfc/spec/core_program.h"

#include <stdio.h>
#include <string.h>

extern int failures;

#define CHECK(condition)                                                                           \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      printf("%s:%d: %s: not true: %s\n", __FILE__, __LINE__, __func__, #condition);               \
      ++failures;                                                                                  \
    }                                                                                              \
  } while (0)

#define CHECK_EQ(a, b)                                                                             \
  do {                                                                                             \
    long long a_ = (long long)(a), b_ = (long long)(b);                                            \
    if (a_ != b_) {                                                                                \
      printf("%s:%d: %s: %s is %lld, not %s = %lld\n", __FILE__, __LINE__, __func__, #a, a_, #b,   \
             b_);                                                                                  \
      ++failures;                                                                                  \
    }                                                                                              \
  } while (0)

// The latest error's text contains `part`.
#define CHECK_ERROR(array, error_code, part)                                                       \
  do {                                                                                             \
    CHECK_EQ(aie_error(array)->code, error_code);                                                  \
    if (!strstr(aie_error(array)->text, part)) {                                                   \
      printf("%s:%d: %s: the error says \"%s\", not \"%s\"\n", __FILE__, __LINE__, __func__,       \
             aie_error(array)->text, part);                                                        \
      ++failures;                                                                                  \
    }                                                                                              \
  } while (0)

#define RUN(test)                                                                                  \
  do {                                                                                             \
    int before_ = failures;                                                                        \
    test();                                                                                        \
    printf("%s %s\n", failures == before_ ? "ok  " : "FAIL", #test);                               \
  } while (0)

#define MAIN(...)                                                                                  \
  int failures;                                                                                    \
  int main(void) {                                                                                 \
    __VA_ARGS__;                                                                                   \
    return failures != 0;                                                                          \
  }

// A new array of a device; the memory is freed by close_array.
struct aie_array *open_array(const char *device);
void close_array(struct aie_array *array);

uint32_t read_at(struct aie_array *array, uint32_t column, uint32_t row, uint32_t offset);
enum aie_status write_at(struct aie_array *array, uint32_t column, uint32_t row, uint32_t offset,
                         uint32_t value);

// Data memory: words from a byte offset on.
void fill(struct aie_array *array, uint32_t column, uint32_t row, uint32_t offset, uint32_t count,
          uint32_t first);
uint32_t word(struct aie_array *array, uint32_t column, uint32_t row, uint32_t index);

// Switch: enables the slave and leads it to the master.
void connect(struct aie_array *array, uint32_t column, uint32_t row, enum aieml_port slave,
             uint32_t slave_number, enum aieml_port master, uint32_t master_number);
// Leads a shim's DMA channels to and from their South ports.
void connect_shim(struct aie_array *array, uint32_t column);

// A buffer descriptor in plain numbers: addresses and lengths in words but `ddr`, which is in
// bytes; steps, wraps and iteration_wrap as they are meant (0: none). acquire and release: 1 +
// lock.
struct bd {
  uint32_t base;
  uint64_t ddr;
  uint32_t length;
  uint32_t wrap[3];
  uint32_t step[4];
  uint32_t before[3];
  uint32_t after[3];
  uint32_t iteration_wrap;
  uint32_t iteration_step;
  uint32_t chain; // 1 + next BD
  uint32_t acquire;
  int32_t acquire_value;
  uint32_t release;
  int32_t release_value;
  int invalid;
  int tlast_suppress;
};

void set_bd(struct aie_array *array, uint32_t column, uint32_t row, uint32_t id, struct bd bd);

// Pushes a task: the descriptor runs `times` times.
enum aie_status push(struct aie_array *array, uint32_t column, uint32_t row, uint32_t direction,
                     uint32_t channel, uint32_t bd, uint32_t times, int token);

uint32_t dma_status(struct aie_array *array, uint32_t column, uint32_t row, uint32_t direction,
                    uint32_t channel);
void set_lock(struct aie_array *array, uint32_t column, uint32_t row, uint32_t lock,
              uint32_t value);
uint32_t get_lock(struct aie_array *array, uint32_t column, uint32_t row, uint32_t lock);

// Loads a core program (without its header word, which is put before it) and enables the core.
enum aie_status run_core(struct aie_array *array, uint32_t column, uint32_t row,
                         const uint32_t *words, uint32_t count);

// A bit of a core's status.
uint32_t core_status(struct aie_array *array, uint32_t column, uint32_t row, uint32_t bit);

// Core to its own memory: MM2S 0 -> S2MM 0 of the same tile.
void connect_loop(struct aie_array *array, uint32_t column, uint32_t row);

#endif
