// Two convolutions and a sum that is chained to the second, on two sets of one core: each does half of the rows.
// The sum's other operand is the second convolution's input.
adf.graph @main(%x: tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
    attributes {device = "ve2802", tiles = 2 : i64,
                resident = #adf.resident<sets = 2, cores = 1, hubs = 1, activations = 1024, weights = [2496, 2], output = 512>} {
  %w0 = adf.constant dense<1> : tensor<16x3x3x16xi8>
  %w1 = adf.constant dense<2> : tensor<16x3x3x16xi8>
  %b = adf.constant dense<0> : tensor<16xi32>
  %0 = adf.conv2d "a" %x, %w0, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [2, 1], tile = [4, 8, 16, 16], depth = [2, 1, 1], cycles = 100>
    : (tensor<1x8x8x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x8x8x16xi8>
  %1 = adf.conv2d "b" %0, %w1, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [2, 1], tile = [2, 8, 16, 16], depth = [2, 1, 1], cycles = 200>
    : (tensor<1x8x8x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x8x8x16xi8>
  %2 = adf.add "s" %1, %0 lhs <1, 2> rhs <3, 4> out <5, 6> clamp [0, 127]
    schedule <grid = [2, 1], tile = [2, 8, 16, 16], depth = [2, 1, 1], cycles = 30, chained = true>
    : (tensor<1x8x8x16xi8>, tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
  adf.output %2 : tensor<1x8x8x16xi8>
}
