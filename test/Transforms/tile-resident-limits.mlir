// What does not fit on the array, and by how much.
// RUN: adf-opt %s -adf-tile -split-input-file -verify-diagnostics

// The hub is a memory tile of 512 KB: 300 * 300 * 8 bytes are 195712 too many.
// expected-error @+1 {{cannot stay on the array: the hub's tensors take 720000 bytes, 195712 bytes over its 524288}}
adf.graph @main(%x: tensor<1x300x300x8xi8>) -> tensor<1x300x300x16xi8>
    attributes {device = "ve2802", tiles = 1 : i64,
                resident = #adf.resident<sets = 1, cores = 1, hubs = 1, activations = 4096, weights = [320, 2], output = 4800>} {
  %w = adf.constant dense<1> : tensor<16x1x1x8xi8>
  %b = adf.constant dense<0> : tensor<16xi32>
  %0 = adf.conv2d "a" %x, %w, %b stride [1, 1] pad [0, 0, 0, 0] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [1, 1], tile = [1, 300, 16, 8], depth = [2, 1, 1], cycles = 100>
    : (tensor<1x300x300x8xi8>, tensor<16x1x1x8xi8>, tensor<16xi32>) -> tensor<1x300x300x16xi8>
  adf.output %0 : tensor<1x300x300x16xi8>
}

// -----

// 32 blocks of 16 * 9 * 512 + 16 * 12 = 73920 bytes, each in two buffers of 36992; a core's memory tiles hold 2 * 508 KB.
// expected-error @+1 {{cannot stay on the array: the weights of one core take 2367488 bytes, 1327104 bytes over what its memory tiles hold}}
adf.graph @main(%x: tensor<1x4x4x512xi8>) -> tensor<1x4x4x512xi8>
    attributes {device = "ve2802", tiles = 1 : i64,
                resident = #adf.resident<sets = 1, cores = 1, hubs = 1, activations = 18432, weights = [36992, 2], output = 8192>} {
  %w = adf.constant dense<1> : tensor<512x3x3x512xi8>
  %b = adf.constant dense<0> : tensor<512xi32>
  %0 = adf.conv2d "a" %x, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<512xi16> shift dense<2> : tensor<512xi8>
    schedule <grid = [1, 1], tile = [4, 4, 16, 512], depth = [2, 1, 1], cycles = 100>
    : (tensor<1x4x4x512xi8>, tensor<512x3x3x512xi8>, tensor<512xi32>) -> tensor<1x4x4x512xi8>
  adf.output %0 : tensor<1x4x4x512xi8>
}
