/* Arm's GICv3 (IHI 0069, chapter 12), for two interrupts: the virtual timer's, which is private
 * interrupt 27 (BSA, section 3.8.1), and the one of a network device while the processor sleeps. As
 * of group 0, which all are after a reset, they come as FIQs. */
#include "aarch64.h"

#define CTLR_WRITE_PENDING (1u << 31)

enum {
  GICD_CTLR = 0x0,
  CTLR_ENABLE_GROUP0 = 1u << 0,
  CTLR_ARE = 1u << 4,
  GICD_ISENABLER = 0x100,
  GICD_ICENABLER = 0x180,
  GICD_IROUTER = 0x6000, /* 8 bytes each */
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

static uintptr_t the_distributor;

void gic_start(uintptr_t distributor, uintptr_t redistributor) {
  the_distributor = distributor;
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

static volatile uint32_t *word_of(uint32_t registers, uint32_t interrupt) {
  return reg(the_distributor, registers + interrupt / 32 * 4);
}

void gic_enable(uint32_t interrupt) {
  *reg(the_distributor, GICD_IROUTER + 8 * interrupt) = 0; /* affinity 0.0.0.0: start.S */
  *reg(the_distributor, GICD_IROUTER + 8 * interrupt + 4) = 0;
  *word_of(GICD_ISENABLER, interrupt) = 1u << interrupt % 32;
}

void gic_disable(uint32_t interrupt) {
  *word_of(GICD_ICENABLER, interrupt) = 1u << interrupt % 32;
  for (uint32_t i = 0; i < LOOKS && *reg(the_distributor, GICD_CTLR) & CTLR_WRITE_PENDING; ++i)
    ;
}
