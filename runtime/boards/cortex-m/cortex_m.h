/* What the start-up code of Cortex-M asks of a board. */
#ifndef ADFC_BOARD_CORTEX_M_H
#define ADFC_BOARD_CORTEX_M_H

#include <stdint.h>

extern const uint32_t cortex_m_mhz; /* of the processor's clock, which SysTick counts */

#endif
