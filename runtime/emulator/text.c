#include "text.h"

void aie_text_begin(struct aie_text *text, char *data, size_t size) {
  text->data = data;
  text->size = size;
  text->used = 0;
  if (size)
    data[0] = 0;
}

static void put_char(struct aie_text *text, char c) {
  if (text->used + 1 < text->size) {
    text->data[text->used++] = c;
    text->data[text->used] = 0;
  }
}

void aie_put(struct aie_text *text, const char *string) {
  while (*string)
    put_char(text, *string++);
}

static void put_digits(struct aie_text *text, uint64_t number, uint32_t base) {
  char digits[20];
  uint32_t count = 0;
  do {
    digits[count++] = "0123456789abcdef"[number % base];
    number /= base;
  } while (number);
  while (count)
    put_char(text, digits[--count]);
}

void aie_put_number(struct aie_text *text, int64_t number) {
  if (number < 0)
    put_char(text, '-');
  put_digits(text, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 10);
}

void aie_put_hex(struct aie_text *text, uint64_t number) {
  aie_put(text, "0x");
  put_digits(text, number, 16);
}
