// A convolution of a 5x6 image of 16 channels and a pooling that is chained to it, three images one behind the other: one
// stage. For a row of the pooling, 3 pixels, the convolution makes 3 rows of 6, and reads 5 of 8.
adf.graph @main(%x: tensor<1x5x6x16xi8>) -> tensor<1x3x3x16xi8>
    attributes {batch = 3 : i64, device = "ve2802", tiles = 1 : i64} {
  %w = adf.constant dense<1> : tensor<16x3x3x16xi8>
  %b = adf.constant dense<0> : tensor<16xi32>
  %0 = adf.conv2d "a" %x, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [1, 1], tile = [3, 6, 16, 16], depth = [2, 1, 2], cycles = 100>
    {adf.stage = #adf.stage<lanes = 1, depths = [2], cores = [0, 3], joins = [], slabs = [0, 2], weights = [0, 1]>}
    : (tensor<1x5x6x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x5x6x16xi8>
  %1 = adf.max_pool2d "p" %0 kernel [3, 3] stride [2, 2] pad [1, 1, 1, 0]
    schedule <grid = [1, 1], tile = [1, 3, 16, 16], depth = [2, 1, 2], cycles = 20, chained = true>
    : (tensor<1x5x6x16xi8>) -> tensor<1x3x3x16xi8>
  adf.output %1 : tensor<1x3x3x16xi8>
}
