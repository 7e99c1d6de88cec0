/* An input block that somebody (a loader, a debugger, QEMU's -device loader) has put into memory
 * before the start: a header at the address `board_request`, and the block 64 bytes after it. */
#ifndef ADFC_BOARD_REQUEST_H
#define ADFC_BOARD_REQUEST_H

#include <stdint.h>

#define REQUEST_MAGIC 0x51524441u /* the bytes 'ADRQ' */

struct request { /* little-endian, as it lies in memory */
  uint32_t magic;
  uint32_t bytes;        /* of the input block */
  uint32_t crc;          /* CRC-32 of it */
  uint32_t runs;         /* how many times to run; 0 is 1 */
  uint32_t log_level;    /* enum log_level; 0: as the program was built */
  uint32_t inference_ms; /* what an inference may take; 0: as the program was built */
  uint32_t reserved[10];
};

enum request_status { REQUEST_NONE, REQUEST_BAD, REQUEST_OK };

/* The request that lies in memory, its block unchecked, or NULL. */
const struct request *request_find(void);

/* Copies the input block to `input`, `bytes` long. REQUEST_BAD: its length or checksum is wrong. */
enum request_status request_take(void *input, uint64_t bytes);

#endif
