/* A network device of virtio 1.x behind registers in memory, as QEMU's `virt` has it ("Virtual I/O
 * Device (VIRTIO) Version 1.1": 4.2.2 registers, 2.6 split queues, 5.1 network device). The device
 * sees memory as the processor does. */
#include "ethernet.h"

#include "memory.h"

/* QEMU, hw/arm/virt.c: 32 places, 0x200 bytes each, with an interrupt each. */
#define FIRST 0x0a000000u
enum { PLACES = 32, PLACE_BYTES = 0x200, FIRST_INTERRUPT = 32 + 16 };

enum { /* registers by word */
       MAGIC = 0x000 / 4,
       VERSION = 0x004 / 4,
       DEVICE = 0x008 / 4,
       DEVICE_FEATURES = 0x010 / 4,
       DEVICE_FEATURES_SELECT = 0x014 / 4,
       DRIVER_FEATURES = 0x020 / 4,
       DRIVER_FEATURES_SELECT = 0x024 / 4,
       QUEUE_SELECT = 0x030 / 4,
       QUEUE_SIZE_MAX = 0x034 / 4,
       QUEUE_SIZE = 0x038 / 4,
       QUEUE_READY = 0x044 / 4,
       QUEUE_NOTIFY = 0x050 / 4,
       INTERRUPT_STATUS = 0x060 / 4,
       INTERRUPT_ACKNOWLEDGE = 0x064 / 4,
       STATUS = 0x070 / 4,
       QUEUE_DESCRIPTORS = 0x080 / 4, /* low word, high word */
       QUEUE_DRIVER = 0x090 / 4,
       QUEUE_DEVICE = 0x0a0 / 4,
       CONFIG = 0x100 / 4, /* the device's address comes first */
};

#define MAGIC_VALUE 0x74726976u
#define VERSION_MODERN 2u
#define DEVICE_NETWORK 1u
#define STATUS_ACKNOWLEDGE 1u
#define STATUS_DRIVER 2u
#define STATUS_DRIVER_OK 4u
#define STATUS_FEATURES_OK 8u
#define FEATURE_MAC (1u << 5)
#define FEATURE_VERSION_1 (1u << 0) /* of the second word */

enum { RECEIVE, TRANSMIT, QUEUES };
enum { SIZE = 32, HEADER_BYTES = 12, BUFFER_BYTES = 1536 };
#define DESCRIPTOR_WRITE 2u

struct queue {
  _Alignas(16) volatile struct {
    uint64_t address;
    uint32_t bytes;
    uint16_t flags, next;
  } descriptors[SIZE];
  _Alignas(2) volatile struct {
    uint16_t flags, index, ring[SIZE], event;
  } driver;
  _Alignas(4) volatile struct {
    uint16_t flags, index;
    struct {
      uint32_t id, bytes;
    } ring[SIZE];
    uint16_t event;
  } device;
  uint16_t seen; /* entries of `device` that have been dealt with */
  _Alignas(8) uint8_t buffers[SIZE][BUFFER_BYTES];
};

static volatile uint32_t *device;
static struct queue queues[QUEUES];

static void order(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

static volatile uint32_t *find(void) {
  for (uint32_t i = 0; i < PLACES; ++i) {
    volatile uint32_t *at = (volatile uint32_t *)(uintptr_t)(FIRST + i * PLACE_BYTES);
    if (at[MAGIC] == MAGIC_VALUE && at[VERSION] == VERSION_MODERN && at[DEVICE] == DEVICE_NETWORK)
      return at;
  }
  return 0;
}

static void set_address(uint32_t reg, const volatile void *address) {
  device[reg] = (uint32_t)(uintptr_t)address;
  device[reg + 1] = (uint32_t)((uint64_t)(uintptr_t)address >> 32);
}

static int start_queue(uint32_t number, uint16_t flags) {
  struct queue *q = &queues[number];
  device[QUEUE_SELECT] = number;
  if (device[QUEUE_READY] || device[QUEUE_SIZE_MAX] < SIZE)
    return 0;
  for (uint16_t i = 0; i < SIZE; ++i) {
    q->descriptors[i].address = (uintptr_t)q->buffers[i];
    q->descriptors[i].bytes = BUFFER_BYTES;
    q->descriptors[i].flags = flags;
    q->driver.ring[i] = i;
  }
  q->driver.index = q->device.index = q->seen = 0;
  q->driver.flags = number == TRANSMIT; /* 1: no interrupts */
  device[QUEUE_SIZE] = SIZE;
  set_address(QUEUE_DESCRIPTORS, q->descriptors);
  set_address(QUEUE_DRIVER, &q->driver);
  set_address(QUEUE_DEVICE, &q->device);
  order();
  device[QUEUE_READY] = 1;
  return 1;
}

static int agree_on_features(void) {
  device[DEVICE_FEATURES_SELECT] = 0;
  uint32_t low = device[DEVICE_FEATURES] & FEATURE_MAC;
  device[DEVICE_FEATURES_SELECT] = 1;
  uint32_t high = device[DEVICE_FEATURES] & FEATURE_VERSION_1;
  device[DRIVER_FEATURES_SELECT] = 0;
  device[DRIVER_FEATURES] = low;
  device[DRIVER_FEATURES_SELECT] = 1;
  device[DRIVER_FEATURES] = high;
  device[STATUS] = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK;
  return low && high && (device[STATUS] & STATUS_FEATURES_OK);
}

int ethernet_start(uint8_t mac[6]) {
  device = find();
  if (!device)
    return 0;
  device[STATUS] = 0;
  device[STATUS] = STATUS_ACKNOWLEDGE;
  device[STATUS] = STATUS_ACKNOWLEDGE | STATUS_DRIVER;
  if (!agree_on_features() || !start_queue(RECEIVE, DESCRIPTOR_WRITE) || !start_queue(TRANSMIT, 0))
    return 0;
  for (uint32_t i = 0; i < 6; ++i)
    mac[i] = ((volatile uint8_t *)(device + CONFIG))[i];
  device[STATUS] = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK;
  queues[RECEIVE].driver.index = SIZE; /* all buffers wait for frames */
  order();
  device[QUEUE_NOTIFY] = RECEIVE;
  return 1;
}

uint32_t ethernet_interrupt(void) {
  return FIRST_INTERRUPT + (uint32_t)((uintptr_t)device - FIRST) / PLACE_BYTES;
}

uint32_t ethernet_receive(uint8_t *frame) {
  struct queue *q = &queues[RECEIVE];
  device[INTERRUPT_ACKNOWLEDGE] = device[INTERRUPT_STATUS];
  order();
  if (q->device.index == q->seen)
    return 0;
  order();
  uint32_t slot = q->seen++ % SIZE, id = q->device.ring[slot].id,
           bytes = q->device.ring[slot].bytes;
  if (id >= SIZE || bytes < HEADER_BYTES || bytes > HEADER_BYTES + ETHERNET_FRAME_BYTES)
    bytes = HEADER_BYTES;
  memcpy(frame, q->buffers[id % SIZE] + HEADER_BYTES, bytes - HEADER_BYTES);
  q->driver.ring[q->driver.index % SIZE] = (uint16_t)(id % SIZE);
  order();
  ++q->driver.index;
  order();
  device[QUEUE_NOTIFY] = RECEIVE;
  return bytes - HEADER_BYTES;
}

int ethernet_send(const uint8_t *frame, uint32_t bytes) {
  struct queue *q = &queues[TRANSMIT];
  uint32_t slot = q->driver.index % SIZE;
  if ((uint16_t)(q->driver.index - q->device.index) >= SIZE || bytes > ETHERNET_FRAME_BYTES)
    return 0;
  memset(q->buffers[slot], 0, HEADER_BYTES);
  memcpy(q->buffers[slot] + HEADER_BYTES, frame, bytes);
  q->descriptors[slot].bytes = HEADER_BYTES + bytes;
  order();
  ++q->driver.index;
  order();
  device[QUEUE_NOTIFY] = TRANSMIT;
  return 1;
}
