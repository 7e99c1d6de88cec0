/* The generic timer of Armv8-A (DDI 0487, chapter D11): a counter, and the EL1 physical timer,
 * whose interrupt stays masked. Firmware has started the counter. */
#include "board.h"

#define CTL_ENABLE 1u
#define CTL_IMASK 2u
#define CTL_ISTATUS 4u

static uint64_t frequency(void) {
  uint64_t hz;
  __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
  return hz;
}

static uint64_t count(void) {
  uint64_t ticks;
  __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(ticks)::"memory");
  return ticks;
}

uint64_t board_microseconds(void) {
  uint64_t hz = frequency(), ticks = count();
  return ticks / hz * 1000000 + ticks % hz * 1000000 / hz;
}

void board_alarm_set(uint64_t microseconds) {
  uint64_t ticks = count() + microseconds * frequency() / 1000000;
  __asm__ volatile("msr cntp_cval_el0, %0" ::"r"(ticks));
  __asm__ volatile("msr cntp_ctl_el0, %0\n\tisb" ::"r"((uint64_t)(CTL_ENABLE | CTL_IMASK)));
}

int board_alarm_rang(void) {
  uint64_t control;
  __asm__ volatile("isb\n\tmrs %0, cntp_ctl_el0" : "=r"(control)::"memory");
  return (control & CTL_ISTATUS) != 0;
}
