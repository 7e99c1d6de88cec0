// A layer that is `early` begins with tiles that read nothing of what the layer before makes last.
// RUN: adf-opt %s -adf-tile | FileCheck %s

// Two sets, each with 8 of 16 rows of 8 x 16 bytes, 32 words, in four tiles of two rows.
adf.graph @main(%x: tensor<1x16x8x16xi8>) -> tensor<1x16x8x16xi8>
    attributes {device = "ve2802", tiles = 2 : i64,
                resident = #adf.resident<sets = 2, cores = 1, hubs = 1, activations = 1024, weights = [2496, 2], output = 512>} {
  %w0 = adf.constant dense<1> : tensor<16x3x3x16xi8>
  %w1 = adf.constant dense<2> : tensor<16x3x3x16xi8>
  %w2 = adf.constant dense<3> : tensor<16x3x3x16xi8>
  %b = adf.constant dense<0> : tensor<16xi32>
  %0 = adf.conv2d "a" %x, %w0, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [2, 1], tile = [2, 8, 16, 16], depth = [2, 1, 1], cycles = 100>
    : (tensor<1x16x8x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x16x8x16xi8>
  %1 = adf.conv2d "b" %0, %w1, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [2, 1], tile = [2, 8, 16, 16], depth = [2, 1, 1], cycles = 100, early = true>
    : (tensor<1x16x8x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x16x8x16xi8>
  %2 = adf.conv2d "c" %1, %w2, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [2, 1], tile = [2, 8, 16, 16], depth = [2, 1, 1], cycles = 100>
    : (tensor<1x16x8x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x16x8x16xi8>
  adf.output %2 : tensor<1x16x8x16xi8>
}

// CHECK: adf.phase @network
// CHECK: %[[X:.+]] = adf.window on %[[HUB:.+]] depth 1 bytes 2048 address 0 {{.*}} live [0, 1]
// CHECK-NEXT: %[[A:.+]] = adf.window on %[[HUB]] depth 1 bytes 2048 address 2048 {{.*}} live [1, 2]

// Step 1: the first three tiles of a set are waited for apart from its last one; one descriptor stores all four.
// CHECK: adf.dma on %[[HUB]] mm2s channel 0 stream @act0 step 1 {
// CHECK-NEXT: acquire <full ==
// CHECK: adf.dma on %[[HUB]] s2mm channel 0 stream @relay0 repeat 3 token step 1 {
// CHECK-NEXT: adf.bd %[[A]] offset 0 dims [<64 x 1>] iteration <4 x 64> release <full + 1>
// CHECK: adf.dma on %[[HUB]] s2mm channel 0 stream @relay0 token step 1 {
// CHECK-NEXT: adf.bd %[[A]] offset 0 dims [<64 x 1>] iteration <4 x 64> release <full + 1>
// CHECK: adf.dma on %[[HUB]] s2mm channel 1 stream @relay1 repeat 3 token step 1 {
// CHECK-NEXT: adf.bd %[[A]] offset 256 dims [<64 x 1>] iteration <4 x 64> release <full + 1>

// Step 2. Rows 6, 7, 14 and 15 come last. Of the upper set, tiles 0 and 1, rows 0 to 2 and 1 to 4, need none of them; they
// are padded in different ways, so that only one comes early. Control opens a gate for them, the lock `empty`.
// CHECK: adf.dma on %[[HUB]] mm2s channel 0 stream @act0 step 2 awaits most {
// CHECK-NEXT: adf.bd %[[A]] offset 0 dims [<4 x 1>, <8 x 4>, <3 x 32>] pad [<0, 0>, <1, 1>, <1, 0>] acquire <empty >= 1>{{$}}
// CHECK: adf.dma on %[[HUB]] mm2s channel 0 stream @act0 repeat 3 step 2 awaits all {
// CHECK-NEXT: adf.bd %[[A]] offset 32 dims [<4 x 1>, <8 x 4>, <4 x 32>] pad [<0, 0>, <1, 1>] iteration <3 x 64> acquire <empty >= 1>{{$}}
// It writes what nobody reads any more: rows 0 and 1, and the lower set's 10 and 11, in place of the input, of which rows 5
// to 8 and 13 to 15 may still be read.

// Of the lower set, tile 0 reads row 7, tile 1 rows 9 to 12, tile 2 row 14: it begins with tile 1, and goes round.
// CHECK: adf.dma on %[[HUB]] mm2s channel 1 stream @act1 step 2 awaits most {
// CHECK-NEXT: adf.bd %[[A]] offset 224 dims [<4 x 1>, <8 x 4>, <4 x 32>] pad [<0, 0>, <1, 1>] iteration <3 x 64 from 1> acquire <empty >= 1>{{$}}
// CHECK: adf.dma on %[[HUB]] mm2s channel 1 stream @act1 step 2 awaits all {
// CHECK-NEXT: adf.bd %[[A]] offset 224 {{.*}} iteration <3 x 64 from 1> acquire <empty >= 1>{{$}}
// CHECK: adf.dma on %[[HUB]] mm2s channel 1 stream @act1 step 2 awaits all {
// CHECK-NEXT: adf.bd %[[A]] offset 416 dims [<4 x 1>, <8 x 4>, <3 x 32>] pad [<0, 0>, <1, 1>, <0, 1>] acquire <empty >= 1>{{$}}
// CHECK: adf.dma on %[[HUB]] mm2s channel 1 stream @act1 step 2 awaits all {
// CHECK-NEXT: adf.bd %[[A]] offset 224 {{.*}} iteration <3 x 64 from 1> acquire <empty >= 1>{{$}}
// What it makes is stored in this order. Nothing is early in step 3.
// CHECK: adf.dma on %[[HUB]] s2mm channel 1 stream @relay1 repeat 4 token step 2 {
// CHECK-NEXT: offset 256 dims [<64 x 1>] iteration <4 x 64 from 1> release <full + 1>
// CHECK: adf.dma on %[[HUB]] mm2s channel 0 stream @act0 step 3 {
