// Products of activations with the transpositions around them, rows of tables, and chains of integers.
// RUN: adf-opt %s -convert-tosa-to-adf -split-input-file | FileCheck %s

// Scores of two heads: both transpositions, and the one behind the product, are part of it.
// CHECK-LABEL: adf.graph @scores
// CHECK: [[Q:%.+]] = adf.reshape %arg0 : tensor<6x2x8xi8> to tensor<1x6x2x8xi8>
// CHECK: [[K:%.+]] = adf.reshape %arg1 : tensor<5x2x8xi8> to tensor<1x5x2x8xi8>
// CHECK: adf.matmul "{{.*}}" [[Q]], [[K]] transposed true rescale <16384, 22> clamp [-128, 127]
// CHECK-SAME: -> tensor<1x6x2x5xi8>
// CHECK-NOT: tosa
func.func @scores(%q: tensor<6x2x8xi8>, %k: tensor<5x2x8xi8>) -> tensor<6x2x5xi8> {
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<16384> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<22> : tensor<1xi8>}> : () -> tensor<1xi8>
  %a = tosa.transpose %q {perms = array<i32: 1, 0, 2>} : (tensor<6x2x8xi8>) -> tensor<2x6x8xi8>
  %b = tosa.transpose %k {perms = array<i32: 1, 2, 0>} : (tensor<5x2x8xi8>) -> tensor<2x8x5xi8>
  %0 = tosa.matmul %a, %b, %z8, %z8 : (tensor<2x6x8xi8>, tensor<2x8x5xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<2x6x5xi32>
  %1 = tosa.transpose %0 {perms = array<i32: 1, 0, 2>} : (tensor<2x6x5xi32>) -> tensor<6x2x5xi32>
  %2 = tosa.rescale %1, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<6x2x5xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<6x2x5xi8>
  return %2 : tensor<6x2x5xi8>
}

// -----

// Without a batch nothing has to move.
// CHECK-LABEL: adf.graph @product
// CHECK: adf.matmul {{.*}} transposed false rescale <16384, 22> clamp [0, 127]
// CHECK-SAME: (tensor<1x6x1x8xi8>, tensor<1x8x1x5xi8>) -> tensor<1x6x1x5xi8>
func.func @product(%q: tensor<1x6x8xi8>, %k: tensor<1x8x5xi8>) -> tensor<1x6x5xi8> {
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<16384> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<22> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.matmul %q, %k, %z8, %z8 : (tensor<1x6x8xi8>, tensor<1x8x5xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x6x5xi32>
  %1 = tosa.rescale %0, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x6x5xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x6x5xi8>
  %2 = tosa.clamp %1 {max_val = 127 : i8, min_val = 0 : i8} : (tensor<1x6x5xi8>) -> tensor<1x6x5xi8>
  return %2 : tensor<1x6x5xi8>
}

// -----

// Indices are four bytes each.
// CHECK-LABEL: adf.graph @embedding(%arg0: tensor<1x5x1x4xi8>)
// CHECK: adf.gather "gather" %arg0 table dense<3> : tensor<20x8xi8> : (tensor<1x5x1x4xi8>) -> tensor<1x5x1x8xi8>
func.func @embedding(%x: tensor<1x5xi32>) -> tensor<1x5x8xi8> {
  %t = "tosa.const"() <{values = dense<3> : tensor<1x20x8xi8>}> : () -> tensor<1x20x8xi8>
  %0 = tosa.gather %t, %x : (tensor<1x20x8xi8>, tensor<1x5xi32>) -> tensor<1x5x8xi8>
  return %0 : tensor<1x5x8xi8>
}

// -----

// CHECK-LABEL: adf.graph @levels_per_channel
// CHECK: adf.rowwise "rescale" %arg0 steps [#adf.step<input [], [0]>, #adf.step<rescale_each [0], [0, 1, 8]>]
// CHECK-SAME: constants [dense<[19661, 20000]> : tensor<2xi16>, dense<[14, 15]> : tensor<2xi8>]
func.func @levels_per_channel(%x: tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8> {
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %m = "tosa.const"() <{values = dense<[19661, 20000]> : tensor<2xi16>}> : () -> tensor<2xi16>
  %s = "tosa.const"() <{values = dense<[14, 15]> : tensor<2xi8>}> : () -> tensor<2xi8>
  %0 = tosa.rescale %x, %m, %s, %z8, %z8 {input_unsigned = false, output_unsigned = false, per_channel = true, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x4x4x2xi8>, tensor<2xi16>, tensor<2xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x4x4x2xi8>
  return %0 : tensor<1x4x4x2xi8>
}

// -----

// What is read twice is one step; numbers are literals however they are broadcast.
// CHECK-LABEL: adf.graph @center
// CHECK: adf.rowwise "{{.*}}" %{{.*}} steps [#adf.step<input [], [0]>, #adf.step<literal [], [8]>, #adf.step<mul [0, 1], [0]>,
// CHECK-SAME: #adf.step<reduce_sum [0], []>, #adf.step<sub [2, 3], []>, #adf.step<rescale [4], [16384, 18, 8]>]
// CHECK-SAME: constants [] : (tensor<1x6x1x8xi8>) -> tensor<1x6x1x8xi8>
func.func @center(%x: tensor<1x6x8xi8>) -> tensor<1x6x8xi8> {
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<16384> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<18> : tensor<1xi8>}> : () -> tensor<1xi8>
  %c = "tosa.const"() <{values = dense<8> : tensor<1x1x1xi32>}> : () -> tensor<1x1x1xi32>
  %0 = tosa.cast %x : (tensor<1x6x8xi8>) -> tensor<1x6x8xi32>
  %1 = tosa.mul %0, %c, %z8 : (tensor<1x6x8xi32>, tensor<1x1x1xi32>, tensor<1xi8>) -> tensor<1x6x8xi32>
  %2 = tosa.reduce_sum %0 {axis = 2 : i32} : (tensor<1x6x8xi32>) -> tensor<1x6x1xi32>
  %3 = tosa.sub %1, %2 : (tensor<1x6x8xi32>, tensor<1x6x1xi32>) -> tensor<1x6x8xi32>
  %4 = tosa.rescale %3, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x6x8xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x6x8xi8>
  return %4 : tensor<1x6x8xi8>
}
