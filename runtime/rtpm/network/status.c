#include "status.h"

#include "board.h"
#include "code.h"
#include "network.h"
#include "record.h"
#include "trust.h"

#include "adfc/crc32.h"
#include "adfc/line.h"

static void put(struct line *l, const char *name, const char *value) {
  line_put(l, name);
  line_put(l, " ");
  line_put(l, value);
  line_put(l, "\n");
}

static void put_number(struct line *l, const char *name, uint64_t value) {
  line_put(l, name);
  line_put(l, " ");
  line_number(l, value, 10);
  line_put(l, "\n");
}

/* A record of several lines becomes as many lines `fault ...`. */
static void put_record(struct line *l, const char *text) {
  line_put(l, "fault ");
  for (; *text; ++text) {
    char one[2] = {*text, 0};
    line_put(l, one);
    if (*text == '\n' && text[1])
      line_put(l, "fault ");
  }
  line_put(l, text[-1] == '\n' ? "" : "\n");
}

uint32_t status_text(const struct slots *s, const char *upload, char *text, size_t bytes) {
  const struct slot *slot = &s->slot[s->active];
  struct line l = line_start(text, bytes);
  put(&l, "board", board_name);
  put(&l, "isa", adfc_code_isa);
  put(&l, "slot", s->active ? "B" : "A");
  put_number(&l, "slot_bytes", network_options.slot_bytes);
  put_number(&l, "image_bytes", slot->bytes);
  put_number(&l, "image_crc", adfc_crc32(0, slot->image, slot->bytes));
  put_number(&l, "image_version", slot->version);
  put_number(&l, "needs_signature", trust_needs_signature);
  put(&l, "upload", upload);
  if (record_kept()) {
    put_number(&l, "fault_boots", record_kept()->boots);
    put_record(&l, record_kept()->text);
  }
  return (uint32_t)l.used;
}
