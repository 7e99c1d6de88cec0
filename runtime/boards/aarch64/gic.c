/* Arm's GICv3 (IHI 0069, chapter 12), for one interrupt: the virtual timer's, which is private
 * interrupt 27 (BSA, section 3.8.1). As one of group 0, which all are after a reset, it comes as an
 * FIQ. */
#include "aarch64.h"

enum {
  GICD_CTLR = 0x0,
  CTLR_ENABLE_GROUP0 = 1u << 0,
  CTLR_ARE = 1u << 4,
  GICR_WAKER = 0x14,
  WAKER_PROCESSOR_SLEEP = 1u << 1,
  WAKER_CHILDREN_ASLEEP = 1u << 2,
  GICR_ISENABLER0 = 0x10100, /* in the redistributor's second frame */
  VIRTUAL_TIMER = 27,
  LOOKS = 100000,
};

static volatile uint32_t *reg(uintptr_t base, uint32_t offset) {
  return (volatile uint32_t *)(base + offset);
}

void gic_start(uintptr_t distributor, uintptr_t redistributor) {
  *reg(distributor, GICD_CTLR) = CTLR_ARE;
  *reg(distributor, GICD_CTLR) = CTLR_ARE | CTLR_ENABLE_GROUP0;
  *reg(redistributor, GICR_WAKER) &= ~(uint32_t)WAKER_PROCESSOR_SLEEP;
  for (uint32_t i = 0; i < LOOKS && *reg(redistributor, GICR_WAKER) & WAKER_CHILDREN_ASLEEP; ++i)
    ;
  *reg(redistributor, GICR_ISENABLER0) = 1u << VIRTUAL_TIMER;
  /* ICC_SRE_EL1, ICC_PMR_EL1 (all priorities), ICC_IGRPEN0_EL1 */
  __asm__ volatile("msr S3_0_C12_C12_5, %0\n\tisb" ::"r"(7ul));
  __asm__ volatile("msr S3_0_C4_C6_0, %0" ::"r"(0xfful));
  __asm__ volatile("msr S3_0_C12_C12_6, %0\n\tisb" ::"r"(1ul));
}
