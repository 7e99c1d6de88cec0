// Rows: rounds, cores without rows, rows past the end, strips of columns, and strided windows of 1x1 kernels.
// RUN: adf-opt %s -adf-tile | FileCheck %s

// Five rows in two rounds of two groups are two rows each: the last group of round 1 would have none.
// CHECK: adf.phase @rounds$0 layer "rounds" macs 0
// CHECK-NOT: adf.stream @out2
// CHECK: adf.stream @out1
// CHECK: adf.phase @rounds$1 layer "rounds" macs 0
// Row 5 does not exist: its input is zeros (row 5 to 6), its output is not written.
// CHECK: adf.bd @input0 offset 16 dims [<4 x 1>]
// CHECK: adf.bd %{{.+}} offset 0 dims [<1 x 1>, <4 x 1>, <1 x 4>] pad [<0, 0>, <0, 0>, <0, 1>] acquire <full >= 1>
// CHECK-NOT: adf.stream @out1
// CHECK: adf.bd @rounds.out offset 16 dims [<4 x 1>]

// Two strips of two columns: the left one from top to bottom, then the right one.
// CHECK: adf.phase @strips
// CHECK: adf.dma on %{{.+}} mm2s stream @act0 {
// CHECK-NEXT: offset 0 dims [<2 x 1>, <3 x 4>] acquire <full >= 1>
// CHECK-NEXT: offset 12 dims [<1 x 1>, <2 x 1>, <2 x 4>] pad [<0, 0>, <0, 0>, <0, 1>]
// CHECK-NEXT: offset 2 dims [<2 x 1>, <3 x 4>]
// CHECK-NEXT: offset 14 dims [<1 x 1>, <2 x 1>, <2 x 4>] pad [<0, 0>, <0, 0>, <0, 1>]
// CHECK: adf.bd %{{.+}} offset 0 dims [<2 x 1>, <6 x 4>, <2 x 2>] release <full + 1>

// A 1x1 kernel by 2 gets only the pixels that it reads: rows 0, 2, 4 and columns 0, 2.
// CHECK: adf.phase @stride
// CHECK: adf.stream @act0
// CHECK: dims [<2 x 2>, <3 x 8>] acquire
adf.graph @main(%x: tensor<1x5x4x4xi8>) -> tensor<1x3x2x16xi8> attributes {device = "ve2802", tiles = 2 : i64} {
  %0 = adf.max_pool2d "rounds" %x kernel [1, 1] stride [1, 1] pad [0, 0, 0, 0]
    schedule <grid = [2, 1], tile = [2, 4, 4, 4], depth = [2, 2, 2], rounds = 2, cycles = 9>
    : (tensor<1x5x4x4xi8>) -> tensor<1x5x4x4xi8>
  %1 = adf.max_pool2d "strips" %0 kernel [1, 1] stride [1, 1] pad [0, 0, 0, 0]
    schedule <grid = [1, 1], tile = [3, 2, 4, 4], depth = [2, 2, 2], cycles = 9>
    : (tensor<1x5x4x4xi8>) -> tensor<1x5x4x4xi8>
  %w = adf.constant dense<1> : tensor<16x1x1x4xi8>
  %b = adf.constant dense<0> : tensor<16xi32>
  %2 = adf.conv2d "stride" %1, %w, %b stride [2, 2] pad [0, 0, 0, 0] dilation [1, 1] clamp [0, 127]
    multiplier dense<19661> : tensor<16xi16> shift dense<15> : tensor<16xi8>
    schedule <grid = [1, 1], tile = [3, 2, 16, 4], depth = [2, 1, 2], cycles = 40>
    : (tensor<1x5x4x4xi8>, tensor<16x1x1x4xi8>, tensor<16xi32>) -> tensor<1x3x2x16xi8>
  adf.output %2 : tensor<1x3x2x16xi8>
}
