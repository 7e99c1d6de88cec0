// What a resident program cannot do is refused, not done through memory that the program does not have.
// RUN: adf-opt %s -split-input-file -verify-diagnostics -adf-tile

adf.graph @part(%x: tensor<1x4x4x16xi8>) -> tensor<1x2x4x16xi8>
    attributes {device = "ve2802", tiles = 2 : i64,
                resident = #adf.resident<sets = 1, cores = 1, hubs = 1, activations = 8192, weights = [640, 8], output = 1024>} {
  // expected-error @+1 {{reads or writes a part of a tensor, which a resident program cannot do: schedule the graph without 'resident'}}
  %0 = adf.slice %x offset [1, 0, 0] step [1, 1] : tensor<1x4x4x16xi8> to tensor<1x2x4x16xi8>
  %1 = adf.copy "c" %0 schedule <grid = [1, 1], tile = [2, 4, 16, 16], depth = [2, 1, 1], cycles = 9>
    : (tensor<1x2x4x16xi8>) -> tensor<1x2x4x16xi8>
  adf.output %1 : tensor<1x2x4x16xi8>
}

// -----

adf.graph @resized(%x: tensor<1x2x2x16xi8>) -> tensor<1x4x4x16xi8>
    attributes {device = "ve2802", tiles = 2 : i64,
                resident = #adf.resident<sets = 1, cores = 1, hubs = 1, activations = 8192, weights = [640, 8], output = 1024>} {
  // expected-error @+1 {{"r" resamples, which a resident program cannot do}}
  %0 = adf.resize "r" %x scale [4, 2, 4, 2] offset [-1, -1] rescale <16384, 14> clamp [-128, 127]
    schedule <grid = [1, 1], tile = [4, 4, 16, 16], depth = [2, 1, 1], cycles = 9>
    : (tensor<1x2x2x16xi8>) -> tensor<1x4x4x16xi8>
  adf.output %0 : tensor<1x4x4x16xi8>
}

// -----

adf.graph @pixel(%x: tensor<1x4x4x16xi8>) -> tensor<1x4x4x16xi8>
    attributes {device = "ve2802", tiles = 2 : i64,
                resident = #adf.resident<sets = 1, cores = 1, hubs = 1, activations = 8192, weights = [640, 8], output = 1024>} {
  %p = adf.constant dense<3> : tensor<1x1x1x16xi8>
  // expected-error @+1 {{"m" has weights that are computed, a constant activation}}
  %0 = adf.maximum "m" %x, %p clamp [-128, 127]
    schedule <grid = [1, 1], tile = [4, 4, 16, 16], depth = [2, 1, 1], cycles = 9>
    : (tensor<1x4x4x16xi8>, tensor<1x1x1x16xi8>) -> tensor<1x4x4x16xi8>
  adf.output %0 : tensor<1x4x4x16xi8>
}
