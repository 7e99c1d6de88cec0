#define _GNU_SOURCE
#include "cpu.h"

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

const char *const cpu_isas[] = {"x86_64-amx", "x86_64-vnni", "x86_64", 0};

/* CPUID leaf 1 ECX and leaf 7 (subleaf 0), and XCR0: Intel SDM, volumes 1 and 2A. The levels are
 * those of the x86-64 psABI, which the kernels are compiled for. */
#define ECX1_V2 0x00982201u /* SSE3, SSSE3, CX16, SSE4.1, SSE4.2, POPCNT */
#define ECX1_OSXSAVE (1u << 27)
#define ECX1_V3 0x30401000u  /* FMA, MOVBE, AVX, F16C */
#define EBX7_V3 0x00000128u  /* BMI1, AVX2, BMI2 */
#define EBX7_V4 0xd0030000u  /* AVX512F, DQ, CD, BW, VL */
#define ECX7_VNNI (1u << 11) /* AVX512-VNNI */
#define EDX7_AMX (3u << 24)  /* AMX-TILE, AMX-INT8 */
#define XCR0_AVX512 0xe6u    /* SSE, AVX, opmask, ZMM */
#define XCR0_AMX 0x60000u    /* tile configuration and data */

/* Linux's arch_prctl(ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA): AMX must be asked for. */
#define ARCH_REQ_XCOMP_PERM 0x1023
#define XFEATURE_XTILEDATA 18

static uint32_t xcr0(void) {
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static int has(uint32_t bits, uint32_t wanted) { return (bits & wanted) == wanted; }

/* AVX-512 with VNNI, usable: x86-64-v4 and a bit. */
static int supports_vnni(uint32_t c1, uint32_t b7, uint32_t c7) {
  return has(c1, ECX1_V2 | ECX1_V3 | ECX1_OSXSAVE) && has(xcr0(), XCR0_AVX512) &&
         has(b7, EBX7_V3 | EBX7_V4) && has(c7, ECX7_VNNI);
}

static int supports_amx(uint32_t d7) {
  return has(xcr0(), XCR0_AMX) && has(d7, EDX7_AMX) &&
         syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}

int cpu_supports(const char *isa) {
  unsigned a, b, c1, d, b7 = 0, c7 = 0, d7 = 0;
  if (!__get_cpuid(1, &a, &b, &c1, &d))
    return 0;
  __get_cpuid_count(7, 0, &a, &b7, &c7, &d7);
  if (!strcmp(isa, "x86_64"))
    return has(c1, ECX1_V2);
  if (!strcmp(isa, "x86_64-vnni"))
    return supports_vnni(c1, b7, c7);
  if (!strcmp(isa, "x86_64-amx"))
    return supports_vnni(c1, b7, c7) && supports_amx(d7);
  return 0;
}

#else

#if defined(__aarch64__)
const char *const cpu_isas[] = {"aarch64", 0};
#elif defined(__riscv) && __riscv_xlen == 64
const char *const cpu_isas[] = {"riscv64", 0};
#else
const char *const cpu_isas[] = {0};
#endif

int cpu_supports(const char *isa) {
  for (const char *const *i = cpu_isas; *i; ++i)
    if (!strcmp(*i, isa))
      return 1;
  return 0;
}
#endif
