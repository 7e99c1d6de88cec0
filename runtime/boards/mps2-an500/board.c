/* Arm's MPS2 FPGA board with image AN500: a Cortex-M7. Addresses: Arm AN500, "Cortex-M7 SMM on
 * V2M-MPS2", memory map. */
#include "board.h"
#include "cmsdk_uart.h"
#include "cortex_m.h"

#define UART0 0x40004000u

const uint32_t cortex_m_mhz = 25;

const char board_name[] = "mps2-an500 (Cortex-M7)";

void board_start(void) { cmsdk_uart_start(UART0); }

void board_put(char c) { cmsdk_uart_put(UART0, c); }
