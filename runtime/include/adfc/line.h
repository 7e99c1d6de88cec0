/* A line of text in the caller's memory, put together piece by piece and cut where the memory ends.
 */
#ifndef ADFC_LINE_H
#define ADFC_LINE_H

#include <stddef.h>
#include <stdint.h>

struct line {
  char *text; /* always NUL-terminated */
  size_t bytes, used;
};

static inline struct line line_start(char *text, size_t bytes) {
  text[0] = 0;
  return (struct line){text, bytes, 0};
}

static inline void line_put(struct line *l, const char *s) {
  while (*s && l->used + 1 < l->bytes)
    l->text[l->used++] = *s++;
  l->text[l->used] = 0;
}

/* `value` in base 10, or in base 16 with 0x. */
static inline void line_number(struct line *l, uint64_t value, uint32_t base) {
  char digits[21];
  uint32_t i = sizeof digits - 1;
  digits[i] = 0;
  do {
    digits[--i] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value);
  if (base == 16)
    line_put(l, "0x");
  line_put(l, digits + i);
}

/* (column, row) */
static inline void line_tile(struct line *l, uint32_t column, uint32_t row) {
  line_put(l, "(");
  line_number(l, column, 10);
  line_put(l, ", ");
  line_number(l, row, 10);
  line_put(l, ")");
}

#endif
