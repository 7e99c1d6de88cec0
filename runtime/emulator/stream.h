// Transfers: words move from an MM2S channel to all S2MM channels of its stream at once, in pieces
// that end where the first of the channels ends its buffer descriptor.
#ifndef ADFC_EMULATOR_STREAM_H
#define ADFC_EMULATOR_STREAM_H

#include "array.h"

// The channel, MM2S or S2MM, has become ready: its stream moves if all other ends are ready too.
void aie_stream_ready(struct aie_array *array, uint32_t channel);
// The timer of the transfer headed by that MM2S channel has run out.
void aie_stream_timer(struct aie_array *array, uint32_t channel);
// The channel is reset: a transfer that it takes part in is given up.
void aie_stream_abandon(struct aie_array *array, uint32_t channel);

#endif
