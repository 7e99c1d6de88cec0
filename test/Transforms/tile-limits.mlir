// Counts that do not fit a descriptor's field are split.
// RUN: adf-opt %s -adf-tile | FileCheck %s

// Columns are padded from 19 to 20 in the memory tile, so a row that is sent on is 19 * 64 = 1216 words of 1280.
// A count is at most 1023 (AM025: 10 bits), and the largest divisor below that is 608.
// CHECK: adf.dma on %{{.+}} mm2s stream @drain0 {
// CHECK-NEXT: offset 0 dims [<608 x 1>, <2 x 608>, <5 x 1280>] acquire <full >= 1>
// In DDR the rows follow each other, and the outermost count has no field.
// CHECK: adf.bd @output0 offset 0 dims [<6080 x 1>]
adf.graph @main(%x: tensor<1x5x19x256xi8>) -> tensor<1x5x19x256xi8> attributes {device = "ve2802", tiles = 1 : i64} {
  %0 = adf.add "a" %x, %x lhs <1, 2> rhs <1, 2> out <1, 2> clamp [0, 127]
    schedule <grid = [1, 1], tile = [5, 2, 256, 256], depth = [2, 2, 2], cycles = 9>
    : (tensor<1x5x19x256xi8>, tensor<1x5x19x256xi8>) -> tensor<1x5x19x256xi8>
  adf.output %0 : tensor<1x5x19x256xi8>
}
