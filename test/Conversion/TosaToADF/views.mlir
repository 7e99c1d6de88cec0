// What only moves bytes: views and places in other tensors, else convolutions that pick channels.
// RUN: adf-opt %s -convert-tosa-to-adf -canonicalize | FileCheck %s

// CHECK-LABEL: adf.graph @concat
// CHECK: adf.assemble "concat" %{{.+}}, %{{.+}} places [0, 0, 0, 1, 1, 0, 0, 8, 1, 1] : (tensor<1x4x4x8xi8>, tensor<1x4x4x3xi8>) -> tensor<1x4x4x11xi8>
func.func @concat(%x: tensor<1x4x4x8xi8>, %y: tensor<1x4x4x3xi8>) -> tensor<1x4x4x11xi8> {
  %0 = tosa.concat %x, %y {axis = 3 : i32} : (tensor<1x4x4x8xi8>, tensor<1x4x4x3xi8>) -> tensor<1x4x4x11xi8>
  return %0 : tensor<1x4x4x11xi8>
}

// Channels that do not begin at whole words: first apart, then picked.
// CHECK-LABEL: adf.graph @concat_between_words
// CHECK-DAG: %[[W:.+]] = adf.constant dense<{{.+}}> : tensor<5x1x1x8xi8>
// CHECK-DAG: %[[C:.+]] = adf.assemble "concat" %{{.+}}, %{{.+}} places [0, 0, 0, 1, 1, 0, 0, 4, 1, 1] : (tensor<1x4x4x3xi8>, tensor<1x4x4x2xi8>) -> tensor<1x4x4x8xi8>
// CHECK: adf.conv2d "concat" %[[C]], %[[W]], {{.*}} multiplier dense<16384> : tensor<5xi16> shift dense<14>
func.func @concat_between_words(%x: tensor<1x4x4x3xi8>, %y: tensor<1x4x4x2xi8>) -> tensor<1x4x4x5xi8> {
  %0 = tosa.concat %x, %y {axis = 3 : i32} : (tensor<1x4x4x3xi8>, tensor<1x4x4x2xi8>) -> tensor<1x4x4x5xi8>
  return %0 : tensor<1x4x4x5xi8>
}

// Rows of a tensor of rank 3: its axes stand for an image's.
// CHECK-LABEL: adf.graph @slice_rank_three
// CHECK: %[[I:.+]] = adf.reshape %{{.+}} : tensor<1x9x8xi8> to tensor<1x9x1x8xi8>
// CHECK: %[[S:.+]] = adf.slice %[[I]] offset [2, 0, 0] step [1, 1] : tensor<1x9x1x8xi8> to tensor<1x4x1x8xi8>
// CHECK: adf.reshape %[[S]] : tensor<1x4x1x8xi8> to tensor<1x4x8xi8>
func.func @slice_rank_three(%x: tensor<1x9x8xi8>) -> tensor<1x4x8xi8> {
  %start = tosa.const_shape {values = dense<[0, 2, 0]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %size = tosa.const_shape {values = dense<[1, 4, 8]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %0 = tosa.slice %x, %start, %size : (tensor<1x9x8xi8>, !tosa.shape<3>, !tosa.shape<3>) -> tensor<1x4x8xi8>
  return %0 : tensor<1x4x8xi8>
}

// CHECK-LABEL: adf.graph @transpose_rows_and_columns
// CHECK: adf.slice %{{.+}} offset [0, 0, 0] step [1, 1] transposed : tensor<1x4x6x8xi8> to tensor<1x6x4x8xi8>
func.func @transpose_rows_and_columns(%x: tensor<1x4x6x8xi8>) -> tensor<1x6x4x8xi8> {
  %0 = tosa.transpose %x {perms = array<i32: 0, 2, 1, 3>} : (tensor<1x4x6x8xi8>) -> tensor<1x6x4x8xi8>
  return %0 : tensor<1x6x4x8xi8>
}

// CHECK-LABEL: adf.graph @pad
// CHECK-DAG: %[[TOP:.+]] = adf.constant dense<7> : tensor<1x1x6x8xi8>
// CHECK-DAG: %[[LEFT:.+]] = adf.constant dense<7> : tensor<1x4x2x8xi8>
// CHECK: adf.assemble "pad" %{{.+}}, %[[TOP]], %[[LEFT]] places [1, 2, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1]
func.func @pad(%x: tensor<4x4x8xi8>) -> tensor<5x6x8xi8> {
  %around = tosa.const_shape {values = dense<[1, 0, 2, 0, 0, 0]> : tensor<6xindex>} : () -> !tosa.shape<6>
  %fill = "tosa.const"() <{values = dense<7> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.pad %x, %around, %fill : (tensor<4x4x8xi8>, !tosa.shape<6>, tensor<1xi8>) -> tensor<5x6x8xi8>
  return %0 : tensor<5x6x8xi8>
}

// CHECK-LABEL: adf.graph @nearest
// CHECK: adf.resize "resize" %{{.+}} scale [4, 2, 4, 2] offset [-1, -1] rescale <16384, 14>
func.func @nearest(%x: tensor<1x4x4x8xi8>) -> tensor<1x8x8x8xi8> {
  %scale = tosa.const_shape {values = dense<[4, 2, 4, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %offset = tosa.const_shape {values = dense<-1> : tensor<2xindex>} : () -> !tosa.shape<2>
  %border = tosa.const_shape {values = dense<1> : tensor<2xindex>} : () -> !tosa.shape<2>
  %0 = tosa.resize %x, %scale, %offset, %border {mode = NEAREST_NEIGHBOR} : (tensor<1x4x4x8xi8>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x8x8x8xi8>
  return %0 : tensor<1x8x8x8xi8>
}

// Each of 2 x 2 phases by its own taps, written in between the others.
// CHECK-LABEL: adf.graph @transpose_conv
// CHECK-COUNT-4: adf.conv2d {{.*}} stride [1, 1] pad [0, 0, 0, 0] {{.*}} -> tensor<1x4x4x2xi8>
// CHECK: adf.assemble "transpose_conv2d" {{.*}} places [0, 0, 0, 2, 2, 0, 1, 0, 2, 2, 1, 0, 0, 2, 2, 1, 1, 0, 2, 2] {{.*}} -> tensor<1x8x8x2xi8>
func.func @transpose_conv(%x: tensor<1x4x4x4xi8>) -> tensor<1x8x8x2xi8> {
  %w = "tosa.const"() <{values = dense<1> : tensor<2x2x2x4xi8>}> : () -> tensor<2x2x2x4xi8>
  %b = "tosa.const"() <{values = dense<0> : tensor<2xi32>}> : () -> tensor<2xi32>
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<19661> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<20> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.transpose_conv2d %x, %w, %b, %z8, %z8 {acc_type = i32, out_pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x4x4x4xi8>, tensor<2x2x2x4xi8>, tensor<2xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x8x8x2xi32>
  %1 = tosa.rescale %0, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x8x8x2xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x8x8x2xi8>
  return %1 : tensor<1x8x8x2xi8>
}

// One pixel holds for all: no copy. A column is repeated by a resize with step 0.
// CHECK-LABEL: adf.graph @broadcast
// CHECK: %[[P:.+]] = adf.mul "mul" %{{.+}}, %{{.+}} rescale <19661, 20> {{.*}} : (tensor<1x4x4x8xi8>, tensor<1x1x1x8xi8>) -> tensor<1x4x4x8xi8>
// CHECK: %[[R:.+]] = adf.resize "mul_1" %{{.+}} scale [1, 1, 1, 0] offset [0, 0] {{.*}} : (tensor<1x4x1x8xi8>) -> tensor<1x4x4x8xi8>
// CHECK: adf.mul "mul_2" %[[P]], %[[R]]
func.func @broadcast(%x: tensor<1x4x4x8xi8>, %p: tensor<1x1x1x8xi8>, %c: tensor<1x4x1x8xi8>) -> tensor<1x4x4x8xi8> {
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<19661> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<20> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.mul %p, %x, %z8 : (tensor<1x1x1x8xi8>, tensor<1x4x4x8xi8>, tensor<1xi8>) -> tensor<1x4x4x8xi32>
  %1 = tosa.rescale %0, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x4x4x8xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x4x4x8xi8>
  %2 = tosa.mul %1, %c, %z8 : (tensor<1x4x4x8xi8>, tensor<1x4x1x8xi8>, tensor<1xi8>) -> tensor<1x4x4x8xi32>
  %3 = tosa.rescale %2, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x4x4x8xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x4x4x8xi8>
  return %3 : tensor<1x4x4x8xi8>
}

// Channels become rows: the product of an identity and the pixels, each of which gives a column.
// CHECK-LABEL: adf.graph @transpose_channels
// CHECK-DAG: %[[I:.+]] = adf.constant dense<{{.+}}> : tensor<1x8x1x8xi8>
// CHECK-DAG: %[[X:.+]] = adf.reshape %arg0 : tensor<1x4x6x8xi8> to tensor<1x24x1x8xi8>
// CHECK: %[[Y:.+]] = adf.matmul "transpose" %[[I]], %[[X]] transposed true rescale <16384, 14> clamp [-128, 127] : (tensor<1x8x1x8xi8>, tensor<1x24x1x8xi8>) -> tensor<1x8x1x24xi8>
func.func @transpose_channels(%x: tensor<1x4x6x8xi8>) -> tensor<1x8x24xi8> {
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x4x6x8xi8>) -> tensor<1x8x4x6xi8>
  %s = tosa.const_shape {values = dense<[1, 8, 24]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %1 = tosa.reshape %0, %s : (tensor<1x8x4x6xi8>, !tosa.shape<3>) -> tensor<1x8x24xi8>
  return %1 : tensor<1x8x24xi8>
}

// Four axes in another order: rows of 3 * 5 go behind 4 * 2, then 5 behind 3.
// CHECK-LABEL: adf.graph @transpose_pixels
// CHECK: adf.slice %{{.+}} offset [0, 0, 0] step [1, 1] transposed : tensor<1x6x20x8xi8> to tensor<1x20x6x8xi8>
// CHECK: adf.slice %{{.+}} offset [0, 0, 0] step [1, 1] transposed : tensor<1x4x5x48xi8> to tensor<1x5x4x48xi8>
func.func @transpose_pixels(%x: tensor<2x3x4x5x8xi8>) -> tensor<5x4x2x3x8xi8> {
  %0 = tosa.transpose %x {perms = array<i32: 3, 2, 0, 1, 4>} : (tensor<2x3x4x5x8xi8>) -> tensor<5x4x2x3x8xi8>
  return %0 : tensor<5x4x2x3x8xi8>
}

// Two pieces of 6 channels are three words: what comes from them are two pixels of two words each.
// CHECK-LABEL: adf.graph @reshape_splits
// CHECK: %[[Y:.+]] = adf.conv2d "reshape" {{.*}} -> tensor<1x5x1x16xi8>
// CHECK: %[[P:.+]] = adf.reshape %[[Y]] : tensor<1x5x1x16xi8> to tensor<1x5x2x8xi8>
// CHECK: adf.slice %[[P]] offset [0, 0, 0] step [1, 1] : tensor<1x5x2x8xi8> to tensor<1x5x2x6xi8>
func.func @reshape_splits(%x: tensor<1x5x12xi8>) -> tensor<5x2x6xi8> {
  %s = tosa.const_shape {values = dense<[5, 2, 6]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %0 = tosa.reshape %x, %s : (tensor<1x5x12xi8>, !tosa.shape<3>) -> tensor<5x2x6xi8>
  return %0 : tensor<5x2x6xi8>
}

// CHECK-LABEL: adf.graph @reshape_joins
// CHECK: %[[W:.+]] = adf.assemble "reshape" %{{.+}} places [0, 0, 0, 1, 1] : (tensor<1x5x2x6xi8>) -> tensor<1x5x2x8xi8>
// CHECK: %[[R:.+]] = adf.reshape %[[W]] : tensor<1x5x2x8xi8> to tensor<1x5x1x16xi8>
// CHECK: adf.conv2d "reshape" %[[R]], {{.*}} -> tensor<1x5x1x12xi8>
func.func @reshape_joins(%x: tensor<5x2x6xi8>) -> tensor<1x5x12xi8> {
  %s = tosa.const_shape {values = dense<[1, 5, 12]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %0 = tosa.reshape %x, %s : (tensor<5x2x6xi8>, !tosa.shape<3>) -> tensor<1x5x12xi8>
  return %0 : tensor<1x5x12xi8>
}
