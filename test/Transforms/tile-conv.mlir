// A 3x3 convolution of a 4x4 image on two spatial groups of one core each.
// RUN: adf-opt %s -adf-tile | FileCheck %s

// CHECK-LABEL: adf.program @main device "ve2802" tiles 2 avoid [] {
// Three channels are stored as four.
// CHECK: adf.ddr @input0 buffer(input) bytes(64) dims [1, 4, 4, 4] valid 3
// CHECK: adf.ddr @output0 buffer(output) bytes(256) dims [1, 4, 4, 16] valid 16
// 16 outputs of 12 bytes of parameters and 3 * 3 * 4 weights.
// CHECK: adf.ddr @c.weights buffer(weights) bytes(768)
// A window is 3 rows of 6 pixels: one row of outputs with its neighbours and padding.
// CHECK: adf.kernel @kernel$conv2d_0 kind "conv2d" config {accumulate = false, clamp = array<i64: 0, 127>,
// CHECK-SAME: in = array<i64: 3, 6, 4>, kernel = array<i64: 3, 3>, out = array<i64: 1, 4, 16>, stride = array<i64: 1, 1>}
// CHECK: adf.phase @c layer "c" macs 6912 {

// CHECK: %[[C0:.+]] = adf.tile core
// CHECK-NEXT: %[[A0:.+]] = adf.window on %[[C0]] depth 2 bytes 72
// CHECK-NEXT: %[[W0:.+]] = adf.window on %[[C0]] depth 1 bytes 768
// CHECK-NEXT: %[[O0:.+]] = adf.window on %[[C0]] depth 2 bytes 64
// CHECK-NEXT: %[[C1:.+]] = adf.tile core

// The input rows come once; each of the two streams waits for them once.
// CHECK: %[[M:.+]] = adf.tile mem
// CHECK-NEXT: %[[SLAB:.+]] = adf.window on %[[M]] depth 1 bytes 64
// CHECK: adf.stream @in0
// CHECK: adf.bd @input0 offset 0 dims [<16 x 1>]
// CHECK: adf.bd %[[SLAB]] offset 0 dims [<16 x 1>] release <full + 2>

// Core 0: output rows 0 and 1, from input rows -1..1 and 0..2.
// CHECK: adf.stream @act0 from %[[M]] to %[[C0]]
// CHECK-NEXT: adf.dma on %[[M]] mm2s stream @act0 {
// CHECK-NEXT: adf.bd %[[SLAB]] offset 0 dims [<1 x 1>, <4 x 1>, <2 x 4>] pad [<0, 0>, <1, 1>, <1, 0>] acquire <full >= 1>
// CHECK-NEXT: adf.bd %[[SLAB]] offset 0 dims [<1 x 1>, <4 x 1>, <3 x 4>] pad [<0, 0>, <1, 1>]
// CHECK: adf.dma on %[[C0]] s2mm channel 0 stream @act0 repeat 2 {
// CHECK-NEXT: adf.bd %[[A0]] offset 0 dims [<18 x 1>] acquire <empty >= 1> release <full + 1>

// Core 1: output rows 2 and 3, from input rows 1..3 and 2..4.
// CHECK: adf.stream @act1 from %[[M]] to %[[C1]]
// CHECK: adf.bd %[[SLAB]] offset 4 dims [<1 x 1>, <4 x 1>, <3 x 4>] pad [<0, 0>, <1, 1>] acquire <full >= 1>
// CHECK-NEXT: adf.bd %[[SLAB]] offset 8 dims [<1 x 1>, <4 x 1>, <2 x 4>] pad [<0, 0>, <1, 1>, <0, 1>]

// Both cores get the same weights, once.
// CHECK: adf.stream @weights0 from %{{.+}} to %[[C0]], %[[C1]]
// CHECK: adf.bd @c.weights offset 0 dims [<192 x 1>]
// CHECK: adf.dma on %[[C0]] s2mm channel 1 stream @weights0 {

// Each core's two rows of 4 pixels of 16 channels are collected, and go to their place in DDR.
// CHECK: %[[J:.+]] = adf.tile mem
// CHECK-NEXT: %[[P0:.+]] = adf.window on %[[J]] depth 1 bytes 128
// CHECK-NEXT: %[[P1:.+]] = adf.window on %[[J]] depth 1 bytes 128
// CHECK: adf.dma on %[[C0]] mm2s channel 0 stream @out0 repeat 2 {
// CHECK-NEXT: adf.bd %[[O0]] offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1>
// CHECK: adf.bd %[[P0]] offset 0 dims [<32 x 1>] release <full + 1>
// CHECK: adf.dma on %[[J]] mm2s stream @drain0 {
// CHECK-NEXT: adf.bd %[[P0]] offset 0 dims [<32 x 1>] acquire <full >= 1>
// CHECK-NEXT: adf.bd %[[P1]] offset 0 dims [<32 x 1>] acquire <full >= 1>
// CHECK: adf.dma on %{{.+}} s2mm stream @drain0 token {
// CHECK-NEXT: adf.bd @output0 offset 0 dims [<32 x 1>]
// CHECK-NEXT: adf.bd @output0 offset 32 dims [<32 x 1>]

// The weights stay for both rows.
// CHECK: adf.core on %[[C0]] {
// CHECK-NEXT: adf.acquire %[[W0]] <full >= 1>
// CHECK-NEXT: adf.loop 2 {
// CHECK-NEXT: adf.acquire %[[A0]] <full >= 1>
// CHECK-NEXT: adf.acquire %[[O0]] <empty >= 1>
// CHECK-NEXT: adf.call @kernel$conv2d_0(%[[A0]], %[[W0]], %[[O0]] : !adf.window, !adf.window, !adf.window) immediates [] cycles 40
// CHECK-NEXT: adf.release %[[A0]] <empty + 1>
// CHECK-NEXT: adf.advance %[[A0]]
// CHECK-NEXT: adf.release %[[O0]] <full + 1>
// CHECK-NEXT: adf.advance %[[O0]]
// CHECK-NEXT: }
// CHECK-NEXT: adf.release %[[W0]] <empty + 1>
adf.graph @main(%x: tensor<1x4x4x3xi8>) -> tensor<1x4x4x16xi8> attributes {device = "ve2802", tiles = 2 : i64} {
  %w = adf.constant dense<1> : tensor<16x3x3x3xi8>
  %b = adf.constant dense<0> : tensor<16xi32>
  %0 = adf.conv2d "c" %x, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [0, 127]
    multiplier dense<19661> : tensor<16xi16> shift dense<15> : tensor<16xi8>
    schedule <grid = [2, 1], tile = [1, 4, 16, 4], depth = [2, 1, 2], cycles = 40>
    : (tensor<1x4x4x3xi8>, tensor<16x3x3x3xi8>, tensor<16xi32>) -> tensor<1x4x4x16xi8>
  adf.output %0 : tensor<1x4x4x16xi8>
}
