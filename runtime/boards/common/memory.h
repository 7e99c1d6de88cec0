/* The memory functions that compilers call by themselves. */
#ifndef ADFC_BOARD_MEMORY_H
#define ADFC_BOARD_MEMORY_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);

#endif
