// A core that needs several blocks of weights for each of its tiles of rows keeps them, where its ring has room for all.
// RUN: adf-opt %s -adf-tile | FileCheck %s

// Each set does two tiles of two rows, in two tiles of eight channels: two blocks of one buffer each, of a ring of four. They
// are received once, in order; a tape of two buffers, filled up to a whole ring.
// CHECK-LABEL: adf.program @main
// CHECK: adf.phase @network mode resident
// CHECK: mm2s channel 0 stream @weights0 endless {
// CHECK-NEXT: adf.bd %{{.+}} offset 0 dims [<1280 x 1>]
// CHECK: adf.core
// CHECK-NEXT: adf.acquire %[[W:.+]] <full >= 2>
// CHECK-NEXT: adf.loop 2 {
// CHECK-NEXT: adf.acquire %[[ACT:.+]] <full >= 1>
// CHECK-NEXT: adf.call @[[CONV:.+]](%[[ACT]], %[[W]], %{{.+}} cycles 100
// CHECK-NEXT: adf.advance %[[W]]
// CHECK: adf.call @[[CONV]](%[[ACT]], %[[W]], %{{.+}} cycles 100
// CHECK-NEXT: adf.advance %[[W]]
// CHECK: adf.release %{{.+}} <full + 1>
// Round the ring, to the first block.
// CHECK-NEXT: adf.advance %[[W]]
// CHECK-NEXT: adf.advance %[[W]]
// CHECK-NEXT: }
// CHECK-NEXT: adf.release %[[W]] <empty + 2>
// CHECK-NEXT: adf.advance %[[W]]
// CHECK-NEXT: adf.advance %[[W]]
// What fills up the ring is dropped.
// CHECK-NEXT: adf.loop 2 {
// CHECK-NEXT: adf.acquire %[[W]] <full >= 1>
// CHECK-NEXT: adf.release %[[W]] <empty + 1>
// CHECK-NEXT: adf.advance %[[W]]
// CHECK-NEXT: }
// CHECK-NEXT: }
adf.graph @main(%x: tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
    attributes {device = "ve2802", tiles = 2 : i64,
                resident = #adf.resident<sets = 2, cores = 1, hubs = 1, activations = 1024, weights = [1280, 4], output = 256>} {
  %w = adf.constant dense<1> : tensor<16x3x3x16xi8>
  %b = adf.constant dense<0> : tensor<16xi32>
  %0 = adf.conv2d "a" %x, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [2, 1], tile = [2, 8, 8, 16], depth = [2, 1, 1], cycles = 100>
    : (tensor<1x8x8x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x8x8x16xi8>
  adf.output %0 : tensor<1x8x8x16xi8>
}
