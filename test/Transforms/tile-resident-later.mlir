// A pooling whose windows share rows is chained to a convolution: a core keeps the convolution's last row of a tile for the
// next one, and has three buffers of activations.
// RUN: adf-opt %s -adf-tile | FileCheck %s

// Each set does four rows of the pooling, two at a time: rows -1 to 3 and 3 to 7 of the convolution, of which row 3 is
// computed once.
// CHECK-LABEL: adf.program @main
// CHECK: adf.phase @network mode resident
// CHECK: adf.window on %{{.+}} depth 3 bytes 2176
// Rows -1 to 3 read rows -2 to 4, of 16 pixels of 4 words.
// CHECK: mm2s channel 0 stream @act0 step 1 {
// CHECK-NEXT: offset 0 dims [<4 x 1>, <16 x 4>, <5 x 64>] pad [<0, 0>, <2, 1>, <2, 0>]
// Rows 4 to 7 read rows 3 to 8: the first is 3 x 64 words in.
// CHECK: mm2s channel 0 stream @act0 step 1 {
// CHECK-NEXT: offset 192 dims [<4 x 1>, <16 x 4>, <6 x 64>] pad [<0, 0>, <2, 1>]
// The first call computes five rows of 17 pixels, which are pooled; then the fifth, the last of 5 x 17 x 16 = 1360 bytes,
// becomes the first.
// CHECK: adf.core
// CHECK: adf.call @[[FIRST:.+]](%{{.+}}, %{{.+}}, %[[MADE:.+]] : {{.*}} cycles 500
// CHECK: adf.call @[[POOL:.+]](%[[MADE]], %{{.+}} cycles 30
// CHECK: adf.call @{{.+}}(%[[MADE]], %[[MADE]] : {{.*}} immediates [1088, 0] cycles 29
// The second computes four, to behind the one that is kept.
// CHECK: adf.call @{{.+}}(%{{.+}}, %{{.+}}, %[[FRESH:.+]] : {{.*}} cycles 400
// CHECK: adf.call @{{.+}}(%[[FRESH]], %[[MADE]] : {{.*}} immediates [0, 272] cycles 54
// CHECK: adf.call @[[POOL]](%[[MADE]], %{{.+}} cycles 30
adf.graph @main(%x: tensor<1x16x16x16xi8>) -> tensor<1x8x8x16xi8>
    attributes {device = "ve2802", tiles = 2 : i64,
                resident = #adf.resident<sets = 2, cores = 1, hubs = 1, activations = 2176, weights = [2496, 2], output = 256, buffers = 3>} {
  %w = adf.constant dense<1> : tensor<16x3x3x16xi8>
  %b = adf.constant dense<0> : tensor<16xi32>
  %0 = adf.conv2d "a" %x, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [2, 1], tile = [5, 17, 16, 16], depth = [2, 1, 1], cycles = 500, later = 400>
    : (tensor<1x16x16x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x16x16x16xi8>
  %1 = adf.max_pool2d "p" %0 kernel [3, 3] stride [2, 2] pad [1, 0, 1, 0]
    schedule <grid = [2, 1], tile = [2, 8, 16, 16], depth = [2, 1, 1], cycles = 30, chained = true>
    : (tensor<1x16x16x16xi8>) -> tensor<1x8x8x16xi8>
  adf.output %1 : tensor<1x8x8x16xi8>
}
