/* CRC-32 of IEEE 802.3 (reflected polynomial 0xEDB88320), as zlib's crc32(): check value of
 * "123456789" is 0xCBF43926. Two implementations of one function, chosen at link time:
 * crc32_small.c (64 bytes of table) for boards, crc32_fast.c (8 KB of tables, eight bytes a step)
 * for hosts. */
#ifndef ADFC_CRC32_H
#define ADFC_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* CRC of `bytes` bytes at `data`, continuing from `crc`; begin with 0. */
/*@ requires \valid_read((const uint8_t *)data + (0 .. bytes - 1));
    assigns \nothing; */
uint32_t adfc_crc32(uint32_t crc, const void *data, size_t bytes);

#endif
