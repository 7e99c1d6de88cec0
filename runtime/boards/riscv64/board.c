/* QEMU's `virt` machine with a 64-bit RISC-V hart in machine mode. Addresses: QEMU,
 * hw/riscv/virt.c. */
#include "board.h"

/* A 16550 UART, registers one byte each (National Semiconductor PC16550D). */
#define UART ((volatile uint8_t *)0x10000000u)
enum { THR = 0, LCR = 3, LSR = 5 };
#define LCR_8BITS 3u
#define LSR_THRE 0x20u

/* SiFive's test device: ends QEMU with an exit status (QEMU, hw/misc/sifive_test.c). */
#define TEST ((volatile uint32_t *)0x100000u)
#define TEST_PASS 0x5555u
#define TEST_FAIL 0x3333u

/* The machine timer (The RISC-V Instruction Set Manual, Volume II), at 10 MHz. */
#define MTIMECMP ((volatile uint64_t *)0x2004000u)
#define MTIME ((volatile uint64_t *)0x200bff8u)
#define MTIME_MHZ 10u
#define MIE_MTIE 0x80ul
#define MSTATUS_MIE 0x8ul
#define MCAUSE_TIMER (1ull << 63 | 7u)

const char board_name[] = "riscv64 (QEMU virt, rv64gc)";

void board_start(void) { UART[LCR] = LCR_8BITS; }

void board_put(char c) {
  while (!(UART[LSR] & LSR_THRE))
    ;
  UART[THR] = (uint8_t)c;
}

uint64_t board_cycles(void) {
  uint64_t value;
  __asm__ volatile("csrr %0, mcycle" : "=r"(value)::"memory");
  return value;
}

uint64_t board_microseconds(void) { return *MTIME / MTIME_MHZ; }

static uint64_t alarm; /* when it rings, in ticks: the comparator is the interrupt's */

void board_alarm_set(uint64_t microseconds) { alarm = *MTIME + microseconds * MTIME_MHZ; }

int board_alarm_rang(void) { return *MTIME >= alarm; }

void board_bark_set(uint64_t microseconds) {
  __asm__ volatile("csrc mie, %0" ::"r"(MIE_MTIE) : "memory");
  if (!microseconds)
    return;
  *MTIMECMP = *MTIME + microseconds * MTIME_MHZ;
  __asm__ volatile("csrs mie, %0\n\tcsrs mstatus, %1" ::"r"(MIE_MTIE), "r"(MSTATUS_MIE) : "memory");
}

void board_write_back(const void *start, size_t bytes) { (void)start, (void)bytes; }

void board_forget_instructions(void) { __asm__ volatile("fence.i" ::: "memory"); }

_Noreturn void board_exit(enum board_exit_code code) {
  *TEST = code ? (uint32_t)code << 16 | TEST_FAIL : TEST_PASS;
  for (;;)
    __asm__ volatile("wfi");
}

_Noreturn void riscv_exception(uint64_t cause, uint64_t address, uint64_t value);

_Noreturn void riscv_exception(uint64_t cause, uint64_t address, uint64_t value) {
  if (cause == MCAUSE_TIMER)
    board_bark(address);
  static const char *const names[] = {"mcause", "mepc", "mtval"};
  const uint64_t values[] = {cause, address, value};
  board_exception(names, values, 3);
}
