// A convolution of images of 3 bytes a pixel, which lie without padding, on one core.
!x = tensor<1x8x8x3xi8>
!w = tensor<8x3x3x3xi8>
adf.graph @main(%x: !x) -> tensor<1x4x4x8xi8>
    attributes {device = "ve2802", tiles = 1 : i64,
                resident = #adf.resident<sets = 1, cores = 1, hubs = 1, activations = 256, weights = [704, 2], output = 128>} {
  %w = adf.constant dense<1> : !w
  %b = adf.constant dense<0> : tensor<8xi32>
  %0 = adf.conv2d "a" %x, %w, %b stride [2, 2] pad [1, 0, 1, 0] dilation [1, 1] clamp [-128, 127]
    multiplier dense<1> : tensor<8xi16> shift dense<2> : tensor<8xi8>
    schedule <grid = [1, 1], tile = [4, 4, 8, 4], depth = [2, 1, 1], cycles = 100, unpadded = true>
    : (!x, !w, tensor<8xi32>) -> tensor<1x4x4x8xi8>
  adf.output %0 : tensor<1x4x4x8xi8>
}
