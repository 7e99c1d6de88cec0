// From scheduled graphs to tiled programs.
#ifndef ADFC_TRANSFORMS_TILE_PASSES_TD
#define ADFC_TRANSFORMS_TILE_PASSES_TD

include "mlir/Pass/PassBase.td"

def ADFTile : Pass<"adf-tile", "::mlir::ModuleOp"> {
  let summary = "turn scheduled graphs into tiled programs";
  let description = [{
    Each kernel operation becomes a phase (or one for each of its `rounds`), as its schedule says. For core (s, c) of the
    grid, with the output rows of spatial group s and the output channels of channel group c:

        for each tile of output channels
          for each spatial tile
            for each chunk of input channels: one kernel call

    * activations: DDR -> shim -> a slab of rows in a memory tile -> one stream for each spatial group, with zero padding,
      to all cores of that group;
    * weights: DDR, in stream order -> shim -> one stream for each channel group, to all cores of that group;
    * output: core -> a memory tile -> DDR, without what was computed past the edges.

    Decides nothing: fails, with a reason, where a schedule does not fit the device.
  }];
  let dependentDialects = ["::adfc::adf::ADFDialect"];
}

#endif // ADFC_TRANSFORMS_TILE_PASSES_TD
