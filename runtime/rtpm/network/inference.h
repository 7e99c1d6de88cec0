/* Inference over UDP: an input block in, an output block and counters out (wire.h). */
#ifndef ADFC_RTPM_INFERENCE_H
#define ADFC_RTPM_INFERENCE_H

#include "slots.h"

/* Returns 1, or 0 where lwIP has no memory for it. */
int inference_start(struct slots *s);

/* Forgets the request under way: another program is open. */
void inference_reset(void);

/* Whether an input block has come in whole and waits to be run. */
int inference_waits(void);

/* It has run: with a fault as told by `fault`, or to its end (NULL). */
void inference_done(const struct engine_result *engine, uint64_t processor_cycles,
                    const char *fault);

#endif
