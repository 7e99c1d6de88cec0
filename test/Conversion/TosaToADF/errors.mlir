// What the array cannot do is refused at its place, with a way out.
// RUN: adf-opt %s -convert-tosa-to-adf -split-input-file -verify-diagnostics

// expected-error @+1 {{input 0 of @float is 'tensor<1x4xf32>': it must be an int8 tensor of static shape}}
func.func @float(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  return %x : tensor<1x4xf32>
}

// -----

// expected-error @+1 {{input 0 of @dynamic is 'tensor<?x4xi8>': it must be an int8 tensor of static shape}}
func.func @dynamic(%x: tensor<?x4xi8>) -> tensor<?x4xi8> {
  return %x : tensor<?x4xi8>
}

// -----

// Every operation at fault has its error.
func.func @no_kernel(%x: tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8> {
  // expected-error @+1 {{'tosa.reverse' op cannot be converted: there is no kernel for it}}
  %0 = tosa.reverse %x {axis = 1 : i32} : (tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8>
  // expected-error @+1 {{'tosa.reverse' op cannot be converted: there is no kernel for it}}
  %1 = tosa.reverse %0 {axis = 2 : i32} : (tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8>
  return %1 : tensor<1x4x4x8xi8>
}

// -----

func.func @unsigned_levels(%x: tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8> {
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %m = "tosa.const"() <{values = dense<19661> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<14> : tensor<1xi8>}> : () -> tensor<1xi8>
  // expected-error @+1 {{'tosa.rescale' op cannot be converted: it is unsigned; quantize to signed int8}}
  %0 = tosa.rescale %x, %m, %s, %z8, %z8 {input_unsigned = true, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x4x4x2xi8>, tensor<1xi16>, tensor<1xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x4x4x2xi8>
  return %0 : tensor<1x4x4x2xi8>
}

// -----

// A chain names what in it no kernel has.
func.func @sum_over_rows(%x: tensor<1x4x4x8xi8>) -> tensor<1x1x4x8xi8> {
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<19661> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<20> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.cast %x : (tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi32>
  %1 = tosa.clz %0 : (tensor<1x4x4x8xi32>) -> tensor<1x4x4x8xi32>
  %2 = tosa.reduce_max %1 {axis = 1 : i32} : (tensor<1x4x4x8xi32>) -> tensor<1x1x4x8xi32>
  // expected-error @+1 {{'tosa.rescale' op cannot be converted: it ends a chain with a reduction over axis 1, which is not the last one}}
  %3 = tosa.rescale %2, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x1x4x8xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x1x4x8xi8>
  return %3 : tensor<1x1x4x8xi8>
}

// -----

func.func @indices_computed(%x: tensor<1x5xi32>) -> tensor<1x5x8xi8> {
  %t = "tosa.const"() <{values = dense<3> : tensor<1x20x8xi8>}> : () -> tensor<1x20x8xi8>
  %0 = tosa.abs %x : (tensor<1x5xi32>) -> tensor<1x5xi32>
  // expected-error @+1 {{'tosa.gather' op cannot be converted: its indices are no input of the program}}
  %1 = tosa.gather %t, %0 : (tensor<1x20x8xi8>, tensor<1x5xi32>) -> tensor<1x5x8xi8>
  return %1 : tensor<1x5x8xi8>
}

// -----

// The convolution is fine; its rescale is at fault, and named alone.
func.func @scale32(%x: tensor<1x4x4x4xi8>) -> tensor<1x4x4x2xi8> {
  %w = "tosa.const"() <{values = dense<5> : tensor<2x1x1x4xi8>}> : () -> tensor<2x1x1x4xi8>
  %b = "tosa.const"() <{values = dense<7> : tensor<2xi32>}> : () -> tensor<2xi32>
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<1073741824> : tensor<1xi32>}> : () -> tensor<1xi32>
  %s = "tosa.const"() <{values = dense<40> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.conv2d %x, %w, %b, %z8, %z8 {acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x4xi8>, tensor<2x1x1x4xi8>, tensor<2xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x4x4x2xi32>
  // expected-error @+1 {{'tosa.rescale' op cannot be converted: it has 32-bit multipliers; emit it with scale32 = false}}
  %1 = tosa.rescale %0, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = true} : (tensor<1x4x4x2xi32>, tensor<1xi32>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x4x4x2xi8>
  return %1 : tensor<1x4x4x2xi8>
}

// -----

func.func @zero_point(%x: tensor<1x4x4x4xi8>) -> tensor<1x4x4x2xi8> {
  %w = "tosa.const"() <{values = dense<5> : tensor<2x1x1x4xi8>}> : () -> tensor<2x1x1x4xi8>
  %b = "tosa.const"() <{values = dense<7> : tensor<2xi32>}> : () -> tensor<2xi32>
  %zx = "tosa.const"() <{values = dense<3> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<16384> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<20> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.conv2d %x, %w, %b, %zx, %z8 {acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x4xi8>, tensor<2x1x1x4xi8>, tensor<2xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x4x4x2xi32>
  // expected-error @+1 {{'tosa.rescale' op cannot be converted: the convolution has a zero point; quantize symmetrically}}
  %1 = tosa.rescale %0, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<1x4x4x2xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x4x4x2xi8>
  return %1 : tensor<1x4x4x2xi8>
}

// -----

func.func @table_from_outside(%x: tensor<1x4x4x8xi8>, %t: tensor<256xi8>) -> tensor<1x4x4x8xi8> {
  // expected-error @+1 {{'tosa.table' op cannot be converted: its table is not constant}}
  %0 = tosa.table %x, %t : (tensor<1x4x4x8xi8>, tensor<256xi8>) -> tensor<1x4x4x8xi8>
  return %0 : tensor<1x4x4x8xi8>
}

// -----

func.func @gate_broadcasts_batch(%x: tensor<2x4x4x8xi8>, %y: tensor<1x1x1x8xi8>) -> tensor<2x4x4x8xi8> {
  %z8 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %m = "tosa.const"() <{values = dense<19661> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<20> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.mul %x, %y, %z8 : (tensor<2x4x4x8xi8>, tensor<1x1x1x8xi8>, tensor<1xi8>) -> tensor<2x4x4x8xi32>
  // expected-error @+1 {{'tosa.rescale' op cannot be converted: it broadcasts a batch}}
  %1 = tosa.rescale %0, %m, %s, %z32, %z8 {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false} : (tensor<2x4x4x8xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<2x4x4x8xi8>
  return %1 : tensor<2x4x4x8xi8>
}
