#include "watchdog.h"

#include "board.h"
#include "start.h"

#include "adfc/line.h"

static int running, fired;
static uint32_t phase, phases; /* the last one, and how many there were */

void watchdog_start(uint32_t milliseconds) {
  fired = 0;
  running = 1;
  phases = 0;
  board_alarm_set((uint64_t)milliseconds * 1000);
  board_bark_set((2ull * milliseconds + WATCHDOG_BARK_MS) * 1000);
}

void watchdog_stop(void) {
  running = 0;
  board_bark_set(0);
}

void watchdog_phase(uint32_t id) {
  phase = id;
  ++phases;
}

_Noreturn void board_bark(uintptr_t place) {
  char text[160];
  struct line l = line_start(text, sizeof text);
  board_bark_set(0);
  line_put(&l, "the watchdog fired: a kernel, or the program, does not return; at address ");
  line_number(&l, place, 16);
  line_put(&l, phases ? ", after the start of phase " : ", before the first phase");
  if (phases)
    line_number(&l, phase, 10);
  rtpm_fault(text);
  rtpm_end(BOARD_FAULTED);
}

int watchdog_fired(void) {
  if (running && board_alarm_rang())
    fired = 1;
  return fired;
}
