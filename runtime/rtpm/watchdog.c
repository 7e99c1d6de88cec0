#include "watchdog.h"

#include "board.h"

static int running, fired;

void watchdog_start(uint32_t milliseconds) {
  fired = 0;
  running = 1;
  board_alarm_set((uint64_t)milliseconds * 1000);
}

void watchdog_stop(void) { running = 0; }

int watchdog_fired(void) {
  if (running && board_alarm_rang())
    fired = 1;
  return fired;
}
