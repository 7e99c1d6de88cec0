#include "upload.h"

#include "log.h"
#include "memory.h"
#include "network.h"
#include "status.h"

#include "adfc/line.h"
#include "lwip/apps/tftp_server.h"

enum { BLOCK_BYTES = 512 }; /* of TFTP; a shorter one is the last */

enum handle { NOTHING, WRITING, READING };

static struct {
  struct slots *slots;
  void (*changed)(void);
  enum handle handle;
  uint8_t *memory;
  uint32_t received, sent, status_bytes;
  char status[UPLOAD_STATUS_BYTES];
  char outcome[PROGRAM_TEXT_BYTES + 64]; /* of the last upload */
} upload;

static void conclude(const char *what, const char *why) {
  struct line l = line_start(upload.outcome, sizeof upload.outcome);
  line_put(&l, what);
  line_put(&l, why);
}

static int same(const char *a, const char *b) {
  while (*a && *a == *b)
    ++a, ++b;
  return *a == *b;
}

static int is_octet(const char *mode) {
  static const char octet[] = "octet";
  for (uint32_t i = 0; i < sizeof octet; ++i)
    if ((mode[i] | (octet[i] ? 0x20 : 0)) != octet[i])
      return 0;
  return 1;
}

static void *begin(const char *name, const char *mode, u8_t write) {
  if (!is_octet(mode))
    return NULL;
  if (write && same(name, "image")) {
    upload.memory = slots_memory(upload.slots);
    upload.received = 0;
    upload.handle = WRITING;
    conclude("refused: ", "it was cut short");
    return &upload;
  }
  if (!write && same(name, "status")) {
    upload.status_bytes = upload_status(upload.status);
    upload.sent = 0;
    upload.handle = READING;
    return &upload;
  }
  return NULL;
}

static void end(void *handle) {
  (void)handle;
  if (upload.handle == WRITING)
    log_warn("upload: cut short; the active image remains");
  upload.handle = NOTHING;
}

static int give(void *handle, void *to, int bytes) {
  (void)handle;
  uint32_t left = upload.status_bytes - upload.sent;
  uint32_t part = left < (uint32_t)bytes ? left : (uint32_t)bytes;
  memcpy(to, upload.status + upload.sent, part);
  upload.sent += part;
  return (int)part;
}

static int refuse(const char *why) {
  char text[sizeof upload.outcome];
  struct line l = line_start(text, sizeof text);
  upload.handle = NOTHING;
  conclude("refused: ", why);
  line_put(&l, "upload refused, the active image remains: ");
  line_put(&l, why);
  log_error(text);
  return -1;
}

static void tell_taken(void) {
  char text[96];
  struct line l = line_start(text, sizeof text);
  line_put(&l, "upload: an image of ");
  line_number(&l, upload.received, 10);
  line_put(&l, " bytes is active in slot ");
  line_put(&l, upload.slots->active ? "B" : "A");
  log_info(text);
}

static int finish(void) {
  char text[PROGRAM_TEXT_BYTES];
  int taken = slots_take(upload.slots, upload.received, text);
  upload.changed(); /* the old program's buffers are gone in either case */
  if (!taken)
    return refuse(text);
  upload.handle = NOTHING;
  conclude("taken", "");
  tell_taken();
  return 0;
}

static int take(void *handle, struct pbuf *p) {
  (void)handle;
  if (upload.handle != WRITING)
    return -1;
  if (p->tot_len > network_options.slot_bytes - upload.received)
    return refuse("it is larger than a slot");
  upload.received += pbuf_copy_partial(p, upload.memory + upload.received, p->tot_len, 0);
  return p->tot_len < BLOCK_BYTES ? finish() : 0;
}

uint32_t upload_status(char *text) {
  return status_text(upload.slots, upload.outcome, text, UPLOAD_STATUS_BYTES);
}

void upload_fell_back(const char *why) {
  conclude("fell back: ", why);
  log_warn("the image before is active again: the new one never ran to its end");
}

int upload_start(struct slots *s, void (*changed)(void)) {
  static const struct tftp_context context = {begin, end, give, take};
  upload.slots = s;
  upload.changed = changed;
  conclude("none", "");
  return tftp_init(&context) == ERR_OK;
}
