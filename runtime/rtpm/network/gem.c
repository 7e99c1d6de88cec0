/* Cadence GEM, the Ethernet controller of Versal: GEM0, full duplex at 1 Gb/s. The physical layer
 * is as firmware has set it up. Registers: AMD AM012, "Versal Adaptive SoC Register Reference", GEM
 * module; AMD UG585, chapter 16, for the buffer descriptors.
 *
 * Descriptors and buffers lie in the on-chip memory, which is mapped as a device: no cache stands
 * between it and the controller. It has not met silicon. */
#include "ethernet.h"

#define GEM 0xff0c0000u
#define OCM 0xfffc0000u

#define REGISTER(offset) (*(volatile uint32_t *)(uintptr_t)(GEM + (offset)))
#define NETWORK_CONTROL REGISTER(0x000)
#define NETWORK_CONFIG REGISTER(0x004)
#define DMA_CONFIG REGISTER(0x010)
#define RECEIVE_QUEUE REGISTER(0x018)
#define TRANSMIT_QUEUE REGISTER(0x01c)
#define RECEIVE_STATUS REGISTER(0x020)
#define INTERRUPT_STATUS REGISTER(0x024)
#define INTERRUPT_ENABLE REGISTER(0x028)
#define INTERRUPT_DISABLE REGISTER(0x02c)
#define ADDRESS_LOW REGISTER(0x088)
#define ADDRESS_HIGH REGISTER(0x08c)
#define TRANSMIT_QUEUE1 REGISTER(0x440)
#define RECEIVE_QUEUE1 REGISTER(0x480)
#define RECEIVE_QUEUE_UPPER REGISTER(0x4d4)
#define TRANSMIT_QUEUE_UPPER REGISTER(0x4c8)

#define CONTROL_RECEIVE (1u << 2)
#define CONTROL_TRANSMIT (1u << 3)
#define CONTROL_START (1u << 9)
/* Full duplex; unicast to our address and broadcast; frames of 1536 bytes; gigabit; receive without
 * frame checksum; MDC at 1/224; 128-bit bus. */
#define CONFIG (1u << 1 | 1u << 8 | 1u << 10 | 1u << 17 | 7u << 18 | 2u << 21)
/* Bursts of 16, all packet memory, receive buffers of 24 x 64 bytes. */
#define DMA (0x10u | 3u << 8 | 1u << 10 | 24u << 16)
#define STATUS_ALL 0xfu
#define INTERRUPT_RECEIVED (1u << 1)

enum { GEM0_INTERRUPT = 32 + 56 }; /* AM011, "Interrupts"; QEMU, include/hw/arm/xlnx-versal.h */

enum { RECEIVE_BUFFERS = 32, TRANSMIT_BUFFERS = 8, BUFFER_BYTES = 1536 };

struct descriptor {
  volatile uint32_t address, status;
};
#define RECEIVE_USED 1u /* of `address`: the frame is ours */
#define RECEIVE_WRAP 2u
#define RECEIVE_LENGTH 0x1fffu
#define RECEIVE_WHOLE (3u << 14) /* begins and ends in this buffer */
#define TRANSMIT_USED (1u << 31) /* of `status`: the buffer is ours */
#define TRANSMIT_WRAP (1u << 30)
#define TRANSMIT_LAST (1u << 15)

/* What lies in the on-chip memory. */
struct rings {
  struct descriptor receive[RECEIVE_BUFFERS], transmit[TRANSMIT_BUFFERS];
  struct descriptor idle_receive, idle_transmit; /* of the second queue, which is not used */
  volatile uint32_t received[RECEIVE_BUFFERS][BUFFER_BYTES / 4];
  volatile uint32_t sent[TRANSMIT_BUFFERS][BUFFER_BYTES / 4];
};

static struct rings *const rings = (struct rings *)OCM;
static uint32_t next_receive, next_transmit;

static uint32_t place(const volatile void *address) { return (uint32_t)(uintptr_t)address; }

static void order(void) { __asm__ volatile("dsb sy" ::: "memory"); }

static void make_rings(void) {
  for (uint32_t i = 0; i < RECEIVE_BUFFERS; ++i) {
    rings->receive[i].status = 0;
    rings->receive[i].address =
        place(rings->received[i]) | (i + 1 == RECEIVE_BUFFERS ? RECEIVE_WRAP : 0);
  }
  for (uint32_t i = 0; i < TRANSMIT_BUFFERS; ++i) {
    rings->transmit[i].address = place(rings->sent[i]);
    rings->transmit[i].status = TRANSMIT_USED | (i + 1 == TRANSMIT_BUFFERS ? TRANSMIT_WRAP : 0);
  }
  rings->idle_receive.address = RECEIVE_USED | RECEIVE_WRAP;
  rings->idle_transmit.address = 0;
  rings->idle_transmit.status = TRANSMIT_USED | TRANSMIT_WRAP;
  next_receive = next_transmit = 0;
}

int ethernet_start(uint8_t mac[6]) {
  NETWORK_CONTROL = 0;
  INTERRUPT_DISABLE = ~0u;
  RECEIVE_STATUS = STATUS_ALL;
  make_rings();
  order();
  NETWORK_CONFIG = CONFIG;
  DMA_CONFIG = DMA;
  RECEIVE_QUEUE_UPPER = TRANSMIT_QUEUE_UPPER = 0;
  RECEIVE_QUEUE = place(rings->receive);
  TRANSMIT_QUEUE = place(rings->transmit);
  RECEIVE_QUEUE1 = place(&rings->idle_receive);
  TRANSMIT_QUEUE1 = place(&rings->idle_transmit);
  ADDRESS_LOW =
      (uint32_t)mac[0] | (uint32_t)mac[1] << 8 | (uint32_t)mac[2] << 16 | (uint32_t)mac[3] << 24;
  ADDRESS_HIGH = (uint32_t)mac[4] | (uint32_t)mac[5] << 8;
  INTERRUPT_ENABLE = INTERRUPT_RECEIVED;
  NETWORK_CONTROL = CONTROL_RECEIVE | CONTROL_TRANSMIT;
  return 1;
}

uint32_t ethernet_interrupt(void) { return GEM0_INTERRUPT; }

/* Device memory takes aligned words only. */
static void take_words(uint8_t *to, const volatile uint32_t *from, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; ++i)
    to[i] = (uint8_t)(from[i / 4] >> 8 * (i % 4));
}

static void put_words(volatile uint32_t *to, const uint8_t *from, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i += 4) {
    uint32_t word = 0;
    for (uint32_t k = 0; k < 4 && i + k < bytes; ++k)
      word |= (uint32_t)from[i + k] << 8 * k;
    to[i / 4] = word;
  }
}

uint32_t ethernet_receive(uint8_t *frame) {
  struct descriptor *d = &rings->receive[next_receive];
  uint32_t bytes = 0;
  INTERRUPT_STATUS = INTERRUPT_RECEIVED;
  order();
  if (!(d->address & RECEIVE_USED))
    return 0;
  order();
  uint32_t status = d->status;
  if ((status & RECEIVE_WHOLE) == RECEIVE_WHOLE &&
      (status & RECEIVE_LENGTH) <= ETHERNET_FRAME_BYTES)
    bytes = status & RECEIVE_LENGTH;
  take_words(frame, rings->received[next_receive], bytes);
  order();
  d->address &= ~RECEIVE_USED;
  RECEIVE_STATUS = STATUS_ALL;
  next_receive = (next_receive + 1) % RECEIVE_BUFFERS;
  return bytes;
}

int ethernet_send(const uint8_t *frame, uint32_t bytes) {
  struct descriptor *d = &rings->transmit[next_transmit];
  uint32_t wrap = next_transmit + 1 == TRANSMIT_BUFFERS ? TRANSMIT_WRAP : 0;
  if (!(d->status & TRANSMIT_USED) || bytes > ETHERNET_FRAME_BYTES)
    return 0;
  put_words(rings->sent[next_transmit], frame, bytes);
  order();
  d->status = bytes | TRANSMIT_LAST | wrap;
  order();
  NETWORK_CONTROL = CONTROL_RECEIVE | CONTROL_TRANSMIT | CONTROL_START;
  next_transmit = (next_transmit + 1) % TRANSMIT_BUFFERS;
  return 1;
}
