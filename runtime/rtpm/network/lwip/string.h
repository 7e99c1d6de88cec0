/* <string.h> for lwIP: memory functions, and the length of a text. */
#ifndef ADFC_LWIP_STRING_H
#define ADFC_LWIP_STRING_H

#include "memory.h"

static inline size_t strlen(const char *text) {
  size_t length = 0;
  while (text[length])
    ++length;
  return length;
}

int strncmp(const char *a, const char *b, size_t bytes); /* in functions that are not linked */

#endif
