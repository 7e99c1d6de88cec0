/* The CMSDK APB UART of Arm's FPGA boards (DDI 0479, chapter 4). */
#ifndef ADFC_BOARD_CMSDK_UART_H
#define ADFC_BOARD_CMSDK_UART_H

#include <stdint.h>

void cmsdk_uart_start(uintptr_t base);
void cmsdk_uart_put(uintptr_t base, char c);

#endif
