// DDR bandwidth: transfers with an end in DDR share it evenly; none gets more than a word a cycle.
#ifndef ADFC_EMULATOR_DDR_H
#define ADFC_EMULATOR_DDR_H

#include "array.h"

// The transfer headed by that MM2S channel begins to move flow_words; its timer will run out at
// their end.
void aie_ddr_begin(struct aie_array *array, uint32_t channel);
// It has ended, or is given up.
void aie_ddr_end(struct aie_array *array, uint32_t channel);

#endif
