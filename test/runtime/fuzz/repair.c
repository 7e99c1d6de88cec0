#include "repair.h"

#include "adfc/crc32.h"
#include "adfc/rimfs.h"
#include "adfc/spec/core_program.h"
#include "adfc/spec/rcb_isa.h"

#include <string.h>

static uint32_t get(const uint8_t *p) {
  uint32_t value;
  memcpy(&value, p, 4);
  return value;
}

static void put(uint8_t *p, uint32_t value) { memcpy(p, &value, 4); }

static uint32_t *wait_of(uint32_t *w) {
  switch (RCB_OPCODE(w[0])) {
  case RCB_OP_MASK_POLL:
    return w + RCB_MASK_POLL_MAX_CYCLES;
  case RCB_OP_WAIT_TASK:
    return w + RCB_WAIT_TASK_MAX_CYCLES;
  default:
    return NULL;
  }
}

/* Calls for each whole instruction. */
#define FOR_INSTRUCTIONS(program, words, w)                                                        \
  for (uint32_t pc_ = RCB_HEADER_WORDS, *w = (program) + pc_;                                      \
       pc_ < (words) && RCB_LENGTH(*w) && RCB_LENGTH(*w) <= (words) - pc_;                         \
       pc_ += RCB_LENGTH(*w), w = (program) + pc_)

void repair_program(uint32_t *program, uint32_t words) {
  uint64_t cycles = 0;
  uint32_t instructions = 0;
  if (words <= RCB_HEADER_WORDS)
    return;
  FOR_INSTRUCTIONS(program, words, w) {
    ++instructions;
    if (wait_of(w) && RCB_LENGTH(*w) == 5)
      cycles += *wait_of(w);
    if (pc_ + RCB_LENGTH(*w) == words)
      break; /* past the last word there is nothing to point to */
  }
  program[RCB_HEADER_MAGIC] = RCB_MAGIC;
  program[RCB_HEADER_VERSION] = RCB_VERSION;
  program[RCB_HEADER_TOTAL_WORDS] = words;
  program[RCB_HEADER_INSTRUCTIONS] = instructions;
  program[RCB_HEADER_MAX_WAIT_CYCLES] = cycles > UINT32_MAX ? UINT32_MAX : (uint32_t)cycles;
  program[RCB_HEADER_BODY_CRC32] =
      adfc_crc32(0, program + RCB_HEADER_WORDS, 4 * (size_t)(words - RCB_HEADER_WORDS));
}

void shorten_waits(uint32_t *program, uint32_t words, uint32_t cycles) {
  FOR_INSTRUCTIONS(program, words, w) {
    if (wait_of(w) && *wait_of(w) > cycles)
      *wait_of(w) = cycles;
    if (pc_ + RCB_LENGTH(*w) == words)
      break;
  }
  repair_program(program, words);
}

void shorten_loops(uint32_t *core_programs, uint32_t words, uint32_t count) {
  for (uint32_t i = 0; i + 1 < words; ++i)
    if (core_programs[i] == CORE_OP_LOOP && core_programs[i + 1] > count)
      core_programs[i + 1] = count;
}

/* Offsets in a header and in a directory entry (docs/rimfs.md). */
enum { BYTES = 8, SECTIONS = 12, DIRECTORY = 16, DIRECTORY_CRC = 20, HEADER_CRC = 24, FLAGS = 28 };
enum { ENTRY_TYPE = 24, ENTRY_OFFSET = 32, ENTRY_BYTES = 36, ENTRY_CRC = 40 };

static void repair_section(uint8_t *image, size_t bytes, uint8_t *entry) {
  uint32_t offset = get(entry + ENTRY_OFFSET), length = get(entry + ENTRY_BYTES);
  if (offset > bytes || length > bytes - offset)
    return;
  if (!memcmp(entry, "program", 8) && offset % 4 == 0)
    repair_program((uint32_t *)(void *)(image + offset), length / 4);
  put(entry + ENTRY_CRC, adfc_crc32(0, image + offset, length));
}

void repair_image(uint8_t *image, size_t bytes) {
  static const uint8_t zero[4];
  if (bytes < RIMFS_HEADER_BYTES)
    return;
  put(image, RIMFS_MAGIC);
  put(image + 4, RIMFS_VERSION);
  put(image + BYTES, (uint32_t)bytes);
  put(image + DIRECTORY, RIMFS_HEADER_BYTES);
  uint32_t sections = get(image + SECTIONS);
  if (sections <= RIMFS_MAX_SECTIONS &&
      sections * RIMFS_ENTRY_BYTES <= bytes - RIMFS_HEADER_BYTES) {
    for (uint32_t i = 0; i < sections; ++i)
      repair_section(image, bytes, image + RIMFS_HEADER_BYTES + i * RIMFS_ENTRY_BYTES);
    put(image + DIRECTORY_CRC,
        adfc_crc32(0, image + RIMFS_HEADER_BYTES, (size_t)sections * RIMFS_ENTRY_BYTES));
  }
  uint32_t crc = adfc_crc32(0, image, HEADER_CRC);
  crc = adfc_crc32(crc, zero, 4);
  put(image + HEADER_CRC, adfc_crc32(crc, image + FLAGS, RIMFS_HEADER_BYTES - FLAGS));
}
