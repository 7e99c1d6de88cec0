// A channelwise kernel with weights: a stream of activations for each core, weights for each group of channels.
// RUN: adf-opt %s -adf-tile | FileCheck %s

// Blocks of 8 channels: 3 parameters of 4 bytes and 9 weights each are 168 bytes; two blocks are 336.
// CHECK: adf.ddr @d.weights buffer(weights) bytes(336)
// The window of one row of 4 pixels by a 3x3 kernel.
// CHECK: adf.kernel @kernel$depthwise_conv2d_0 kind "depthwise_conv2d" config {clamp = array<i64: 0, 127>, dilation = array<i64: 1, 1>, in = array<i64: 3, 6, 8>, kernel = array<i64: 3, 3>, out = array<i64: 1, 4, 8>, stride = array<i64: 1, 1>}
// CHECK: adf.phase @d
// The second core begins with channel 8: word 2.
// CHECK: adf.dma on %{{.+}} mm2s stream @act0 {
// CHECK-NEXT: offset 0 dims [<2 x 1>, <4 x 4>, <2 x 16>] pad [<0, 0>, <1, 1>, <1, 0>] acquire <full >= 1>
// CHECK: adf.dma on %{{.+}} mm2s stream @act1 {
// CHECK-NEXT: offset 2 dims
// Each channel group has its own block: 42 words.
// CHECK: adf.dma on %{{.+}} mm2s stream @weights0 {
// CHECK-NEXT: adf.bd @d.weights offset 0 dims [<42 x 1>]
// CHECK: adf.dma on %{{.+}} mm2s stream @weights1 {
// CHECK-NEXT: adf.bd @d.weights offset 42 dims [<42 x 1>]
// The block stays for all four rows.
// CHECK: adf.core
// CHECK-NEXT: adf.acquire %[[W:.+]] <full >= 1>
// CHECK-NEXT: adf.loop 4 {
// CHECK: adf.call @kernel$depthwise_conv2d_0(%{{.+}}, %[[W]], %{{.+}})
// CHECK: adf.release %[[W]] <empty + 1>
adf.graph @main(%x: tensor<1x4x4x16xi8>) -> tensor<1x4x4x16xi8> attributes {device = "ve2802", tiles = 2 : i64} {
  %w = adf.constant dense<1> : tensor<3x3x16x1xi8>
  %b = adf.constant dense<0> : tensor<16xi32>
  %0 = adf.depthwise_conv2d "d" %x, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [0, 127]
    multiplier dense<19661> : tensor<16xi16> shift dense<15> : tensor<16xi8>
    schedule <grid = [1, 2], tile = [1, 4, 8, 8], depth = [2, 1, 2], cycles = 9>
    : (tensor<1x4x4x16xi8>, tensor<3x3x16x1xi8>, tensor<16xi32>) -> tensor<1x4x4x16xi8>
  adf.output %0 : tensor<1x4x4x16xi8>
}
