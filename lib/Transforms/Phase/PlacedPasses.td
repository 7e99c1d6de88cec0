// Passes that give every resource of a tiled program its physical name, and check the result.
#ifndef ADFC_TRANSFORMS_PLACEDPASSES_TD
#define ADFC_TRANSFORMS_PLACEDPASSES_TD

include "mlir/Pass/PassBase.td"

def ADFPlace : Pass<"adf-place", "::mlir::ModuleOp"> {
  let summary = "give virtual tiles their coordinates and DMA tasks their channels";
  let description = [{
    Core tiles come first: from the lowest core row up, a few for each column (four northern neighbours' outputs fill a
    column's southbound streams), in columns around the shims that reach DDR. Memory tiles go as near to the cores
    they serve as their channels, buffer descriptors, locks and bytes allow; shim tiles likewise. Nothing is placed on
    the program's `avoid` tiles. A tile that has coordinates, or a task that has a channel, keeps them.

    Since a placement is only good if its streams can be routed, each phase is tried with `cores-per-column` cores for each
    column, then with fewer, then with more; the first placement that routes is taken.

    Fails with what is missing, and where.
  }];
  let dependentDialects = ["::adfc::adf::ADFDialect"];
  let options = [
    Option<"coresPerColumn", "cores-per-column", "int64_t", /*default=*/"4",
           "cores of one phase that share a column, where the device has room">
  ];
}

def ADFRoute : Pass<"adf-route", "::mlir::ModuleOp"> {
  let summary = "route streams through the stream switches";
  let description = [{
    Adds the `adf.connect` operations of each stream. Streams with more than one target share their path as long as they
    can. A stream that connects the same ports in a later phase keeps its route where that phase still can be
    routed then, so that its switches need not be set again.

    Negotiated congestion: all streams take their cheapest path, and ports that several want grow dearer until each has one
    user. Fails with the name of the switch where that did not succeed.
  }];
  let dependentDialects = ["::adfc::adf::ADFDialect"];
  let statistics = [
    Statistic<"routedStreams", "routed-streams", "Streams routed">,
    Statistic<"keptRoutes", "kept-routes", "Streams that kept an earlier phase's route">
  ];
}

def ADFAllocate : Pass<"adf-allocate", "::mlir::ModuleOp"> {
  let summary = "assign addresses, locks and buffer descriptors";
  let description = [{
    Data memory of core and memory tiles, the regions of a core's window in different banks where that fits; two locks for each
    window; a buffer descriptor number for each `adf.bd` (on memory tiles, even channels have the lower half of them
    and odd channels the upper); and an offset in its DDR buffer for each `adf.ddr`. Pieces of the arena share
    bytes when no phase needs both.

    Fails with the memory, the tile and the phase, and the bytes that are too many.
  }];
  let dependentDialects = ["::adfc::adf::ADFDialect"];
}

def ADFVerifyPlaced : Pass<"adf-verify-placed", "::mlir::ModuleOp"> {
  let summary = "prove that a placed program uses nothing twice and nothing past its end";
  let description = [{
    Checks, without regard to how the program came about:

    * tiles exist, are of their kind, are not to be avoided; a core tile is used once in a phase;
    * windows and buffers lie inside their tile's memory and overlap with none; DDR pieces that are needed in one phase
      do not overlap;
    * locks, channels and buffer descriptors exist, belong to their channel, and are used once;
    * each descriptor's lengths, steps, wraps and padding fit the registers' fields;
    * switch connections are possible, give each port one source, and lead each stream from its source to exactly its targets;
    * both ends of a stream move the same number of words;
    * every lock is at its initial value when the phase ends;
    * core programs stay inside their limits.
  }];
  let dependentDialects = ["::adfc::adf::ADFDialect"];
}

#endif // ADFC_TRANSFORMS_PLACEDPASSES_TD
