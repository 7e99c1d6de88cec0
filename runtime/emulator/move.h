// Words on their way from the memory of an MM2S channel to those of its sinks.
#ifndef ADFC_EMULATOR_MOVE_H
#define ADFC_EMULATOR_MOVE_H

#include "array.h"

#define FOR_SINKS(array, source, sink)                                                             \
  for (struct aie_channel *sink =                                                                  \
           (source)->first_sink ? &(array)->channels[(source)->first_sink - 1] : NULL;             \
       sink; sink = sink->next_sink ? &(array)->channels[sink->next_sink - 1] : NULL)

// Moves the next `words` words of the source's and its sinks' buffer descriptors, at most those
// that each has left, and steps their cursors past them. The array's executor may do it later.
enum aie_status aie_move(struct aie_array *array, struct aie_channel *source, uint32_t words);

#endif
