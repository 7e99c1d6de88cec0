/* What the code for Cortex-M asks of a board, and what is between its files. */
#ifndef ADFC_BOARD_CORTEX_M_H
#define ADFC_BOARD_CORTEX_M_H

#include <stdint.h>

extern const uint32_t cortex_m_mhz; /* of the processor's clock, which SysTick counts */

/* clock.c: starts SysTick and takes interrupts. */
void cortex_m_start_clock(void);

enum { CORTEX_M_FRAME_PC = 6 }; /* of what the processor has pushed: r0 to r3, r12, lr, pc, xPSR */

#endif
