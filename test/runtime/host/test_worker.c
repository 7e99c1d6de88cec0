/* The second thread, under ThreadSanitizer: alone, and with a whole image (the first argument). */
#include "worker.h"

#include "adfc/adfc_host.h"
#include "check.h"

#include <stdlib.h>

enum { PIECES = 20000, MOST_WORDS = 3000, RUNS = 8 };

static uint32_t next_number; /* the worker's thread, until it is waited for */
static uint32_t wrong;

struct piece {
  uint32_t number, words;
  uint32_t data[];
};

/* Pieces come in order, with all their words. */
static void take(void *work) {
  const struct piece *piece = work;
  wrong += piece->number != next_number++;
  for (uint32_t i = 0; i < piece->words; ++i)
    wrong += piece->data[i] != piece->number + i;
}

/* Some tens of megabytes: the ring goes round many times, with pieces that do not fit its end. */
static void work_is_done_in_order(void) {
  struct worker *worker = worker_start();
  const struct aie_executor *executor = worker_executor(worker);
  next_number = wrong = 0;
  for (uint32_t i = 0; i < PIECES; ++i) {
    uint32_t words = i % 7 ? i % 30 : i * 7919u % MOST_WORDS;
    struct piece *piece = executor->reserve(executor->user, (uint32_t)sizeof *piece + 4 * words);
    *piece = (struct piece){i, words};
    for (uint32_t j = 0; j < words; ++j)
      piece->data[j] = i + j;
    executor->submit(executor->user, take);
    if (i % 1000 == 0) {
      executor->wait(executor->user);
      CHECK_EQ(next_number, i + 1);
    }
  }
  executor->wait(executor->user);
  CHECK_EQ(next_number, PIECES);
  CHECK_EQ(wrong, 0);
  worker_stop(worker);
}

/* What is left is done before the thread ends. */
static void stopping_finishes_the_work(void) {
  struct worker *worker = worker_start();
  const struct aie_executor *executor = worker_executor(worker);
  next_number = wrong = 0;
  for (uint32_t i = 0; i < 100; ++i) {
    struct piece *piece = executor->reserve(executor->user, sizeof *piece);
    *piece = (struct piece){i, 0};
    executor->submit(executor->user, take);
  }
  worker_stop(worker);
  CHECK_EQ(next_number, 100);
  worker_stop(NULL);
}

static void too_large_a_piece_is_refused(void) {
  struct worker *worker = worker_start();
  const struct aie_executor *executor = worker_executor(worker);
  CHECK(executor->reserve(executor->user, 1 << 20) == NULL);
  worker_stop(worker);
}

static uint8_t image[1 << 16];
static size_t image_bytes;

static void two_threads_give_the_same_run(void) {
  struct adfc_program *program = NULL;
  char text[ADFC_TEXT_BYTES];
  CHECK_EQ(adfc_program_open(image, image_bytes, NULL, &program, text), ADFC_OK);
  static struct adfc_result result;
  uint64_t cycles = 0;
  for (uint32_t run = 0; run < RUNS; ++run) {
    struct adfc_options options = {.keep_state = run >= RUNS / 2};
    CHECK_EQ(adfc_program_set_threads(program, 1 + run % 2), ADFC_OK);
    uint8_t input[64], output[64] = {0};
    for (uint32_t i = 0; i < 64; ++i)
      input[i] = (uint8_t)(5 * i + run);
    CHECK_EQ(adfc_program_run(program, &options, input, 64, output, 64, &result), ADFC_OK);
    for (uint32_t i = 0; i < 64; ++i)
      CHECK_EQ(output[i], (uint8_t)(5 * i + run + 3));
    /* The first run on a loaded array finds it warmer than a cold one does. */
    CHECK(run % (RUNS / 2) == 0 || result.cost.cycles == cycles);
    cycles = result.cost.cycles;
  }
  CHECK_EQ(adfc_program_set_threads(program, 0), ADFC_BAD_ARGUMENT);
  CHECK_EQ(adfc_program_set_threads(program, 3), ADFC_BAD_ARGUMENT);
  CHECK_EQ(adfc_program_set_threads(program, 2), ADFC_OK);
  adfc_program_close(program);
}

int main(int argc, char **argv) {
  FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (!file)
    return 2;
  image_bytes = fread(image, 1, sizeof image, file);
  fclose(file);
  RUN(work_is_done_in_order);
  RUN(stopping_finishes_the_work);
  RUN(too_large_a_piece_is_refused);
  RUN(two_threads_give_the_same_run);
  return check_report();
}
