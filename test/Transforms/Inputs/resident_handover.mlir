// Two convolutions and a sum that is chained to the second, on one set of two cores. Each does half of the first one's output
// channels; of the second they share the input channels, in four chunks of four, for two tiles of four rows, of eight output
// channels at a time.
adf.graph @main(%x: tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
    attributes {device = "ve2802", tiles = 2 : i64,
                resident = #adf.resident<sets = 1, cores = 2, hubs = 1, activations = 1600, weights = [1280, 4], output = 512>} {
  %w0 = adf.constant dense<1> : tensor<16x3x3x16xi8>
  %w1 = adf.constant dense<2> : tensor<16x3x3x16xi8>
  %b = adf.constant dense<0> : tensor<16xi32>
  %0 = adf.conv2d "a" %x, %w0, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [1, 2], tile = [8, 8, 8, 16], depth = [2, 1, 1], cycles = 100>
    : (tensor<1x8x8x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x8x8x16xi8>
  %1 = adf.conv2d "b" %0, %w1, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [1, 1], tile = [4, 8, 8, 4], depth = [2, 1, 1], cycles = 200, handover = 40>
    : (tensor<1x8x8x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x8x8x16xi8>
  %2 = adf.add "s" %1, %0 lhs <1, 2> rhs <3, 4> out <5, 6> clamp [0, 127]
    schedule <grid = [1, 1], tile = [4, 8, 8, 16], depth = [2, 1, 1], cycles = 30, chained = true>
    : (tensor<1x8x8x16xi8>, tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
  adf.output %2 : tensor<1x8x8x16xi8>
}
