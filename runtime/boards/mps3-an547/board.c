/* Arm's MPS3 FPGA board with image AN547: a Cortex-M55 in a Corstone SSE-300, in its Secure state.
 * Addresses: Arm AN547, "Arm Corstone SSE-300 with Cortex-M55 and Ethos-U55", memory map. */
#include "board.h"
#include "cmsdk_uart.h"
#include "cortex_m.h"

#define UART0 0x59303000u /* through its Secure alias */

const uint32_t cortex_m_mhz = 32;

const char board_name[] = "mps3-an547 (Cortex-M55)";

void board_start(void) { cmsdk_uart_start(UART0); }

void board_put(char c) { cmsdk_uart_put(UART0, c); }
