#include "selftest.h"

static int data_lines(volatile uint32_t *word) {
  for (uint32_t bit = 0; bit < 32; ++bit) {
    *word = 1u << bit;
    if (*word != 1u << bit)
      return 0;
  }
  return 1;
}

/* A line that is stuck, or joined to another, makes two of these words one. */
static int address_lines(volatile uint32_t *area, uint32_t words) {
  area[0] = ~0u;
  for (uint32_t at = 1; at < words; at *= 2)
    area[at] = at;
  if (area[0] != ~0u)
    return 0;
  for (uint32_t at = 1; at < words; at *= 2)
    if (area[at] != at)
      return 0;
  return 1;
}

static int every_word(volatile uint32_t *area, uint32_t words, uint32_t flip) {
  for (uint32_t i = 0; i < words; ++i)
    area[i] = i ^ flip;
  for (uint32_t i = 0; i < words; ++i)
    if (area[i] != (i ^ flip))
      return 0;
  return 1;
}

const char *selftest_memory(volatile uint32_t *area, uint32_t words) {
  if (!data_lines(area))
    return "memory: a data line is stuck";
  if (!address_lines(area, words))
    return "memory: an address line is stuck";
  if (!every_word(area, words, 0) || !every_word(area, words, ~0u))
    return "memory: a word does not keep what is written to it";
  for (uint32_t i = 0; i < words; ++i)
    area[i] = 0;
  return 0;
}
