// Core programs in the tests' own words.
#ifndef ADFC_TEST_EMULATOR_CORE_WORDS_H
#define ADFC_TEST_EMULATOR_CORE_WORDS_H

#include "test.h"

#define ACQUIRE(lock, value) CORE_WORD0(CORE_OP_ACQUIRE, (uint32_t)(lock), (uint32_t)(value))
#define RELEASE(lock, value) CORE_WORD0(CORE_OP_RELEASE, (uint32_t)(lock), (uint32_t)(value))
#define WINDOW(number, depth) CORE_WORD0(CORE_OP_WINDOW, (uint32_t)(number), (uint32_t)(depth))
#define ADVANCE(number) CORE_WORD0(CORE_OP_ADVANCE, (uint32_t)(number), 0u)
#define LOOP CORE_WORD0(CORE_OP_LOOP, 0u, 0u)
#define NEXT CORE_WORD0(CORE_OP_NEXT, 0u, 0u)
#define CALL(buffers, immediates)                                                                  \
  CORE_WORD0(CORE_OP_CALL, (uint32_t)(buffers), (uint32_t)(immediates))
#define DONE CORE_WORD0(CORE_OP_DONE, 0u, 0u)
#define RESTART CORE_WORD0(CORE_OP_RESTART, 0u, 0u)
#define IN_WINDOW(number) (CORE_BUFFER_WINDOW | (number))
#define START(array, column, row, words)                                                           \
  run_core(array, column, row, words, sizeof(words) / sizeof((words)[0]))

#endif
