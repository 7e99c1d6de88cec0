// Passes from dialect adf to dialect rcb.
#ifndef ADFC_CONVERSION_ADFTORCB_PASSES_TD
#define ADFC_CONVERSION_ADFTORCB_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertADFToRCB : Pass<"convert-adf-to-rcb", "::mlir::ModuleOp"> {
  let summary = "flatten placed programs to control blocks";
  let description = [{
    Replaces each placed `adf.program` by an `rcb.image`. For each phase, in order: switches whose routes change, locks
    that do not have their initial value, buffer descriptors, core programs (each distinct one is in the image once),
    then tasks are pushed in the direction of the data, and the tasks with a token are waited for.

    Relies on what `adf-verify-placed` proves: that locks are at their initial value when a phase ends, and that no
    words are left in a stream.

    The program starts by clearing the switches that it uses, since it cannot know what ran before.
  }];
  let dependentDialects = ["::adfc::adf::ADFDialect", "::adfc::rcb::RCBDialect"];
}

#endif // ADFC_CONVERSION_ADFTORCB_PASSES_TD
