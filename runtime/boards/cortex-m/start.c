/* Start-up, exceptions and end of an Armv7-M or Armv8-M board.
 * Registers: Armv8-M Architecture Reference Manual (DDI 0553), chapter D1. */
#include "board.h"

#include "cortex_m.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define CPACR REGISTER(0xe000ed88u)
#define CFSR REGISTER(0xe000ed28u)
#define HFSR REGISTER(0xe000ed2cu)
#define BFAR REGISTER(0xe000ed38u)

#define CPACR_FP (0xfu << 20) /* floating point and vectors */

extern uint32_t board_bss_start[], board_bss_end[], board_stack_top[]; /* of the linker script */

_Noreturn void board_entry(void);
_Noreturn void cortex_m_exception(const uint32_t *frame);

void board_write_back(const void *start, size_t bytes) {
  (void)start, (void)bytes; /* the start-up code leaves the caches off */
}

void board_forget_instructions(void) { __asm__ volatile("dsb\n\tisb" ::: "memory"); }

_Noreturn void board_entry(void) {
  CPACR |= CPACR_FP;
  __asm__ volatile("dsb\n\tisb");
  for (uint32_t *word = board_bss_start; word != board_bss_end; ++word)
    *word = 0;
  cortex_m_start_clock();
  board_main();
}

_Noreturn void cortex_m_exception(const uint32_t *frame) {
  static const char *const names[] = {"PC", "CFSR", "HFSR", "BFAR"};
  const uint64_t values[] = {frame[CORTEX_M_FRAME_PC], CFSR, HFSR, BFAR};
  board_exception(names, values, 4);
}

__attribute__((naked)) static void exception(void) {
  __asm__ volatile("mov r0, sp\n\tb cortex_m_exception");
}

__attribute__((naked)) static void tick(void) { __asm__ volatile("mov r0, sp\n\tb cortex_m_tick"); }

/* Semihosting SYS_EXIT_EXTENDED: a debugger or QEMU ends the program. */
_Noreturn void board_exit(enum board_exit_code code) {
  uint32_t block[2] = {0x20026 /* ADP_Stopped_ApplicationExit */, code};
  register uint32_t operation __asm__("r0") = 0x20;
  register uint32_t *argument __asm__("r1") = block;
  __asm__ volatile("bkpt 0xab" : "+r"(operation) : "r"(argument) : "memory");
  for (;;)
    __asm__ volatile("wfe");
}

union vector {
  void *stack;
  void (*handler)(void);
};

/* Of the 16 that the architecture defines, all but SysTick (15) are faults here. */
__attribute__((section(".start"), used)) static const union vector vectors[16] = {
    {.stack = board_stack_top},    {.handler = board_entry},      {.handler = exception},
    {.handler = exception},        {.handler = exception},        {.handler = exception},
    {.handler = exception},        {.handler = exception},        [11] = {.handler = exception},
    [12] = {.handler = exception}, [14] = {.handler = exception}, [15] = {.handler = tick},
};
