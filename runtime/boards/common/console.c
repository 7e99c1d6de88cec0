#include "console.h"

#include "board.h"

void console_text(const char *text) {
  for (; *text; ++text) {
    if (*text == '\n')
      board_put('\r');
    board_put(*text);
  }
}

void console_lines(const char *prefix, const char *text) {
  console_text(prefix);
  for (; *text; ++text) {
    char one[2] = {*text, 0};
    console_text(one);
    if (*text == '\n' && text[1])
      console_text(prefix);
  }
  if (text[-1] != '\n')
    console_text("\n");
}

void console_decimal(uint64_t value) {
  char digits[21];
  uint32_t i = sizeof digits - 1;
  digits[i] = 0;
  do {
    digits[--i] = (char)('0' + value % 10);
    value /= 10;
  } while (value);
  console_text(digits + i);
}

void console_hex(uint64_t value, uint32_t digits) {
  while (digits)
    board_put("0123456789abcdef"[value >> 4 * --digits & 15]);
}
