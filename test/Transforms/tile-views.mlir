// A part is written to its place, a slice is read from its operand's, one pixel is streamed as weights are.
// RUN: adf-opt %s -adf-tile | FileCheck %s

// CHECK: adf.ddr @y buffer(output) bytes(256)
// CHECK-NOT: adf.ddr
// CHECK: adf.phase @a
// Rows 2 and 3, columns 0 and 1 of 4 x 4 pixels of 4 words.
// CHECK: adf.bd @x offset 0 dims [<16 x 1>]
// CHECK: adf.bd @y offset 32 dims [<8 x 1>, <2 x 16>]
// CHECK: adf.phase @b
// Channels 8 to 15 of each pixel.
// CHECK: adf.bd @x offset 0 dims [<16 x 1>]
// CHECK: adf.dma on %{{.+}} mm2s stream @weights0 {
// CHECK-NEXT: adf.bd @p offset 4 dims [<4 x 1>]
// CHECK: adf.bd @y offset 40 dims [<8 x 1>, <2 x 16>]
adf.graph @main(%x: tensor<1x2x2x16xi8> {adfc.name = "x"}, %p: tensor<1x1x2x16xi8> {adfc.name = "p"}) -> (tensor<1x4x4x16xi8> {adfc.name = "y"})
    attributes {device = "ve2802", tiles = 2 : i64} {
  %a = adf.copy "a" %x schedule <grid = [1, 1], tile = [2, 2, 16, 16], depth = [2, 2, 2], cycles = 9>
    : (tensor<1x2x2x16xi8>) -> tensor<1x2x2x16xi8>
  %q = adf.slice %p offset [0, 1, 0] step [1, 1] : tensor<1x1x2x16xi8> to tensor<1x1x1x16xi8>
  %b = adf.maximum "b" %x, %q clamp [-128, 127]
    schedule <grid = [1, 1], tile = [2, 2, 16, 16], depth = [2, 2, 2], cycles = 9>
    : (tensor<1x2x2x16xi8>, tensor<1x1x1x16xi8>) -> tensor<1x2x2x16xi8>
  %y = adf.assemble "cat" %a, %b places [2, 0, 0, 1, 1, 2, 2, 0, 1, 1]
    : (tensor<1x2x2x16xi8>, tensor<1x2x2x16xi8>) -> tensor<1x4x4x16xi8>
  adf.output %y : tensor<1x4x4x16xi8>
}
