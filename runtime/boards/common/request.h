/* An input block that somebody (a loader, a debugger, QEMU's -device loader) has put into memory
 * before the start: a header at the address `board_request`, and the block 64 bytes after it. */
#ifndef ADFC_BOARD_REQUEST_H
#define ADFC_BOARD_REQUEST_H

#include <stdint.h>

#define REQUEST_MAGIC 0x51524441u /* the bytes 'ADRQ' */

struct request { /* little-endian, as it lies in memory */
  uint32_t magic;
  uint32_t bytes; /* of the input block */
  uint32_t crc;   /* CRC-32 of it */
  uint32_t runs;  /* how many times to run; 0 is 1 */
  uint32_t reserved[12];
};

enum request_status { REQUEST_NONE, REQUEST_BAD, REQUEST_OK };

/* Copies the input block to `input`, `bytes` long, and the number of runs to *runs. REQUEST_BAD:
 * its length or checksum is wrong. */
enum request_status request_take(void *input, uint64_t bytes, uint32_t *runs);

#endif
