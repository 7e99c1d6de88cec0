#include "selftest.h"

#include "board.h"

#include "adfc/crc32.h"
#include "adfc/rhal.h"
#include "adfc/spec/aieml_regs.h"
#include "adfc/spec/devices.h"

extern const uint8_t board_checked_start[], board_checked_end[]; /* of the linker script */

/* Put in place of 0 when the program is linked (python/adfc/boards/seal.py). */
__attribute__((section(".seal"))) const volatile uint32_t rtpm_code_crc = 0;

const char *selftest_code(void) {
  size_t bytes = (size_t)((uintptr_t)board_checked_end - (uintptr_t)board_checked_start);
  return adfc_crc32(0, board_checked_start, bytes) == rtpm_code_crc
             ? 0
             : "code: the program's bytes are damaged (checksum)";
}

enum { TIMER_LOOKS = 1000000, ALARM_US = 20 };

const char *selftest_timer(void) {
  uint64_t start = board_microseconds();
  uint32_t looks = 0;
  board_alarm_set(ALARM_US);
  if (board_alarm_rang() && board_microseconds() - start < ALARM_US)
    return "timer: the alarm rings at once";
  while (board_microseconds() == start)
    if (++looks == TIMER_LOOKS)
      return "timer: the clock stands still";
  while (board_microseconds() - start <= ALARM_US)
    ;
  for (looks = 0; !board_alarm_rang(); ++looks)
    if (looks == TIMER_LOOKS)
      return "timer: the alarm does not ring";
  return 0;
}

const char *selftest_array(const struct adfc_device *device) {
  static const uint32_t block[2] = {0x55aa00ffu, 0xaa55ff00u};
  uint32_t column = device->columns - 1, row = device->core_row_first, value = 0;
  uint32_t word = AIEML_ADDRESS(column, row, 0); /* of the tile's data memory */
  int kept = !rhal_block_write(word, block, 2) && !rhal_read32(word + 4, &value) &&
             value == block[1] && !rhal_mask_write32(word, 0xff00u, 0x1200u) &&
             !rhal_read32(word, &value) && value == 0x55aa12ffu && !rhal_block_set(word, 0, 2) &&
             !rhal_read32(word, &value) && value == 0;
  if (!kept)
    return "array: a tile's memory does not keep what is written to it";
  if (!rhal_write32(AIEML_ADDRESS(device->columns, row, 0), 0))
    return "array: it takes a write to a tile that it does not have";
  return 0;
}
