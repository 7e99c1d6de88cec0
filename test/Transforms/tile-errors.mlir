// A schedule that does not fit is refused with what is missing and by how much.
// RUN: adf-opt %s -adf-tile -split-input-file -verify-diagnostics

// expected-error @+1 {{has no 'device' and 'tiles': run adf-apply-schedule before}}
adf.graph @no_device(%x: tensor<1x4xi8>) -> tensor<1x4xi8> {
  adf.output %x : tensor<1x4xi8>
}

// -----

// expected-error @+1 {{is for the device "ve9999", which is unknown}}
adf.graph @unknown_device(%x: tensor<1x4xi8>) -> tensor<1x4xi8> attributes {device = "ve9999", tiles = 2 : i64} {
  adf.output %x : tensor<1x4xi8>
}

// -----

adf.graph @identity(%x: tensor<1x4xi8>) -> tensor<1x4xi8> attributes {device = "ve2802", tiles = 2 : i64} {
  // expected-error @+1 {{gives an input, or the same tensor twice, as output 0}}
  adf.output %x : tensor<1x4xi8>
}

// -----

adf.graph @no_schedule(%x: tensor<1x4x4x4xi8>) -> tensor<1x4x4x4xi8> attributes {device = "ve2802", tiles = 2 : i64} {
  // expected-error @+1 {{"p" has no schedule: run adf-apply-schedule before, or set 'schedule'}}
  %0 = adf.max_pool2d "p" %x kernel [1, 1] stride [1, 1] pad [0, 0, 0, 0] : (tensor<1x4x4x4xi8>) -> tensor<1x4x4x4xi8>
  adf.output %0 : tensor<1x4x4x4xi8>
}

// -----

adf.graph @grid(%x: tensor<1x4x4x4xi8>) -> tensor<1x4x4x4xi8> attributes {device = "ve2802", tiles = 2 : i64} {
  // expected-error @+1 {{"p" is scheduled on a grid of 3 x 1 cores, but there are 2}}
  %0 = adf.max_pool2d "p" %x kernel [1, 1] stride [1, 1] pad [0, 0, 0, 0]
    schedule <grid = [3, 1], tile = [1, 4, 4, 4], depth = [2, 2, 2], cycles = 9> : (tensor<1x4x4x4xi8>) -> tensor<1x4x4x4xi8>
  adf.output %0 : tensor<1x4x4x4xi8>
}

// -----

adf.graph @channels(%x: tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8> attributes {device = "ve2802", tiles = 2 : i64} {
  // expected-error @+1 {{"p" has tiles of 6 output channels, which must be a multiple of 4}}
  %0 = adf.max_pool2d "p" %x kernel [1, 1] stride [1, 1] pad [0, 0, 0, 0]
    schedule <grid = [1, 1], tile = [1, 4, 6, 6], depth = [2, 2, 2], cycles = 9> : (tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8>
  adf.output %0 : tensor<1x4x4x8xi8>
}

// -----

adf.graph @channels_divide(%x: tensor<1x4x4x12xi8>) -> tensor<1x4x4x12xi8> attributes {device = "ve2802", tiles = 2 : i64} {
  // expected-error @+1 {{"p" splits 12 channels into groups of 16, which must divide them}}
  %0 = adf.max_pool2d "p" %x kernel [1, 1] stride [1, 1] pad [0, 0, 0, 0]
    schedule <grid = [1, 1], tile = [1, 4, 8, 8], depth = [2, 2, 2], cycles = 9> : (tensor<1x4x4x12xi8>) -> tensor<1x4x4x12xi8>
  adf.output %0 : tensor<1x4x4x12xi8>
}

// -----

// 16 * 16 * 64 = 16384 bytes: three input and two output windows.
adf.graph @core_memory(%x: tensor<1x16x16x64xi8>) -> tensor<1x16x16x64xi8> attributes {device = "ve2802", tiles = 2 : i64} {
  // expected-error @+1 {{"p" needs 81920 bytes of a core tile's 65536, 16384 bytes over: make 'tile' or 'depth' smaller}}
  %0 = adf.max_pool2d "p" %x kernel [1, 1] stride [1, 1] pad [0, 0, 0, 0]
    schedule <grid = [1, 1], tile = [16, 16, 64, 64], depth = [3, 2, 2], cycles = 9> : (tensor<1x16x16x64xi8>) -> tensor<1x16x16x64xi8>
  adf.output %0 : tensor<1x16x16x64xi8>
}

// -----

// 112 * 112 * 64 bytes do not fit one memory tile.
adf.graph @slab(%x: tensor<1x112x112x64xi8>) -> tensor<1x112x112x64xi8> attributes {device = "ve2802", tiles = 4 : i64} {
  // expected-error @+1 {{"p" needs 802816 bytes of a memory tile's 524288 for input rows, 278528 bytes over: use more 'memtiles' or more 'rounds'}}
  %0 = adf.max_pool2d "p" %x kernel [1, 1] stride [1, 1] pad [0, 0, 0, 0]
    schedule <grid = [4, 1], tile = [1, 112, 64, 64], depth = [2, 2, 2], cycles = 9> : (tensor<1x112x112x64xi8>) -> tensor<1x112x112x64xi8>
  adf.output %0 : tensor<1x112x112x64xi8>
}

// -----

adf.graph @join(%x: tensor<1x112x112x64xi8>) -> tensor<1x112x112x64xi8> attributes {device = "ve2802", tiles = 4 : i64} {
  // expected-error @+1 {{"p" needs 802816 bytes of a memory tile's 524288 for the output of 4 cores, 278528 bytes over: use more 'memtiles' or more 'rounds'}}
  %0 = adf.max_pool2d "p" %x kernel [1, 1] stride [1, 1] pad [0, 0, 0, 0]
    schedule <grid = [4, 1], tile = [1, 112, 64, 64], depth = [2, 2, 2], memtiles = [2, 1], cycles = 9> : (tensor<1x112x112x64xi8>) -> tensor<1x112x112x64xi8>
  adf.output %0 : tensor<1x112x112x64xi8>
}

// -----

// A memory tile pads at most 15 rows (AM020: 4 bits).
adf.graph @padding(%x: tensor<1x4x4x4xi8>) -> tensor<1x20x4x4xi8> attributes {device = "ve2802", tiles = 4 : i64} {
  // expected-error @+1 {{needs a buffer descriptor that a mem tile cannot have, for stream act0: the padding is 16, but at most 15 in dimension 2}}
  %0 = adf.max_pool2d "p" %x kernel [17, 1] stride [1, 1] pad [16, 16, 0, 0]
    schedule <grid = [1, 1], tile = [1, 4, 4, 4], depth = [2, 2, 2], cycles = 9> : (tensor<1x4x4x4xi8>) -> tensor<1x20x4x4xi8>
  adf.output %0 : tensor<1x20x4x4xi8>
}

// -----

// Weights that come again for each of two spatial tiles, for five tiles of output channels: five tasks.
adf.graph @weight_tasks(%x: tensor<1x2x2x8xi8>) -> tensor<1x2x2x80xi8> attributes {device = "ve2802", tiles = 2 : i64} {
  %w = adf.constant dense<1> : tensor<80x1x1x8xi8>
  %b = adf.constant dense<0> : tensor<80xi32>
  // expected-error @+1 {{sends its weights again for each of 2 spatial tiles, for 5 tiles of output channels: at most 4 are possible}}
  %0 = adf.conv2d "c" %x, %w, %b stride [1, 1] pad [0, 0, 0, 0] dilation [1, 1] clamp [0, 127]
    multiplier dense<19661> : tensor<80xi16> shift dense<15> : tensor<80xi8>
    schedule <grid = [1, 1], tile = [1, 2, 16, 4], depth = [2, 2, 2], cycles = 9>
    : (tensor<1x2x2x8xi8>, tensor<80x1x1x8xi8>, tensor<80xi32>) -> tensor<1x2x2x80xi8>
  adf.output %0 : tensor<1x2x2x80xi8>
}
