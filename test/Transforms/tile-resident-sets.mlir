// Seven sets on two hubs. A hub receives six streams; what the seventh set relays is received by a join beside each hub, which
// writes to the hub's memory and counts in the hub's lock.
// RUN: adf-opt %s -adf-tile | FileCheck %s
// RUN: sed "s/hubs = 2/hubs = 1/" %s | adf-opt -adf-tile | FileCheck %s --check-prefix=ONE

// Cores in columns 0 to 3 and 13 to 15; between them joins and hubs: joins 0 and 1, hub 0, joins 2 and 3; joins 4 and 5, hub 1,
// join 6.
// CHECK-LABEL: adf.program @main
// CHECK: adf.phase @network mode resident
// CHECK: %[[HUB0:.+]] = adf.tile mem at(6, 1)
// CHECK: %[[HUB1:.+]] = adf.tile mem at(11, 1)
// CHECK: %[[JOIN1:.+]] = adf.tile mem at(5, 1)
// CHECK: %[[JOIN5:.+]] = adf.tile mem at(10, 1)
// Sets 0 to 3 have the first hub.
// CHECK: adf.stream @act3 from %[[HUB0]]
// CHECK: adf.stream @act4 from %[[HUB1]]
// What a core sends to a join that helps comes on the channel behind that of its help.
// CHECK: adf.dma on %[[JOIN1]] s2mm channel 1 stream @out1_0
// CHECK: adf.dma on %[[HUB1]] s2mm channel 5 stream @relay5 token step 1
// CHECK: adf.stream @relay6 from %{{.+}} to %[[JOIN1]], %[[JOIN5]]
// CHECK: adf.dma on %[[JOIN1]] s2mm channel 0 stream @relay6 token step 1 {
// CHECK-NEXT: adf.bd %[[A0:.+]] offset 384 dims [<64 x 1>] release <full + 1>
// CHECK: adf.dma on %[[JOIN5]] s2mm channel 0 stream @relay6 token step 1
// Three groups of rows have two sets each, beginning with set 6: 6 and 0, 1 and 2, 3 and 4. Set 5 is left over. Each waits for
// the seven messages of the step before; the next step for theirs, which are six.
// CHECK: adf.dma on %[[HUB0]] mm2s channel 0 stream @act0 step 2 {
// CHECK-NEXT: adf.bd %[[A0]] {{.*}} acquire <full == 7>
// CHECK-NOT: stream @act5
// CHECK: adf.dma on %[[HUB1]] mm2s channel 2 stream @act6 step 2 {
// CHECK-NOT: stream @act5
// CHECK: adf.dma on %[[HUB0]] mm2s channel 0 stream @act0 step 3 {
// CHECK-NEXT: acquire <full == 6>

// With one hub, amid its joins, the join beside it also sends to the seventh set.
// ONE: %[[HUB:.+]] = adf.tile mem at(8, 1)
// ONE: %[[JOIN:.+]] = adf.tile mem at(7, 1)
// ONE: adf.stream @act5 from %[[HUB]]
// ONE: adf.stream @act6 from %[[JOIN]]
// ONE: adf.dma on %[[JOIN]] mm2s channel 0 stream @act6 step 1 {
// ONE: adf.dma on %[[JOIN]] s2mm channel 0 stream @relay6 token step 1 {
adf.graph @main(%x: tensor<1x14x8x16xi8>) -> tensor<1x14x8x16xi8>
    attributes {device = "ve2802", tiles = 7 : i64,
                resident = #adf.resident<sets = 7, cores = 1, hubs = 2, activations = 1152, weights = [2496, 2], output = 640>} {
  %w = adf.constant dense<1> : tensor<16x3x3x16xi8>
  %b = adf.constant dense<0> : tensor<16xi32>
  %0 = adf.conv2d "a" %x, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [7, 1], tile = [2, 8, 16, 16], depth = [2, 1, 1], cycles = 100>
    : (tensor<1x14x8x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x14x8x16xi8>
  %1 = adf.conv2d "b" %0, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [3, 2], tile = [5, 8, 8, 16], depth = [2, 1, 1], cycles = 200, first = 6>
    : (tensor<1x14x8x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x14x8x16xi8>
  %2 = adf.conv2d "c" %1, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [7, 1], tile = [2, 8, 16, 16], depth = [2, 1, 1], cycles = 100>
    : (tensor<1x14x8x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x14x8x16xi8>
  adf.output %2 : tensor<1x14x8x16xi8>
}
