// Passes on control blocks.
#ifndef ADFC_TRANSFORMS_SIMPLIFYRCB_PASSES_TD
#define ADFC_TRANSFORMS_SIMPLIFYRCB_PASSES_TD

include "mlir/Pass/PassBase.td"

def RCBSimplify : Pass<"rcb-simplify", "::mlir::ModuleOp"> {
  let summary = "drop writes of what stands already, and join neighbours";
  let description = [{
    A register write costs on the order of 100 array cycles, each further word of a block write a tenth of that. So:

    * a write to a switch, multiplexer or buffer descriptor register is dropped where the register has that value
      already; the same holds for bound DDR addresses and loaded core programs;
    * writes of one run (with nothing but such writes in between) are sorted by address, and those that are near each other in
      one register class become one block write.

    Kept as they are: writes to what the array changes itself or acts on (queues, locks, core control, data memory).
    The iteration word of a descriptor that iterates is always written anew, for it holds where the iteration
    stands.

    What stands at the start of a program is unknown, also at that of a program that runs after a load program:
    it may follow a run of itself as well.
  }];
  let dependentDialects = ["::adfc::rcb::RCBDialect"];
  let statistics = [
    Statistic<"wordsBefore", "words-before", "Register words written before">,
    Statistic<"wordsAfter", "words-after", "Register words written after">
  ];
}

#endif // ADFC_TRANSFORMS_SIMPLIFYRCB_PASSES_TD
