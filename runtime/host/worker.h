/* A thread that does what the emulated array leaves to an executor (adfc/emulator.h), in order. */
#ifndef ADFC_HOST_WORKER_H
#define ADFC_HOST_WORKER_H

#include "adfc/emulator.h"

struct worker;

/* Starts the thread. NULL: there is no memory, or no thread. */
struct worker *worker_start(void);

/* What an array is given; for one thread at a time. */
const struct aie_executor *worker_executor(const struct worker *worker);

/* Ends the thread when it has done everything. NULL: none. */
void worker_stop(struct worker *worker);

#endif
