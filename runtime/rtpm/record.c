#include "record.h"

#include "board.h"
#include "console.h"
#include "log.h"
#include "memory.h"

#include "adfc/crc32.h"

#define MAGIC 0x50454b52u /* the bytes 'RKEP' */

extern struct record board_kept; /* of the linker script: at a fixed place, in no section */

enum { CHECKED_FROM = 8 }; /* the bytes after magic and checksum */

static uint32_t checksum(void) {
  return adfc_crc32(0, (const uint8_t *)&board_kept + CHECKED_FROM,
                    sizeof board_kept - CHECKED_FROM);
}

static void seal(void) {
  board_kept.magic = MAGIC;
  board_kept.crc = checksum();
  board_write_back(&board_kept, sizeof board_kept);
}

void record_keep(const char *text) {
  uint32_t i = 0;
  memset(&board_kept, 0, sizeof board_kept);
  for (; text[i] && i + 1 < RECORD_TEXT_BYTES; ++i)
    board_kept.text[i] = text[i];
  seal();
}

const struct record *record_kept(void) {
  return board_kept.magic == MAGIC && board_kept.crc == checksum() ? &board_kept : 0;
}

void record_boot(void) {
  if (!record_kept())
    return;
  ++board_kept.boots;
  seal();
  if (board_kept.boots == 1) {
    log_warn("the boot before this one ended with a fault:");
    console_lines("@kept ", board_kept.text);
  }
}
