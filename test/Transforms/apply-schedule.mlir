// A schedule in JSON becomes attributes; what does not fit the graph is refused.
// RUN: echo '{"version": 1, "device": "ve2802", "tiles": 28, "avoid": [[2, 3]], "layers": {"p": {"grid": [2, 1], "tile": [1, 2, 4, 4], "depth": [2, 1, 2], "cycles": 30, "memtiles": [1, 2], "rounds": 2}}}' > %t.json
// RUN: adf-opt %s -adf-apply-schedule=file=%t.json | FileCheck %s
// CHECK: adf.graph @main
// CHECK-SAME: attributes {avoid = array<i64: 2, 3>, device = "ve2802", tiles = 28 : i64}
// CHECK: schedule <grid = [2, 1], tile = [1, 2, 4, 4], depth = [2, 1, 2], memtiles = [1, 2], rounds = 2, cycles = 30>

// RUN: not adf-opt %s -adf-apply-schedule 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: adf-apply-schedule needs either 'schedule' or 'file'
// RUN: not adf-opt %s -adf-apply-schedule=file=%t.missing 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: schedule: {{.*}}.missing
// RUN: echo '{"version": 1, ' > %t.bad && not adf-opt %s -adf-apply-schedule=file=%t.bad 2>&1 | FileCheck %s --check-prefix=JSON
// JSON: schedule: no JSON: [{{.*}}: Expected object key
// RUN: echo '{"version": 2}' > %t.bad && not adf-opt %s -adf-apply-schedule=file=%t.bad 2>&1 | FileCheck %s --check-prefix=VERSION
// VERSION: schedule: version 2 is unknown; this is version 1
// RUN: echo '{"version": 1, "device": "npu1", "tiles": 4, "layers": {}}' > %t.bad && not adf-opt %s -adf-apply-schedule=file=%t.bad 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: "p" has no entry in the schedule
// RUN: sed s/cycles/circles/ %t.json > %t.bad && not adf-opt %s -adf-apply-schedule=file=%t.bad 2>&1 | FileCheck %s --check-prefix=KEY
// KEY: schedule: layer 'p' needs 'cycles', a whole number
// RUN: sed "s/\[2, 1\], \"tile/[2], \"tile/" %t.json > %t.bad && not adf-opt %s -adf-apply-schedule=file=%t.bad 2>&1 | FileCheck %s --check-prefix=GRID
// GRID: schedule: layer 'p': 'grid' needs 2 numbers, not 1
// RUN: sed "s/{\"p\"/{\"q\": {\"grid\": [1, 1], \"tile\": [1, 1, 4, 4], \"depth\": [1, 1, 1], \"cycles\": 1}, \"p\"/" %t.json > %t.bad && not adf-opt %s -adf-apply-schedule=file=%t.bad 2>&1 | FileCheck %s --check-prefix=EXTRA
// EXTRA: schedule: there is no layer "q" in the graph

// A pipelined program: images of an inference, and where each layer is.
// RUN: echo '{"version": 1, "device": "ve2802", "tiles": 28, "avoid": [], "batch": 4, "layers": {"p": {"grid": [1, 1], "tile": [2, 2, 4, 4], "depth": [2, 1, 2], "cycles": 30, "stage": {"lanes": 1, "depths": [2], "cores": [[0, 3]], "joins": [], "slabs": [[0, 1]], "weights": []}}}}' > %t.pipeline.json
// RUN: adf-opt %s -adf-apply-schedule=file=%t.pipeline.json | FileCheck %s --check-prefix=PIPELINE
// PIPELINE: adf.graph @main
// PIPELINE-SAME: batch = 4 : i64
// PIPELINE: adf.stage = #adf.stage<lanes = 1, depths = [2], cores = [0, 3], joins = [], slabs = [0, 1], weights = []>
// RUN: sed "s/\"batch\": 4/\"batch\": 0/" %t.pipeline.json > %t.bad && not adf-opt %s -adf-apply-schedule=file=%t.bad 2>&1 | FileCheck %s --check-prefix=BATCH
// BATCH: schedule: 'batch' is 0: must be 1 to 256
// RUN: sed "s/\"lanes\": 1/\"lanes\": 0/" %t.pipeline.json > %t.bad && not adf-opt %s -adf-apply-schedule=file=%t.bad 2>&1 | FileCheck %s --check-prefix=STAGE
// STAGE: schedule: 'stage' of layer 'p': 'lanes' is 0: must be at least 1
adf.graph @main(%x: tensor<1x4x4x4xi8>) -> tensor<1x2x2x4xi8> {
  %0 = adf.max_pool2d "p" %x kernel [2, 2] stride [2, 2] pad [0, 0, 0, 0] : (tensor<1x4x4x4xi8>) -> tensor<1x2x2x4xi8>
  adf.output %0 : tensor<1x2x2x4xi8>
}
