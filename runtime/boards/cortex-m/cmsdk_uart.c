#include "cmsdk_uart.h"

enum { DATA = 0, STATE = 1, CTRL = 2, BAUDDIV = 4 };
#define STATE_TX_FULL 1u
#define CTRL_TX_ENABLE 1u

void cmsdk_uart_start(uintptr_t base) {
  volatile uint32_t *uart = (volatile uint32_t *)base;
  uart[BAUDDIV] = 16; /* the smallest that is allowed */
  uart[CTRL] = CTRL_TX_ENABLE;
}

void cmsdk_uart_put(uintptr_t base, char c) {
  volatile uint32_t *uart = (volatile uint32_t *)base;
  while (uart[STATE] & STATE_TX_FULL)
    ;
  uart[DATA] = (uint8_t)c;
}
