#include "inference.h"

#include "board.h"
#include "memory.h"
#include "upload.h"
#include "wire.h"

#include "adfc/crc32.h"
#include "adfc/line.h"
#include "lwip/udp.h"

_Static_assert(sizeof(struct wire) == WIRE_HEADER_BYTES + WIRE_PART_BYTES, "as on the wire");

enum {
  MAX_PARTS = 65536, /* of an input block: 64 MB */
  FAULT_BYTES = 900,
  IDLE_US = 5000000, /* after which another client's request replaces one under way */
};

static struct {
  struct slots *slots;
  struct udp_pcb *port;
  struct wire in, out;
  ip_addr_t client;
  u16_t client_port;
  uint32_t request, state; /* 0: no request */
  uint32_t missing;        /* parts */
  uint32_t total, crc;     /* of the input block */
  uint64_t heard;          /* when the last part came, in microseconds */
  uint8_t have[MAX_PARTS / 8];
  struct wire_done done;
  char fault[FAULT_BYTES];
} service;

static uint32_t parts(uint32_t bytes) { return (bytes + WIRE_PART_BYTES - 1) / WIRE_PART_BYTES; }

static void answer(uint32_t type, uint32_t bytes) {
  struct wire *out = &service.out;
  uint32_t size = WIRE_HEADER_BYTES + bytes;
  out->magic = WIRE_MAGIC;
  out->check = 0;
  out->type = type;
  out->request = service.in.request;
  out->index = service.in.index;
  out->bytes = bytes;
  out->check = adfc_crc32(0, (const uint8_t *)out, size);
  struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)size, PBUF_RAM);
  if (!p)
    return; /* the client will ask again */
  pbuf_take(p, out, (u16_t)size);
  udp_sendto(service.port, p, &service.client, service.client_port);
  pbuf_free(p);
}

static void refuse(const char *why) {
  uint32_t bytes = 0;
  for (; why[bytes] && bytes < WIRE_PART_BYTES; ++bytes)
    service.out.payload[bytes] = (uint8_t)why[bytes];
  service.out.total = bytes;
  service.out.crc = 0;
  answer(WIRE_REFUSED, bytes);
}

/* Part `index` of the `bytes` bytes at `whole`. */
static void answer_part(const uint8_t *whole, uint32_t bytes) {
  uint32_t index = service.in.index;
  if (index >= parts(bytes) && (index || bytes)) {
    refuse("there is no such part");
    return;
  }
  uint32_t offset = index * WIRE_PART_BYTES, left = bytes - offset;
  uint32_t part = left < WIRE_PART_BYTES ? left : WIRE_PART_BYTES;
  memcpy(service.out.payload, whole + offset, part);
  service.out.total = bytes;
  service.out.crc = index ? 0 : adfc_crc32(0, whole, bytes);
  answer(WIRE_ANSWER | service.in.type, part);
}

static void on_read(void) {
  static char status[UPLOAD_STATUS_BYTES];
  char name[WIRE_NAME_BYTES + 1] = {0};
  struct rimfs_section section;
  if (service.in.bytes > WIRE_NAME_BYTES) {
    refuse("the name is too long");
    return;
  }
  memcpy(name, service.in.payload, service.in.bytes);
  if (!memcmp(name, "status", sizeof "status"))
    answer_part((const uint8_t *)status, upload_status(status));
  else if (!rimfs_find(&service.slots->program.fs, name, &section))
    answer_part(section.data, section.bytes);
  else
    refuse("the image has no such section");
}

/* The first part of a request, whichever it is. Returns 0 where it is refused. */
static int begin(void) {
  const struct wire *in = &service.in;
  uint64_t bytes = service.slots->program.image.buffer_bytes[RCB_BUFFER_INPUT];
  int busy = service.state == WIRE_RUNNING ||
             (service.state == WIRE_RECEIVING && board_microseconds() - service.heard < IDLE_US);
  if (busy || in->total != bytes || !bytes || parts(in->total) > MAX_PARTS) {
    refuse(busy ? "busy with another request" : "the input block has a wrong length");
    return 0;
  }
  service.request = in->request;
  service.state = WIRE_RECEIVING;
  service.total = in->total;
  service.crc = in->crc;
  service.missing = parts(in->total);
  memset(service.have, 0, sizeof service.have);
  return 1;
}

static void take_part(void) {
  const struct wire *in = &service.in;
  uint8_t *block = service.slots->program.buffers[RCB_BUFFER_INPUT];
  uint32_t offset = in->index * WIRE_PART_BYTES, left = service.total - offset;
  if (in->index >= parts(service.total) ||
      in->bytes != (left < WIRE_PART_BYTES ? left : WIRE_PART_BYTES)) {
    refuse("there is no such part");
    return;
  }
  service.heard = board_microseconds();
  if (service.state == WIRE_RECEIVING && !(service.have[in->index / 8] >> in->index % 8 & 1)) {
    memcpy(block + offset, in->payload, in->bytes);
    service.have[in->index / 8] |= (uint8_t)(1u << in->index % 8);
    if (--service.missing == 0 && adfc_crc32(0, block, service.total) != service.crc) {
      service.state = 0;
      refuse("the input block is damaged (checksum)");
      return;
    }
    if (service.missing == 0)
      service.state = WIRE_RUNNING;
  }
  service.out.total = service.out.crc = 0;
  answer(WIRE_ANSWER | WIRE_INPUT, 0);
}

static int known(void) {
  if (service.state && service.in.request == service.request)
    return 1;
  refuse("no such request");
  return 0;
}

static void on_state(void) {
  uint32_t bytes = 4;
  service.done.state = service.state;
  if (service.state == WIRE_DONE)
    bytes = sizeof service.done;
  memcpy(service.out.payload, &service.done, bytes);
  if (service.state == WIRE_FAULT)
    for (uint32_t i = 0; service.fault[i]; ++i)
      service.out.payload[bytes++] = (uint8_t)service.fault[i];
  service.out.total = service.out.crc = 0;
  answer(WIRE_ANSWER | WIRE_STATE, bytes);
}

static void on_output(void) {
  const struct program *p = &service.slots->program;
  if (service.state != WIRE_DONE) {
    refuse("there is no output");
    return;
  }
  answer_part(p->buffers[RCB_BUFFER_OUTPUT], (uint32_t)p->image.buffer_bytes[RCB_BUFFER_OUTPUT]);
}

static void dispatch(void) {
  switch (service.in.type) {
  case WIRE_READ:
    on_read();
    break;
  case WIRE_INPUT:
    if ((service.state && service.in.request == service.request) || begin())
      take_part();
    break;
  case WIRE_STATE:
    if (known())
      on_state();
    break;
  case WIRE_OUTPUT:
    if (known())
      on_output();
    break;
  default:
    refuse("no such question");
  }
}

/* Whether the datagram in `service.in` arrived as it was sent. */
static int intact(uint32_t bytes) {
  struct wire *in = &service.in;
  if (bytes < WIRE_HEADER_BYTES || in->magic != WIRE_MAGIC ||
      bytes != WIRE_HEADER_BYTES + in->bytes)
    return 0;
  uint32_t check = in->check;
  in->check = 0;
  return adfc_crc32(0, (const uint8_t *)in, bytes) == check;
}

static void receive(void *user, struct udp_pcb *port, struct pbuf *p, const ip_addr_t *address,
                    u16_t from) {
  (void)user, (void)port;
  uint32_t bytes = p->tot_len;
  if (bytes <= sizeof service.in) {
    pbuf_copy_partial(p, &service.in, (u16_t)bytes, 0);
    service.client = *address;
    service.client_port = from;
    if (intact(bytes))
      dispatch();
  }
  pbuf_free(p);
}

int inference_start(struct slots *s) {
  service.slots = s;
  service.port = udp_new();
  if (!service.port || udp_bind(service.port, IP_ADDR_ANY, WIRE_PORT) != ERR_OK)
    return 0;
  udp_recv(service.port, receive, NULL);
  return 1;
}

void inference_reset(void) { service.state = 0; }

int inference_waits(void) { return service.state == WIRE_RUNNING; }

void inference_done(const struct engine_result *engine, uint64_t processor_cycles,
                    const char *fault) {
  const struct program *p = &service.slots->program;
  const struct rhal_emu_cost *cost = &p->emu.total;
  if (fault) {
    struct line l = line_start(service.fault, sizeof service.fault);
    line_put(&l, fault);
    service.state = WIRE_FAULT;
    return;
  }
  uint32_t bytes = (uint32_t)p->image.buffer_bytes[RCB_BUFFER_OUTPUT];
  service.state = WIRE_DONE;
  service.done = (struct wire_done){
      .engine_instructions = engine->instructions,
      .output_bytes = bytes,
      .output_crc = adfc_crc32(0, p->buffers[RCB_BUFFER_OUTPUT], bytes),
      .processor_cycles = processor_cycles,
      .cycles = cost->cycles,
      .control_cycles = cost->control_cycles,
      .exposed_cycles = cost->exposed_cycles,
      .ddr_read_bytes = cost->ddr_read_bytes,
      .ddr_write_bytes = cost->ddr_write_bytes,
  };
}
