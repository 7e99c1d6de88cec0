/* Zeroed memory from the operating system, aligned to pages, taken up only where it is touched. */
#ifndef ADFC_HOST_MEMORY_H
#define ADFC_HOST_MEMORY_H

#include <stddef.h>

struct memory {
  void *data; /* NULL: none */
  size_t bytes;
};

/* Takes at least `bytes` (0: as if 1). Returns 1, or 0 where there is no memory. */
int memory_take(struct memory *m, size_t bytes);

/* Makes it all zero again, and gives back what it took up. */
void memory_clear(struct memory *m);

void memory_give(struct memory *m);

#endif
