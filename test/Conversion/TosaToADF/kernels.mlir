// The TOSA of each kernel becomes one operation.
// RUN: adf-opt %s -convert-tosa-to-adf -split-input-file | FileCheck %s

// conv2d + rescale + clamp; the layer's name is the location's, constants are carried over.
// CHECK-LABEL: adf.graph @conv(%arg0: tensor<1x8x8x3xi8> {adfc.name = "x"}) -> tensor<1x4x4x2xi8> {
// CHECK: %[[W:.+]] = adf.constant dense<5> : tensor<2x3x3x3xi8>
// CHECK: %[[B:.+]] = adf.constant dense<[7, 8]> : tensor<2xi32>
// CHECK: %[[Y:.+]] = adf.conv2d "stem.conv" %arg0, %[[W]], %[[B]] stride [2, 2] pad [1, 0, 1, 0] dilation [1, 1] clamp [0, 127]
// CHECK-SAME: multiplier dense<[19661, 20000]> : tensor<2xi16> shift dense<[20, 21]> : tensor<2xi8>
// CHECK: adf.output %[[Y]]
func.func @conv(%x: tensor<1x8x8x3xi8> {adfc.name = "x"}) -> tensor<1x4x4x2xi8> {
  %w = "tosa.const"() <{values = dense<5> : tensor<2x3x3x3xi8>}> : () -> tensor<2x3x3x3xi8>
  %b = "tosa.const"() <{values = dense<[7, 8]> : tensor<2xi32>}> : () -> tensor<2xi32>
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<[19661, 20000]> : tensor<2xi16>}> : () -> tensor<2xi16>
  %s = "tosa.const"() <{values = dense<[20, 21]> : tensor<2xi8>}> : () -> tensor<2xi8>
  %0 = tosa.conv2d %x, %w, %b, %z8, %z8 {acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: 1, 0, 1, 0>, stride = array<i64: 2, 2>} : (tensor<1x8x8x3xi8>, tensor<2x3x3x3xi8>, tensor<2xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x4x4x2xi32> loc("stem.conv"("model.py":12:0))
  %1 = tosa.rescale %0, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = true, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x4x4x2xi32>, tensor<2xi16>, tensor<2xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x4x4x2xi8>
  %2 = tosa.clamp %1 {max_val = 127 : i8, min_val = 0 : i8} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8>
  return %2 : tensor<1x4x4x2xi8>
}

// -----

// A fully connected layer on two rows: a convolution of an image of two pixels. One multiplier is meant for all channels.
// CHECK-LABEL: adf.graph @linear
// CHECK: %[[X:.+]] = adf.reshape %arg0 : tensor<2x4xi8> to tensor<2x1x1x4xi8>
// CHECK: %[[I:.+]] = adf.reshape %[[X]] : tensor<2x1x1x4xi8> to tensor<1x2x1x4xi8>
// CHECK: %[[Y:.+]] = adf.conv2d "conv2d" %[[I]]
// CHECK-SAME: clamp [-128, 127] multiplier dense<9> : tensor<8xi16> shift dense<3> : tensor<8xi8>
// CHECK-SAME: -> tensor<1x2x1x8xi8>
// CHECK: adf.reshape %[[Y]] : tensor<1x2x1x8xi8> to tensor<2x1x1x8xi8>
func.func @linear(%x: tensor<2x4xi8>) -> tensor<2x8xi8> {
  %w = "tosa.const"() <{values = dense<5> : tensor<8x1x1x4xi8>}> : () -> tensor<8x1x1x4xi8>
  %b = "tosa.const"() <{values = dense<0> : tensor<8xi32>}> : () -> tensor<8xi32>
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<9> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<3> : tensor<1xi8>}> : () -> tensor<1xi8>
  %s4 = tosa.const_shape {values = dense<[2, 1, 1, 4]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %s2 = tosa.const_shape {values = dense<[2, 8]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %0 = tosa.reshape %x, %s4 : (tensor<2x4xi8>, !tosa.shape<4>) -> tensor<2x1x1x4xi8>
  %1 = tosa.conv2d %0, %w, %b, %z8, %z8 {acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<2x1x1x4xi8>, tensor<8x1x1x4xi8>, tensor<8xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<2x1x1x8xi32>
  %2 = tosa.rescale %1, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<2x1x1x8xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<2x1x1x8xi8>
  %3 = tosa.reshape %2, %s2 : (tensor<2x1x1x8xi8>, !tosa.shape<2>) -> tensor<2x8xi8>
  return %3 : tensor<2x8xi8>
}

// -----

// Two rescales, add, rescale, and two clamps that become one.
// CHECK-LABEL: adf.graph @add
// CHECK: adf.add "add" %arg0, %arg1 lhs <16384, 3> rhs <28913, 4> out <24863, 26> clamp [0, 100]
func.func @add(%x: tensor<1x2x2x4xi8>, %y: tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8> {
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %ma = "tosa.const"() <{values = dense<16384> : tensor<1xi16>}> : () -> tensor<1xi16>
  %sa = "tosa.const"() <{values = dense<3> : tensor<1xi8>}> : () -> tensor<1xi8>
  %mb = "tosa.const"() <{values = dense<28913> : tensor<1xi16>}> : () -> tensor<1xi16>
  %sb = "tosa.const"() <{values = dense<4> : tensor<1xi8>}> : () -> tensor<1xi8>
  %mo = "tosa.const"() <{values = dense<24863> : tensor<1xi16>}> : () -> tensor<1xi16>
  %so = "tosa.const"() <{values = dense<26> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.rescale %x, %ma, %sa, %z8, %z32 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x2x2x4xi8>, tensor<1xi16>, tensor<1xi8>, tensor<1xi8>, tensor<1xi32>) -> tensor<1x2x2x4xi32>
  %1 = tosa.rescale %y, %mb, %sb, %z8, %z32 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x2x2x4xi8>, tensor<1xi16>, tensor<1xi8>, tensor<1xi8>, tensor<1xi32>) -> tensor<1x2x2x4xi32>
  %2 = tosa.add %0, %1 : (tensor<1x2x2x4xi32>, tensor<1x2x2x4xi32>) -> tensor<1x2x2x4xi32>
  %3 = tosa.rescale %2, %mo, %so, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x2x2x4xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x2x2x4xi8>
  %4 = tosa.clamp %3 {max_val = 127 : i8, min_val = 0 : i8} : (tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8>
  %5 = tosa.clamp %4 {max_val = 100 : i8, min_val = -5 : i8} : (tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8>
  return %5 : tensor<1x2x2x4xi8>
}

// -----

// cast, two sums, rescale.
// CHECK-LABEL: adf.graph @mean
// CHECK: adf.mean2d "pool" %arg0 rescale <21293, 18> clamp [-128, 127] : (tensor<1x7x7x8xi8>) -> tensor<1x1x1x8xi8>
func.func @mean(%x: tensor<1x7x7x8xi8>) -> tensor<1x1x1x8xi8> {
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<21293> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<18> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.cast %x : (tensor<1x7x7x8xi8>) -> tensor<1x7x7x8xi32>
  %1 = tosa.reduce_sum %0 {axis = 1 : i32} : (tensor<1x7x7x8xi32>) -> tensor<1x1x7x8xi32>
  %2 = tosa.reduce_sum %1 {axis = 2 : i32} : (tensor<1x1x7x8xi32>) -> tensor<1x1x1x8xi32> loc("pool")
  %3 = tosa.rescale %2, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x1x1x8xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x1x1x8xi8>
  return %3 : tensor<1x1x1x8xi8>
}

// -----

// Equal names get numbers; a slice that drops what no window reaches is dropped itself.
// CHECK-LABEL: adf.graph @pool
// CHECK: %[[A:.+]] = adf.max_pool2d "max_pool2d" %arg0 kernel [2, 2] stride [2, 2] pad [0, 0, 0, 0] : (tensor<1x9x9x4xi8>) -> tensor<1x4x4x4xi8>
// CHECK: adf.max_pool2d "max_pool2d_1" %[[A]] kernel [3, 3] stride [1, 1] pad [1, 1, 1, 1]
func.func @pool(%x: tensor<1x9x9x4xi8>) -> tensor<1x4x4x4xi8> {
  %start = tosa.const_shape {values = dense<0> : tensor<4xindex>} : () -> !tosa.shape<4>
  %size = tosa.const_shape {values = dense<[1, 8, 8, 4]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %0 = tosa.slice %x, %start, %size : (tensor<1x9x9x4xi8>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x8x8x4xi8>
  %1 = tosa.max_pool2d %0 {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x8x8x4xi8>) -> tensor<1x4x4x4xi8>
  %2 = tosa.max_pool2d %1 {kernel = array<i64: 3, 3>, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>} : (tensor<1x4x4x4xi8>) -> tensor<1x4x4x4xi8>
  return %2 : tensor<1x4x4x4xi8>
}

// -----

// A slice that drops rows no window reaches, while columns have padding behind them.
// CHECK-LABEL: adf.graph @slice_one_axis
// CHECK: adf.max_pool2d "max_pool2d" %arg0 kernel [1, 3] stride [2, 1] pad [0, 0, 1, 1] : (tensor<1x8x8x4xi8>) -> tensor<1x4x8x4xi8>
func.func @slice_one_axis(%x: tensor<1x8x8x4xi8>) -> tensor<1x4x8x4xi8> {
  %start = tosa.const_shape {values = dense<0> : tensor<4xindex>} : () -> !tosa.shape<4>
  %size = tosa.const_shape {values = dense<[1, 7, 8, 4]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %0 = tosa.slice %x, %start, %size : (tensor<1x8x8x4xi8>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x7x8x4xi8>
  %1 = tosa.max_pool2d %0 {kernel = array<i64: 1, 3>, pad = array<i64: 0, 0, 1, 1>, stride = array<i64: 2, 1>} : (tensor<1x7x8x4xi8>) -> tensor<1x4x8x4xi8>
  return %1 : tensor<1x4x8x4xi8>
}

// -----

// A clamp behind a pooling is one in front of it: that of the addition.
// CHECK-LABEL: adf.graph @clamp_behind_pool
// CHECK: adf.add "add" {{.*}} clamp [0, 127]
// CHECK-NEXT: %[[Y:.+]] = adf.max_pool2d
// CHECK-NEXT: adf.output %[[Y]]
func.func @clamp_behind_pool(%x: tensor<1x2x2x4xi8>) -> tensor<1x1x1x4xi8> {
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<16384> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<3> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.rescale %x, %m, %s, %z8, %z32 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x2x2x4xi8>, tensor<1xi16>, tensor<1xi8>, tensor<1xi8>, tensor<1xi32>) -> tensor<1x2x2x4xi32>
  %1 = tosa.add %0, %0 : (tensor<1x2x2x4xi32>, tensor<1x2x2x4xi32>) -> tensor<1x2x2x4xi32>
  %2 = tosa.rescale %1, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x2x2x4xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x2x2x4xi8>
  %3 = tosa.max_pool2d %2 {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x2x2x4xi8>) -> tensor<1x1x1x4xi8>
  %4 = tosa.clamp %3 {max_val = 127 : i8, min_val = 0 : i8} : (tensor<1x1x1x4xi8>) -> tensor<1x1x1x4xi8>
  return %4 : tensor<1x1x1x4xi8>
}

// -----

// depthwise_conv2d + rescale + clamp.
// CHECK-LABEL: adf.graph @depthwise(
// CHECK: %[[W:.+]] = adf.constant dense<{{.*}}> : tensor<1x1x2x1xi8>
// CHECK: adf.depthwise_conv2d "dw" %arg0, %[[W]], %{{.+}} stride [1, 1] pad [0, 0, 0, 0] dilation [1, 1] clamp [0, 100]
// CHECK-SAME: multiplier dense<19661> : tensor<2xi16> shift dense<20> : tensor<2xi8>
func.func @depthwise(%x: tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8> {
  %w = "tosa.const"() <{values = dense<[[[[3], [5]]]]> : tensor<1x1x2x1xi8>}> : () -> tensor<1x1x2x1xi8>
  %b = "tosa.const"() <{values = dense<0> : tensor<2xi32>}> : () -> tensor<2xi32>
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<19661> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<20> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.depthwise_conv2d %x, %w, %b, %z8, %z8 {acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x2xi8>, tensor<1x1x2x1xi8>, tensor<2xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x4x4x2xi32> loc("dw"("model.py":12:0))
  %1 = tosa.rescale %0, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x4x4x2xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x4x4x2xi8>
  %2 = tosa.clamp %1 {max_val = 100 : i8, min_val = 0 : i8} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8>
  return %2 : tensor<1x4x4x2xi8>
}

// -----

// Two output channels for each input channel: output channels 0 and 1 read channel 0, 2 and 3 channel 1.
// CHECK-LABEL: adf.graph @multiplied(
// CHECK: %[[W:.+]] = adf.constant dense<{{\[\[\[\[}}3, 0]]], {{\[\[\[}}4, 0]]], {{\[\[\[}}0, 5]]], {{\[\[\[}}0, 6]]]]> : tensor<4x1x1x2xi8>
// CHECK: adf.conv2d "dw" %arg0, %[[W]], %{{.+}} clamp [0, 100]
func.func @multiplied(%x: tensor<1x4x4x2xi8>) -> tensor<1x4x4x4xi8> {
  %w = "tosa.const"() <{values = dense<[[[[3, 4], [5, 6]]]]> : tensor<1x1x2x2xi8>}> : () -> tensor<1x1x2x2xi8>
  %b = "tosa.const"() <{values = dense<0> : tensor<4xi32>}> : () -> tensor<4xi32>
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<19661> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<20> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.depthwise_conv2d %x, %w, %b, %z8, %z8 {acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x2xi8>, tensor<1x1x2x2xi8>, tensor<4xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x4x4x4xi32> loc("dw"("model.py":12:0))
  %1 = tosa.rescale %0, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x4x4x4xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x4x4x4xi8>
  %2 = tosa.clamp %1 {max_val = 100 : i8, min_val = 0 : i8} : (tensor<1x4x4x4xi8>) -> tensor<1x4x4x4xi8>
  return %2 : tensor<1x4x4x4xi8>
}

// -----

// CHECK-LABEL: adf.graph @table
// CHECK: %[[X:.+]] = adf.reshape %arg0 : tensor<2x8xi8> to tensor<1x2x1x8xi8>
// CHECK: %[[Y:.+]] = adf.table "table" %[[X]] table dense<9> : tensor<256xi8> : (tensor<1x2x1x8xi8>) -> tensor<1x2x1x8xi8>
// CHECK: adf.reshape %[[Y]] : tensor<1x2x1x8xi8> to tensor<2x8xi8>
func.func @table(%x: tensor<2x8xi8>) -> tensor<2x8xi8> {
  %t = "tosa.const"() <{values = dense<9> : tensor<256xi8>}> : () -> tensor<256xi8>
  %0 = tosa.table %x, %t : (tensor<2x8xi8>, tensor<256xi8>) -> tensor<2x8xi8>
  return %0 : tensor<2x8xi8>
}

// -----

// rescale, rescale + sub + rescale + clamp.
// CHECK-LABEL: adf.graph @difference
// CHECK: adf.sub "sub" %arg0, %arg1 lhs <20000, 4> rhs <20000, 4> out <19661, 20> clamp [0, 127]
func.func @difference(%x: tensor<1x4x4x8xi8>, %y: tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8> {
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<20000> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<4> : tensor<1xi8>}> : () -> tensor<1xi8>
  %mo = "tosa.const"() <{values = dense<19661> : tensor<1xi16>}> : () -> tensor<1xi16>
  %so = "tosa.const"() <{values = dense<20> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.rescale %x, %m, %s, %z8, %z32 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x4x4x8xi8>, tensor<1xi16>, tensor<1xi8>, tensor<1xi8>, tensor<1xi32>) -> tensor<1x4x4x8xi32>
  %1 = tosa.rescale %y, %m, %s, %z8, %z32 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x4x4x8xi8>, tensor<1xi16>, tensor<1xi8>, tensor<1xi8>, tensor<1xi32>) -> tensor<1x4x4x8xi32>
  %2 = tosa.sub %0, %1 : (tensor<1x4x4x8xi32>, tensor<1x4x4x8xi32>) -> tensor<1x4x4x8xi32>
  %3 = tosa.rescale %2, %mo, %so, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x4x4x8xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x4x4x8xi8>
  %4 = tosa.clamp %3 {max_val = 127 : i8, min_val = 0 : i8} : (tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8>
  return %4 : tensor<1x4x4x8xi8>
}

// -----

// mul + rescale.
// CHECK-LABEL: adf.graph @product
// CHECK: adf.mul "mul" %arg0, %arg1 rescale <19661, 20> clamp [-128, 127]
func.func @product(%x: tensor<1x4x4x8xi8>, %y: tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8> {
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<19661> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<20> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.mul %x, %y, %z8 : (tensor<1x4x4x8xi8>, tensor<1x4x4x8xi8>, tensor<1xi8>) -> tensor<1x4x4x8xi32>
  %1 = tosa.rescale %0, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x4x4x8xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x4x4x8xi8>
  return %1 : tensor<1x4x4x8xi8>
}

// -----

// A clamp of an input has no kernel that could take it in: a table, from -128 (80) to 127 (7F), here 0 to 3.
// CHECK-LABEL: adf.graph @clamp_alone
// CHECK: adf.table "clamp" %arg0 table dense<"0x{{(00){128}()}}00010203{{(03){124}()}}"> : tensor<256xi8>
func.func @clamp_alone(%x: tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8> {
  %0 = tosa.clamp %x {max_val = 3 : i8, min_val = 0 : i8} : (tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8>
  return %0 : tensor<1x4x4x8xi8>
}

// -----

// Twice each level, saturated: -128, -126 ... 126, 127.
// CHECK-LABEL: adf.graph @levels
// CHECK: adf.table "rescale" %arg0 table dense<"0x{{(80){64}()}}8082848688{{.*}}7A7C7E{{(7F){64}()}}"> : tensor<256xi8>
func.func @levels(%x: tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8> {
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %m = "tosa.const"() <{values = dense<16384> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<13> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.rescale %x, %m, %s, %z8, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x4x4x8xi8>, tensor<1xi16>, tensor<1xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x4x4x8xi8>
  return %0 : tensor<1x4x4x8xi8>
}
