// Two operands share the activation stream: window of one, window of the other. Outputs that nobody stores twice.
// RUN: adf-opt %s -adf-tile | FileCheck %s

// CHECK: adf.ddr @a buffer(input) bytes(64)
// CHECK: adf.ddr @b buffer(input) bytes(64)
// CHECK: adf.ddr @sum buffer(output) bytes(64) dims [1, 64] valid 64
// CHECK: config {a = array<i64: 1, 2>, b = array<i64: 3, 4>, clamp = array<i64: 0, 127>, count = 32 : i64, out = array<i64: 5, 6>}
// CHECK: adf.phase @s layer "s" macs 0
// CHECK: %[[WA:.+]] = adf.window on %[[C:.+]] depth 2 bytes 32
// CHECK-NEXT: %[[WB:.+]] = adf.window on %[[C]] depth 2 bytes 32
// CHECK: %[[SA:.+]] = adf.window on %[[M:.+]] depth 1 bytes 64
// CHECK-NEXT: %[[SB:.+]] = adf.window on %[[M]] depth 1 bytes 64
// CHECK: adf.bd @a offset 0 dims [<16 x 1>]
// CHECK-NEXT: adf.bd @b offset 0 dims [<16 x 1>]
// CHECK: adf.bd %[[SA]] offset 0 dims [<16 x 1>] release <full + 1>
// CHECK-NEXT: adf.bd %[[SB]] offset 0 dims [<16 x 1>] release <full + 1>
// CHECK: adf.dma on %[[M]] mm2s stream @act0 {
// CHECK-NEXT: adf.bd %[[SA]] offset 0 dims [<8 x 1>] acquire <full >= 1>
// CHECK-NEXT: adf.bd %[[SB]] offset 0 dims [<8 x 1>] acquire <full >= 1>
// CHECK-NEXT: adf.bd %[[SA]] offset 8 dims [<8 x 1>]
// CHECK-NEXT: adf.bd %[[SB]] offset 8 dims [<8 x 1>]
// CHECK: adf.dma on %[[C]] s2mm channel 0 stream @act0 repeat 2 {
// CHECK-NEXT: adf.bd %[[WA]]
// CHECK-NEXT: adf.bd %[[WB]]
// CHECK: adf.call @kernel$add_0(%[[WA]], %[[WB]], %{{.+}} :
adf.graph @main(%x: tensor<1x2x2x16xi8> {adfc.name = "a"}, %y: tensor<1x2x2x16xi8> {adfc.name = "b"}) -> (tensor<1x64xi8> {adfc.name = "sum"})
    attributes {device = "ve2802", tiles = 2 : i64} {
  %0 = adf.add "s" %x, %y lhs <1, 2> rhs <3, 4> out <5, 6> clamp [0, 127]
    schedule <grid = [1, 1], tile = [1, 2, 16, 16], depth = [2, 2, 2], cycles = 9>
    : (tensor<1x2x2x16xi8>, tensor<1x2x2x16xi8>) -> tensor<1x2x2x16xi8>
  %1 = adf.reshape %0 : tensor<1x2x2x16xi8> to tensor<1x64xi8>
  adf.output %1 : tensor<1x64xi8>
}
