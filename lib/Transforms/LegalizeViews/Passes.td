// Tensors that lie inside others.
#ifndef ADFC_TRANSFORMS_LEGALIZEVIEWS_PASSES_TD
#define ADFC_TRANSFORMS_LEGALIZEVIEWS_PASSES_TD

include "mlir/Pass/PassBase.td"

def ADFLegalizeViews : Pass<"adf-legalize-views", "::mlir::ModuleOp"> {
  let summary = "copy where a tensor cannot lie inside another, or be read through a view";
  let description = [{
    After this pass

    * each part of an `adf.assemble` is the result of a kernel or of another `adf.assemble`, which nothing else places:
      what makes it writes to the part's place, and its other users read it there;
    * an `adf.reshape` and an `adf.output` have an operand that is a tensor of its own: the result of a kernel that no
      `adf.assemble` places, of an `adf.assemble`, or an input of the graph (for a reshape); no output is given twice.

    Where that is not so an `adf.copy` makes it so.
  }];
  let dependentDialects = ["::adfc::adf::ADFDialect"];
}

#endif // ADFC_TRANSFORMS_LEGALIZEVIEWS_PASSES_TD
