/* Clock, alarm and watchdog's interrupt of a Cortex-M, all from SysTick.
 * Registers: Armv8-M Architecture Reference Manual (DDI 0553), chapter D1.
 *
 * SysTick counts at the board's clock, 25 or 32 MHz, and QEMU has no counter of cycles or
 * instructions for Cortex-M (DWT_CYCCNT and the M55's PMU read 0). An instruction takes a
 * nanosecond there, less than a tick. board_cycles() therefore looks where between two ticks it was
 * called, as a vernier does: by looks that are apart a whole number of ticks and one instruction.
 */
#include "board.h"

#include "cortex_m.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SYST_CSR REGISTER(0xe000e010u)
#define SYST_RVR REGISTER(0xe000e014u)
#define SYST_CVR REGISTER(0xe000e018u)
#define ICSR REGISTER(0xe000ed04u)
#define ICSR_PENDSTCLR (1u << 25)
#define ICSR_PENDSTSET (1u << 26)

#define SYST_PERIOD 0x1000000u /* 24 bits */
#define SYST_RUN 7u            /* enabled, with interrupt, on the processor's clock */

enum { LOOK_NS = 1001 }; /* from one look at the counter to the next, in board_cycles() */

void cortex_m_tick(const uint32_t *frame);

static uint64_t base, base_ns;    /* before the counter was started last: ticks, nanoseconds */
static uint64_t looks_ns;         /* that board_cycles() has spent on looks at the counter */
static volatile uint32_t periods; /* of the counter that have passed since */
static volatile uint32_t bark;    /* the first of them in which the watchdog barks; 0: never */

void cortex_m_tick(const uint32_t *frame) {
  uint32_t now = ++periods;
  if (bark && now >= bark)
    board_bark(frame[CORTEX_M_FRAME_PC]);
}

/* A period ends, and interrupts, when the counter becomes 0; the next tick sets it to the last
 * number of a period. */
static uint64_t ticks(void) {
  uint32_t before, counter;
  do {
    before = periods;
    counter = SYST_CVR;
  } while (periods != before);
  return base + (uint64_t)before * SYST_PERIOD + (-counter & (SYST_PERIOD - 1));
}

/* A tick begins here, and with the next one a period: so that what follows meets both at the same
 * instructions whenever it runs. */
static void restart(void) {
  __asm__ volatile("cpsid i" ::: "memory");
  SYST_CVR = 0;
  while (!SYST_CVR)
    ;
  ICSR = ICSR_PENDSTCLR;
  periods = 0;
  __asm__ volatile("cpsie i" ::: "memory");
}

void cortex_m_start_clock(void) {
  SYST_RVR = SYST_PERIOD - 1;
  SYST_CSR = SYST_RUN;
  restart();
}

/* Looks at the counter, and again every 1001 instructions, which are a microsecond and one more,
 * until a look finds a tick more than the microseconds have. Returns how many looks went before
 * that one: that tick would have begun so many instructions after the first look, which found
 * `first`. From one LDR to the next are, with the latter: mov, str, nop or bfc, cmp, beq; then
 * movw, 2 x 497, adds, sub, ldr. */
static uint32_t looks_to_tick(uint32_t ticks_in_us, uint32_t *first) {
  uint32_t now, expected, looks, delay;
  __asm__ volatile(
      "  movs %[looks], #0\n"
      "  ldr %[now], [%[counter]]\n"
      "  mov %[expected], %[now]\n"
      "  str %[now], [%[first]]\n"
      "  nop\n"
      "1:\n"
      "  movw %[delay], #497\n"
      "2:\n"
      "  subs %[delay], %[delay], #1\n"
      "  bne 2b\n"
      "  adds %[looks], %[looks], #1\n"
      "  sub %[expected], %[expected], %[step]\n"
      "  ldr %[now], [%[counter]]\n"
      "  bfc %[expected], #24, #8\n"
      "  cmp %[now], %[expected]\n"
      "  beq 1b\n"
      : [looks] "=&l"(looks), [now] "=&r"(now), [expected] "=&r"(expected), [delay] "=&l"(delay)
      : [counter] "r"(&SYST_CVR), [first] "r"(first), [step] "r"(ticks_in_us)
      : "cc", "memory");
  return looks;
}

/* Of so many ticks, less than a period; rounded up. In 32 bits, for the division of 64 takes a loop
 * whose length depends on the numbers. */
static uint32_t nanoseconds(uint32_t ticks) {
  uint32_t rest = ticks % cortex_m_mhz * 1000;
  return ticks / cortex_m_mhz * 1000 + (rest + cortex_m_mhz - 1) / cortex_m_mhz;
}

/* In nanoseconds, which in QEMU are instructions, but for those of the looks. The rest of this
 * takes the same number of them each time. */
uint64_t board_cycles(void) {
  uint32_t counter;
  __asm__ volatile("cpsid i" ::: "memory");
  uint32_t looks = looks_to_tick(cortex_m_mhz, &counter);
  uint32_t passed = periods + 1; /* when this one ends */
  if (ICSR & ICSR_PENDSTSET && (counter == 0 || counter > SYST_PERIOD / 2))
    ++passed; /* one had ended before the first look */
  __asm__ volatile("cpsie i" ::: "memory");
  uint32_t period_ns = nanoseconds(SYST_PERIOD / 8) * 8; /* a multiple of 8 ticks is whole */
  uint32_t left_ns = nanoseconds((counter - 1) & (SYST_PERIOD - 1)) + looks - 1;
  uint64_t now = base_ns + (uint64_t)passed * period_ns - left_ns - looks_ns;
  looks_ns += looks * LOOK_NS;
  return now;
}

uint64_t board_microseconds(void) { return ticks() / cortex_m_mhz; }

static uint64_t alarm; /* when it rings, in ticks */

void board_alarm_set(uint64_t microseconds) { alarm = ticks() + microseconds * cortex_m_mhz; }

int board_alarm_rang(void) { return ticks() >= alarm; }

/* Looked at when a period ends (0.7 s at 25 MHz): up to that much late. */
void board_bark_set(uint64_t microseconds) {
  bark = 0;
  if (!microseconds)
    return;
  base = ticks();
  base_ns = base * 1000 / cortex_m_mhz;
  restart();
  bark = (uint32_t)(microseconds * cortex_m_mhz / SYST_PERIOD) + 1;
}
