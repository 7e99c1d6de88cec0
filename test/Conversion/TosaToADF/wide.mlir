// int16 activations are carried as their bytes, two int8 channels for each of their own.
// RUN: adf-opt %s -convert-tosa-to-adf -split-input-file | FileCheck %s

// int8 in, int16 between, int8 out; the bias of 48 bits becomes one of 64.
// CHECK-LABEL: adf.graph @between(%arg0: tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8> {
// CHECK: adf.constant dense<7> : tensor<6xi64>
// CHECK: %[[H:.+]] = adf.conv2d "conv2d" %arg0
// CHECK-SAME: clamp [0, 32767] multiplier dense<16384> : tensor<6xi16> shift dense<20> : tensor<6xi8> {wide_output}
// CHECK-SAME: -> tensor<1x4x4x12xi8>
// CHECK: adf.constant dense<-4294967296> : tensor<8xi64>
// CHECK: %[[Y:.+]] = adf.conv2d "conv2d_1" %[[H]]
// CHECK-SAME: clamp [-128, 127]
// CHECK-SAME: {wide_input} : (tensor<1x4x4x12xi8>, tensor<8x1x1x6xi8>, tensor<8xi64>) -> tensor<1x4x4x8xi8>
// CHECK: adf.output %[[Y]]
func.func @between(%x: tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8> {
  %w = "tosa.const"() <{values = dense<5> : tensor<6x1x1x8xi8>}> : () -> tensor<6x1x1x8xi8>
  %b = "tosa.const"() <{values = dense<7> : tensor<6xi32>}> : () -> tensor<6xi32>
  %w2 = "tosa.const"() <{values = dense<3> : tensor<8x1x1x6xi8>}> : () -> tensor<8x1x1x6xi8>
  %b2 = "tosa.const"() <{values = dense<-4294967296> : tensor<8xi48>}> : () -> tensor<8xi48>
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z16 = "tosa.const"() <{values = dense<0> : tensor<1xi16>}> : () -> tensor<1xi16>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %z48 = "tosa.const"() <{values = dense<0> : tensor<1xi48>}> : () -> tensor<1xi48>
  %m = "tosa.const"() <{values = dense<16384> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<20> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.conv2d %x, %w, %b, %z8, %z8 {acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x8xi8>, tensor<6x1x1x8xi8>, tensor<6xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x4x4x6xi32>
  %1 = tosa.rescale %0, %m, %s, %z32, %z16 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x4x4x6xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi16>) -> tensor<1x4x4x6xi16>
  %2 = tosa.clamp %1 {max_val = 32767 : i16, min_val = 0 : i16} : (tensor<1x4x4x6xi16>) -> tensor<1x4x4x6xi16>
  %3 = tosa.conv2d %2, %w2, %b2, %z16, %z8 {acc_type = i48, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x6xi16>, tensor<8x1x1x6xi8>, tensor<8xi48>, tensor<1xi16>, tensor<1xi8>) -> tensor<1x4x4x8xi48>
  %4 = tosa.rescale %3, %m, %s, %z48, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x4x4x8xi48>, tensor<1xi16>, tensor<1xi8>, tensor<1xi48>, tensor<1xi8>) -> tensor<1x4x4x8xi8>
  return %4 : tensor<1x4x4x8xi8>
}

// -----

// An output of int16, behind a rescale and a clamp that the rescale takes in; a view of bytes.
// CHECK-LABEL: adf.graph @output(%arg0: tensor<1x2x2x4xi8>) -> tensor<1x4x8xi8> {
// CHECK: %[[H:.+]] = adf.rescale "rescale" %arg0 by <16384, 8> clamp [-5, 32767] {wide_output} : (tensor<1x2x2x4xi8>) -> tensor<1x2x2x8xi8>
// CHECK: %[[Y:.+]] = adf.reshape %[[H]] : tensor<1x2x2x8xi8> to tensor<1x4x8xi8>
// CHECK: adf.output %[[Y]] : tensor<1x4x8xi8>
func.func @output(%x: tensor<1x2x2x4xi8>) -> tensor<1x4x4xi16> {
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z16 = "tosa.const"() <{values = dense<0> : tensor<1xi16>}> : () -> tensor<1xi16>
  %m = "tosa.const"() <{values = dense<16384> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<8> : tensor<1xi8>}> : () -> tensor<1xi8>
  %shape = tosa.const_shape {values = dense<[1, 4, 4]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %0 = tosa.rescale %x, %m, %s, %z8, %z16 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x2x2x4xi8>, tensor<1xi16>, tensor<1xi8>, tensor<1xi8>, tensor<1xi16>) -> tensor<1x2x2x4xi16>
  %1 = tosa.clamp %0 {max_val = 32767 : i16, min_val = -5 : i16} : (tensor<1x2x2x4xi16>) -> tensor<1x2x2x4xi16>
  %2 = tosa.reshape %1, %shape : (tensor<1x2x2x4xi16>, !tosa.shape<3>) -> tensor<1x4x4xi16>
  return %2 : tensor<1x4x4xi16>
}

// -----

// Weights of four bits are kept as levels, and packed.
// CHECK-LABEL: adf.graph @packed
// CHECK: adf.constant dense<{{.+}}1, -8{{.+}}7, -1{{.+}}> : tensor<2x1x1x2xi8>
// CHECK: adf.conv2d "conv2d" {{.*}} {packed}
func.func @packed(%x: tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8> {
  %w = "tosa.const"() <{values = dense<[[[[1, -8]]], [[[7, -1]]]]> : tensor<2x1x1x2xi4>}> : () -> tensor<2x1x1x2xi4>
  %b = "tosa.const"() <{values = dense<7> : tensor<2xi32>}> : () -> tensor<2xi32>
  %z4 = "tosa.const"() <{values = dense<0> : tensor<1xi4>}> : () -> tensor<1xi4>
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<16384> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<20> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.conv2d %x, %w, %b, %z8, %z4 {acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x2xi8>, tensor<2x1x1x2xi4>, tensor<2xi32>, tensor<1xi8>, tensor<1xi4>) -> tensor<1x4x4x2xi32>
  %1 = tosa.rescale %0, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x4x4x2xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x4x4x2xi8>
  return %1 : tensor<1x4x4x2xi8>
}

// -----

// The numbers of the greatest channels leave as the bytes of int32.
// CHECK-LABEL: adf.graph @argmax(%arg0: tensor<1x2x3x21xi8>) -> tensor<1x6x1x4xi8> {
// CHECK: %[[H:.+]] = adf.argmax "argmax" %arg0 : (tensor<1x2x3x21xi8>) -> tensor<1x2x3x4xi8>
// CHECK: adf.reshape %[[H]] : tensor<1x2x3x4xi8> to tensor<1x6x1x4xi8>
func.func @argmax(%x: tensor<1x2x3x21xi8>) -> tensor<1x2x3xi32> {
  %0 = tosa.argmax %x {axis = 3 : i32} : (tensor<1x2x3x21xi8>) -> tensor<1x2x3xi32>
  return %0 : tensor<1x2x3xi32>
}

// -----

// Values that are moved only: their bytes are.
// CHECK-LABEL: adf.graph @moved(%arg0: tensor<1x2x2x4xi8>) -> tensor<1x6x5x16xi8> {
// CHECK: %[[H:.+]] = adf.rescale "rescale" %arg0 {{.*}} {wide_output} : (tensor<1x2x2x4xi8>) -> tensor<1x2x2x8xi8>
// CHECK: %[[C:.+]] = adf.assemble "concat" %[[H]], %[[H]] {{.*}} -> tensor<1x2x2x16xi8>
// CHECK: %[[R:.+]] = adf.resize "resize" %[[C]] {{.*}} : (tensor<1x2x2x16xi8>) -> tensor<1x4x4x16xi8>
// CHECK: adf.constant dense<0>
// CHECK: adf.assemble "pad" {{.*}}%[[R]]
func.func @moved(%x: tensor<1x2x2x4xi8>) -> tensor<1x6x5x8xi16> {
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z16 = "tosa.const"() <{values = dense<0> : tensor<1xi16>}> : () -> tensor<1xi16>
  %m = "tosa.const"() <{values = dense<16384> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<8> : tensor<1xi8>}> : () -> tensor<1xi8>
  %scale = tosa.const_shape {values = dense<[4, 2, 4, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %offset = tosa.const_shape {values = dense<[-1, -1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %border = tosa.const_shape {values = dense<[1, 1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %around = tosa.const_shape {values = dense<[0, 0, 1, 1, 0, 1, 0, 0]> : tensor<8xindex>} : () -> !tosa.shape<8>
  %0 = tosa.rescale %x, %m, %s, %z8, %z16 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x2x2x4xi8>, tensor<1xi16>, tensor<1xi8>, tensor<1xi8>, tensor<1xi16>) -> tensor<1x2x2x4xi16>
  %1 = tosa.concat %0, %0 {axis = 3 : i32} : (tensor<1x2x2x4xi16>, tensor<1x2x2x4xi16>) -> tensor<1x2x2x8xi16>
  %2 = tosa.resize %1, %scale, %offset, %border {mode = NEAREST_NEIGHBOR} : (tensor<1x2x2x8xi16>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x4x4x8xi16>
  %3 = tosa.pad %2, %around, %z16 : (tensor<1x4x4x8xi16>, !tosa.shape<8>, tensor<1xi16>) -> tensor<1x6x5x8xi16>
  return %3 : tensor<1x6x5x8xi16>
}
