// Where a core has one tile of rows, each of its tiles of channels is a message of its own, so that what is done is on its way
// while the rest is computed.
// RUN: adf-opt %s -adf-tile | FileCheck %s

// Two sets of one core do four rows each, of eight channels at a time.
// CHECK-LABEL: adf.program @main
// CHECK: adf.phase @network mode resident
// CHECK: %[[HUB:.+]] = adf.tile mem
// A set's two messages lie beside each other: eight channels, 2 words, of each of its 32 pixels, which are 4 words apart; the
// second message begins 2 words further on.
// CHECK: adf.dma on %{{.+}} mm2s channel 0 stream @out0_0 repeat 2 step 1 {
// CHECK-NEXT: adf.bd %{{.+}} offset 0 dims [<64 x 1>] acquire <full >= 1> release <empty + 1>
// CHECK: adf.dma on %{{.+}} mm2s channel 1 stream @relay0 repeat 2 step 1 {
// CHECK: adf.dma on %[[HUB]] s2mm channel 0 stream @relay0 repeat 2 token step 1 {
// CHECK-NEXT: adf.bd %[[A:.+]] offset 0 dims [<2 x 1>, <32 x 4>] iteration <2 x 2> release <full + 1>
// CHECK: adf.dma on %[[HUB]] s2mm channel 1 stream @relay1 repeat 2 token step 1 {
// CHECK-NEXT: adf.bd %[[A]] offset 128 dims [<2 x 1>, <32 x 4>] iteration <2 x 2> release <full + 1>
// The second layer waits for all four. Its own result leaves the array, as one message.
// CHECK: adf.dma on %[[HUB]] mm2s channel 0 stream @act0 step 2 {
// CHECK-NEXT: adf.bd %[[A]] {{.*}} acquire <full == 4>
// CHECK: stream @out0_0 step 2 {
// CHECK-NEXT: dims [<128 x 1>]
// The core hands the first eight channels on before it computes the others.
// CHECK: adf.core
// CHECK: adf.call @kernel$conv2d_0(
// CHECK: adf.release %[[OUT:.+]] <full + 1>
// CHECK: adf.call @kernel$conv2d_0(
// CHECK: adf.release %[[OUT]] <full + 1>
adf.graph @main(%x: tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
    attributes {device = "ve2802", tiles = 2 : i64,
                resident = #adf.resident<sets = 2, cores = 1, hubs = 1, activations = 1024, weights = [2496, 2], output = 512>} {
  %w0 = adf.constant dense<1> : tensor<16x3x3x16xi8>
  %w1 = adf.constant dense<2> : tensor<16x3x3x16xi8>
  %b = adf.constant dense<0> : tensor<16xi32>
  %0 = adf.conv2d "a" %x, %w0, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [2, 1], tile = [4, 8, 8, 16], depth = [2, 1, 1], cycles = 100>
    : (tensor<1x8x8x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x8x8x16xi8>
  %1 = adf.conv2d "b" %0, %w1, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [2, 1], tile = [4, 8, 8, 16], depth = [2, 1, 1], cycles = 200>
    : (tensor<1x8x8x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x8x8x16xi8>
  adf.output %1 : tensor<1x8x8x16xi8>
}
