// Channelwise kernels: a stream for each core; pooling calls know their window's padding.
// RUN: adf-opt %s -adf-tile | FileCheck %s

// 3x3 pooling by 1 of a 4x4 image with 16 channels, two channel groups, two tiles of 4 channels each.
// CHECK: adf.kernel @kernel$max_pool2d_0 kind "max_pool2d" config {in = array<i64: 3, 6, 4>, kernel = array<i64: 3, 3>, out = array<i64: 1, 4, 4>, stride = array<i64: 1, 1>}
// CHECK: adf.phase @p
// Two streams, each waits once for each of its two tiles of channels.
// CHECK: release <full + 4>
// Each repetition goes on to the next 4 channels: one word.
// CHECK: adf.dma on %{{.+}} mm2s stream @act0 repeat 2 {
// CHECK-NEXT: offset 0 dims [<1 x 1>, <4 x 4>, <2 x 16>] pad [<0, 0>, <1, 1>, <1, 0>] iteration <2 x 1> acquire <full >= 1>
// CHECK-NEXT: offset 0 dims [<1 x 1>, <4 x 4>, <3 x 16>] pad [<0, 0>, <1, 1>] iteration <2 x 1>
// CHECK-NEXT: offset 16 dims [<1 x 1>, <4 x 4>, <3 x 16>] pad [<0, 0>, <1, 1>] iteration <2 x 1>
// CHECK-NEXT: offset 32 dims [<1 x 1>, <4 x 4>, <2 x 16>] pad [<0, 0>, <1, 1>, <0, 1>] iteration <2 x 1>
// The second core begins with channel 8: word 2.
// CHECK: adf.dma on %{{.+}} mm2s stream @act1 repeat 2 {
// CHECK-NEXT: offset 2 dims
// CHECK: adf.core
// CHECK-NEXT: adf.loop 2 {
// CHECK: immediates [1, 0, 1, 1] cycles 9
// CHECK: adf.loop 2 {
// CHECK: immediates [0, 0, 1, 1] cycles 9
// CHECK: immediates [0, 1, 1, 1] cycles 9
adf.graph @main(%x: tensor<1x4x4x16xi8>) -> tensor<1x4x4x16xi8> attributes {device = "ve2802", tiles = 2 : i64} {
  %0 = adf.max_pool2d "p" %x kernel [3, 3] stride [1, 1] pad [1, 1, 1, 1]
    schedule <grid = [1, 2], tile = [1, 4, 4, 4], depth = [2, 2, 2], cycles = 9>
    : (tensor<1x4x4x16xi8>) -> tensor<1x4x4x16xi8>
  adf.output %0 : tensor<1x4x4x16xi8>
}
