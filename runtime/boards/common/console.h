/* Text to the board's console. */
#ifndef ADFC_BOARD_CONSOLE_H
#define ADFC_BOARD_CONSOLE_H

#include <stddef.h>
#include <stdint.h>

void console_text(const char *text);
/* `text` of one line or more, `prefix` before each. */
void console_lines(const char *prefix, const char *text);
void console_decimal(uint64_t value);
/* `digits` hexadecimal digits, no prefix. */
void console_hex(uint64_t value, uint32_t digits);

#endif
