/* The memory that the linker script leaves to the program, handed out from one end. */
#ifndef ADFC_BOARD_POOL_H
#define ADFC_BOARD_POOL_H

#include <stddef.h>
#include <stdint.h>

/* `bytes` bytes of zeros at a multiple of 64. NULL where so many are not left. */
void *pool_take(uint64_t bytes);

/* The same, holding what they held. */
void *pool_take_raw(uint64_t bytes);

/* Where the memory begins that has not been handed out. */
void *pool_free(void);

/* Takes back all that has been handed out since `free` was pool_free(). */
void pool_take_back(const void *free);

/* Bytes that are left. */
uint64_t pool_left(void);

#endif
