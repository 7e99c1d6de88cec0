// Two convolutions of a 4x4 image of 16 channels, three images one behind the other. Each group of channels of the first
// is a lane of its own; two cores of the second have 8 of its input channels each, the northern one hands its sums on.
adf.graph @main(%x: tensor<1x4x4x16xi8>) -> tensor<1x4x4x16xi8>
    attributes {batch = 3 : i64, device = "ve2802", tiles = 4 : i64} {
  %w = adf.constant dense<1> : tensor<16x3x3x16xi8>
  %b = adf.constant dense<0> : tensor<16xi32>
  %0 = adf.conv2d "a" %x, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [1, 2], tile = [1, 4, 8, 16], depth = [2, 1, 2], cycles = 100>
    {adf.stage = #adf.stage<lanes = 2, depths = [2], cores = [0, 3, 0, 4], joins = [], slabs = [0, 2], weights = [0, 1, 0, 1]>}
    : (tensor<1x4x4x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x4x4x16xi8>
  %1 = adf.conv2d "c" %0, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<16xi16> shift dense<2> : tensor<16xi8>
    schedule <grid = [1, 1], tile = [1, 4, 16, 8], depth = [2, 1, 2], cycles = 200>
    {adf.stage = #adf.stage<lanes = 1, depths = [2], cores = [1, 4, 1, 3], joins = [], slabs = [1, 1, 1, 2], weights = [1, 2], cascade = 2>}
    : (tensor<1x4x4x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x4x4x16xi8>
  adf.output %1 : tensor<1x4x4x16xi8>
}
