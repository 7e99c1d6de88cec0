// Between the graph and the planner: the graph as JSON, schedules from JSON.
#ifndef ADFC_TRANSFORMS_APPLYSCHEDULE_PASSES_TD
#define ADFC_TRANSFORMS_APPLYSCHEDULE_PASSES_TD

include "mlir/Pass/PassBase.td"

def ADFExportGraph : Pass<"adf-export-graph", "::mlir::ModuleOp"> {
  let summary = "write the fused graph as JSON, for the planner";
  let description = [{
    A list with an object for each kernel operation: what the planner's cost model needs of it (see `GraphJson.h`).
    The module stays as it is.
  }];
  let options = [Option<"file", "file", "std::string", /*default=*/"\"-\"", "where to write; - is standard output">];
}

def ADFApplySchedule : Pass<"adf-apply-schedule", "::mlir::ModuleOp"> {
  let summary = "set the schedules of kernel operations from JSON";
  let description = [{
    Reads

    ```json
    {"version": 1, "device": "ve2802", "tiles": 28, "avoid": [[2, 3]],
     "layers": {"conv1": {"grid": [4, 7], "tile": [2, 112, 16, 4], "depth": [2, 1, 2], "cycles": 4000,
                          "memtiles": [1, 7], "rounds": 1}}}
    ```

    (`memtiles` and `rounds` may be missing) and sets the graph's `device`, `tiles` and `avoid` and each layer's
    `schedule`. Fails if a layer of the graph has no schedule or a schedule no layer.
  }];
  let dependentDialects = ["::adfc::adf::ADFDialect"];
  let options = [
    Option<"schedule", "schedule", "std::string", /*default=*/"", "the JSON text">,
    Option<"file", "file", "std::string", /*default=*/"", "the file with the JSON text">
  ];
}

#endif // ADFC_TRANSFORMS_APPLYSCHEDULE_PASSES_TD
