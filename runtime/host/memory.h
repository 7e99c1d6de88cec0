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

/* Tells that most of it from byte `from` on, a multiple of the page size, will be used soon: it may
 * be taken up in large pieces. */
void memory_expect_use(struct memory *m, size_t from);

/* Makes it all zero again. What it took up is kept, as writing zeros is much quicker than taking up
 * pages anew. */
void memory_clear(struct memory *m);

void memory_give(struct memory *m);

#endif
