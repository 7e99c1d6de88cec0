#include "aarch64.h"

/* Registers by word: DDI 0183, chapter 3. */
enum { DR = 0x00 / 4, FR = 0x18 / 4, LCRH = 0x2c / 4, CR = 0x30 / 4 };
#define FR_TXFF (1u << 5)
#define LCRH_WLEN8_FEN 0x70u
#define CR_UARTEN_TXE 0x101u

void pl011_start(uintptr_t base) {
  volatile uint32_t *uart = (volatile uint32_t *)base;
  uart[CR] = 0;
  uart[LCRH] = LCRH_WLEN8_FEN;
  uart[CR] = CR_UARTEN_TXE;
}

void pl011_put(uintptr_t base, char c) {
  volatile uint32_t *uart = (volatile uint32_t *)base;
  while (uart[FR] & FR_TXFF)
    ;
  uart[DR] = (uint8_t)c;
}
