/* Datagrams of the inference service: a header, and up to WIRE_PART_BYTES bytes of one part. All
 * words are little-endian. The client asks, the board answers; who gets no answer asks again, and
 * everything may be asked again. docs/bare-metal.md describes the exchange. */
#ifndef ADFC_RTPM_WIRE_H
#define ADFC_RTPM_WIRE_H

#include <stdint.h>

#define WIRE_MAGIC 0x31494441u /* the bytes 'ADI1' */
#define WIRE_ANSWER 0x80u

enum { WIRE_PORT = 49500, WIRE_PART_BYTES = 1024, WIRE_NAME_BYTES = 24 };

enum wire_type {
  WIRE_READ = 1,   /* part `index` of the text or section whose name is the payload */
  WIRE_INPUT = 2,  /* part `index` of the input block; `total` and `crc` are the block's */
  WIRE_STATE = 3,  /* how request `request` stands */
  WIRE_OUTPUT = 4, /* part `index` of the output block */
  /* Answers: WIRE_ANSWER | the type of the question; or: */
  WIRE_REFUSED = 0xff, /* the payload says why */
};

struct wire {
  uint32_t magic;
  uint32_t check;   /* CRC-32 of the datagram, with this word 0 */
  uint32_t type;    /* enum wire_type */
  uint32_t request; /* chosen by the client; answers repeat it, and `index` */
  uint32_t index;   /* of the part */
  uint32_t total;   /* bytes of the whole */
  uint32_t crc;     /* CRC-32 of the whole */
  uint32_t bytes;   /* of the payload */
  uint8_t payload[WIRE_PART_BYTES];
};
#define WIRE_HEADER_BYTES 32u

enum wire_state { WIRE_RECEIVING = 1, WIRE_RUNNING = 2, WIRE_DONE = 3, WIRE_FAULT = 4 };

struct wire_done { /* payload of the answer to WIRE_STATE after an inference */
  uint32_t state;  /* WIRE_DONE; the others are this word alone, WIRE_FAULT with a text after it */
  uint32_t engine_instructions;
  uint32_t output_bytes, output_crc;
  uint64_t processor_cycles;
  uint64_t cycles, control_cycles, exposed_cycles, ddr_read_bytes, ddr_write_bytes;
};

#endif
