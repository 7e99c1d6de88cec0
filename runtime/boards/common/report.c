#include "report.h"

#include "adfc/crc32.h"
#include "console.h"

enum { LINE_BYTES = 32 };

void report_fault(const char *text) { console_lines("@fault ", text); }

void report_counter(const char *name, uint64_t value) {
  console_text("@counter ");
  console_text(name);
  console_text(" ");
  console_decimal(value);
  console_text("\n");
}

void report_run(uint64_t processor_cycles, uint64_t array_cycles, const uint8_t *output,
                uint64_t bytes) {
  console_text("@run ");
  console_decimal(processor_cycles);
  console_text(" ");
  console_decimal(array_cycles);
  console_text(" ");
  console_hex(adfc_crc32(0, output, (size_t)bytes), 8);
  console_text("\n");
}

static void data_line(const uint8_t *data, uint64_t offset, uint64_t bytes) {
  console_text("@data ");
  console_hex(offset, 8);
  console_text(" ");
  for (uint64_t i = 0; i < bytes; ++i)
    console_hex(data[i], 2);
  console_text("\n");
}

void report_output(const uint8_t *block, uint64_t bytes) {
  console_text("@output ");
  console_decimal(bytes);
  console_text(" ");
  console_hex(adfc_crc32(0, block, (size_t)bytes), 8);
  console_text("\n");
  for (uint64_t at = 0; at < bytes; at += LINE_BYTES)
    data_line(block + at, at, bytes - at < LINE_BYTES ? bytes - at : LINE_BYTES);
}

void report_end(uint32_t code) {
  console_text("@end ");
  console_decimal(code);
  console_text("\n");
}
