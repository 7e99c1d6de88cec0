/* The memory that the linker script leaves to the program, handed out from one end. */
#ifndef ADFC_BOARD_POOL_H
#define ADFC_BOARD_POOL_H

#include <stddef.h>
#include <stdint.h>

/* `bytes` bytes of zeros at a multiple of 64, never given back. NULL where so many are not left. */
void *pool_take(uint64_t bytes);

/* Bytes that are left. */
uint64_t pool_left(void);

#endif
