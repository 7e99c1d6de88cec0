/* The generic timer of Armv8-A (DDI 0487, chapter D11): a counter, the EL1 physical timer, whose
 * interrupt stays masked, and the virtual timer, which interrupts. Firmware has started the
 * counter.
 */
#include "aarch64.h"
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

static uint64_t ticks_of(uint64_t microseconds) {
  uint64_t hz = frequency();
  return microseconds / 1000000 * hz + microseconds % 1000000 * hz / 1000000;
}

uint64_t board_microseconds(void) {
  uint64_t hz = frequency(), ticks = count();
  return ticks / hz * 1000000 + ticks % hz * 1000000 / hz;
}

void board_alarm_set(uint64_t microseconds) {
  uint64_t ticks = count() + ticks_of(microseconds);
  __asm__ volatile("msr cntp_cval_el0, %0" ::"r"(ticks));
  __asm__ volatile("msr cntp_ctl_el0, %0\n\tisb" ::"r"((uint64_t)(CTL_ENABLE | CTL_IMASK)));
}

int board_alarm_rang(void) {
  uint64_t control;
  __asm__ volatile("isb\n\tmrs %0, cntp_ctl_el0" : "=r"(control)::"memory");
  return (control & CTL_ISTATUS) != 0;
}

static void start_virtual_timer(uint64_t microseconds) {
  uint64_t now;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(now)::"memory");
  __asm__ volatile("msr cntv_cval_el0, %0" ::"r"(now + ticks_of(microseconds)));
  __asm__ volatile("msr cntv_ctl_el0, %0\n\tisb" ::"r"((uint64_t)CTL_ENABLE));
}

static void stop_virtual_timer(void) {
  __asm__ volatile("msr cntv_ctl_el0, xzr\n\tisb" ::: "memory");
}

void board_bark_set(uint64_t microseconds) {
  stop_virtual_timer();
  __asm__ volatile("msr daifset, #1" ::: "memory"); /* FIQ */
  if (!microseconds)
    return;
  start_virtual_timer(microseconds);
  __asm__ volatile("msr daifclr, #1" ::: "memory");
}

/* With FIQs masked: they end WFI, but are not taken. */
void board_sleep(uint32_t device, uint64_t microseconds) {
  start_virtual_timer(microseconds);
  gic_enable(device);
  __asm__ volatile("dsb sy\n\twfi" ::: "memory");
  gic_disable(device);
  stop_virtual_timer();
}
