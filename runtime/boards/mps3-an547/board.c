/* Arm's MPS3 FPGA board with image AN547: a Cortex-M55 in a Corstone SSE-300, in its Secure state.
 * Addresses: Arm AN547, "Arm Corstone SSE-300 with Cortex-M55 and Ethos-U55", memory map. */
#include "board.h"

/* CMSDK APB UART 0 (DDI 0479), through its Secure alias. */
#define UART ((volatile uint32_t *)0x59303000u)
enum { DATA = 0, STATE = 1, CTRL = 2, BAUDDIV = 4 };
#define STATE_TX_FULL 1u
#define CTRL_TX_ENABLE 1u

const char board_name[] = "mps3-an547 (Cortex-M55)";

void board_start(void) {
  UART[BAUDDIV] = 16; /* the smallest that is allowed */
  UART[CTRL] = CTRL_TX_ENABLE;
}

void board_put(char c) {
  while (UART[STATE] & STATE_TX_FULL)
    ;
  UART[DATA] = (uint8_t)c;
}
