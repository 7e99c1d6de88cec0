// Input channels in chunks, two tiles of output channels, two channel groups, cropped output channels.
// RUN: adf-opt %s -adf-tile | FileCheck %s

// 1x1 convolution of a 2x2 image, 12 -> 40 channels; tiles of 16 outputs and 4 inputs; each group has 32 outputs.
// Blocks are 16 * (12 + 4) bytes; 2 groups x 2 tiles x 3 chunks of them.
// CHECK: adf.ddr @c.weights buffer(weights) bytes(3072)
// CHECK: adf.phase @c
// CHECK: %[[ACC:.+]] = adf.buffer on %{{.+}} bytes 128

// Two pixels of three words: a chunk after the other, each a window; the whole again for the second tile of outputs.
// CHECK: adf.dma on %[[M:.+]] mm2s stream @act0 repeat 2 {
// CHECK-NEXT: adf.bd %{{.+}} offset 0 dims [<2 x 3>, <3 x 1>] acquire <full >= 1>
// CHECK-NEXT: adf.bd %{{.+}} offset 6 dims [<2 x 3>, <3 x 1>]
// CHECK: adf.dma on %{{.+}} s2mm channel 0 stream @act0 repeat 12 {

// Three blocks of 64 words for each tile of outputs, again for each of two spatial tiles.
// CHECK: adf.stream @weights0
// CHECK-NEXT: adf.dma on %{{.+}} mm2s stream @weights0 repeat 2 {
// CHECK-NEXT: adf.bd @c.weights offset 0 dims [<192 x 1>]
// CHECK: adf.dma on %{{.+}} mm2s stream @weights0 repeat 2 {
// CHECK-NEXT: adf.bd @c.weights offset 192 dims [<192 x 1>]
// CHECK: adf.dma on %{{.+}} s2mm channel 1 stream @weights0 repeat 12 {
// CHECK: adf.bd @c.weights offset 384 dims [<192 x 1>]

// A part has 2 rows of 2 pixels of 32 channels; tile after tile of 16.
// CHECK: %[[P0:.+]] = adf.window on %{{.+}} depth 1 bytes 128
// CHECK: adf.bd %[[P0]] offset 0 dims [<4 x 1>, <4 x 8>] iteration <2 x 4> release <full + 1>
// Both tiles must be there; of the second group only 8 of 32 channels exist.
// CHECK: adf.dma on %{{.+}} mm2s stream @drain0 {
// CHECK-NEXT: adf.bd %[[P0]] offset 0 dims [<32 x 1>] acquire <full >= 2>
// CHECK-NEXT: adf.bd %{{.+}} offset 0 dims [<2 x 1>, <4 x 8>] acquire <full >= 2>
// CHECK: adf.bd @output0 offset 0 dims [<8 x 1>, <4 x 10>]
// CHECK-NEXT: adf.bd @output0 offset 8 dims [<2 x 1>, <4 x 10>]

// CHECK: adf.core
// CHECK-NEXT: adf.loop 2 {
// CHECK-NEXT: adf.loop 2 {
// CHECK-NEXT: adf.acquire %{{.+}} <empty >= 1>
// CHECK: adf.call {{.*}} immediates [1, 0] cycles 9
// CHECK: adf.call {{.*}} immediates [0, 0] cycles 9
// CHECK: adf.call {{.*}} %[[ACC]] : {{.*}} immediates [0, 1] cycles 9
adf.graph @main(%x: tensor<1x2x2x12xi8>) -> tensor<1x2x2x40xi8> attributes {device = "ve2802", tiles = 2 : i64} {
  %w = adf.constant dense<1> : tensor<40x1x1x12xi8>
  %b = adf.constant dense<0> : tensor<40xi32>
  %0 = adf.conv2d "c" %x, %w, %b stride [1, 1] pad [0, 0, 0, 0] dilation [1, 1] clamp [0, 127]
    multiplier dense<19661> : tensor<40xi16> shift dense<15> : tensor<40xi8>
    schedule <grid = [1, 2], tile = [1, 2, 16, 4], depth = [2, 2, 2], cycles = 9>
    : (tensor<1x2x2x12xi8>, tensor<40x1x1x12xi8>, tensor<40xi32>) -> tensor<1x2x2x40xi8>
  adf.output %0 : tensor<1x2x2x40xi8>
}
