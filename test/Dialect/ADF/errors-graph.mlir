// Verifiers of the graph level and of attributes.
// RUN: adf-opt %s -split-input-file -verify-diagnostics

adf.graph @output_type(%x: tensor<1x4xi8>) -> tensor<1x8xi8> {
  // expected-error @+1 {{gives 'tensor<1x4xi8>', but the graph's type promises 'tensor<1x8xi8>'}}
  adf.output %x : tensor<1x4xi8>
}

// -----

adf.graph @equal_names(%x: tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8> {
  %0 = adf.max_pool2d "pool" %x kernel [1, 1] stride [1, 1] pad [0, 0, 0, 0] : (tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8>
  // expected-error @+1 {{has the layer name "pool" of an earlier operation: layer names are unique in a graph}}
  %1 = adf.max_pool2d "pool" %0 kernel [1, 1] stride [1, 1] pad [0, 0, 0, 0] : (tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8>
  adf.output %1 : tensor<1x2x2x4xi8>
}

// -----

adf.graph @batch(%x: tensor<2x2x2x4xi8>) -> tensor<2x2x2x4xi8> {
  // expected-error @+1 {{activation 'tensor<2x2x2x4xi8>' must have a static shape with batch 1}}
  %0 = adf.max_pool2d "pool" %x kernel [1, 1] stride [1, 1] pad [0, 0, 0, 0] : (tensor<2x2x2x4xi8>) -> tensor<2x2x2x4xi8>
  adf.output %0 : tensor<2x2x2x4xi8>
}

// -----

adf.graph @stride(%x: tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8> {
  // expected-error @+1 {{'stride' has 0: the least is 1}}
  %0 = adf.max_pool2d "pool" %x kernel [1, 1] stride [0, 1] pad [0, 0, 0, 0] : (tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8>
  adf.output %0 : tensor<1x2x2x4xi8>
}

// -----

adf.graph @pad_numbers(%x: tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8> {
  // expected-error @+1 {{'pad' needs 4 numbers, not 2}}
  %0 = adf.max_pool2d "pool" %x kernel [1, 1] stride [1, 1] pad [0, 0] : (tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8>
  adf.output %0 : tensor<1x2x2x4xi8>
}

// -----

adf.graph @pool_pad(%x: tensor<1x2x2x4xi8>) -> tensor<1x3x2x4xi8> {
  // expected-error @+1 {{'pad' must be smaller than 'kernel', or an output would see only padding}}
  %0 = adf.max_pool2d "pool" %x kernel [1, 1] stride [1, 1] pad [1, 0, 0, 0] : (tensor<1x2x2x4xi8>) -> tensor<1x3x2x4xi8>
  adf.output %0 : tensor<1x3x2x4xi8>
}

// -----

adf.graph @pool_too_far(%x: tensor<1x4x4x4xi8>) -> tensor<1x3x2x4xi8> {
  // expected-error @+1 {{3 output rows read 6 input rows, but with padding there are 4}}
  %0 = adf.max_pool2d "pool" %x kernel [2, 2] stride [2, 2] pad [0, 0, 0, 0] : (tensor<1x4x4x4xi8>) -> tensor<1x3x2x4xi8>
  adf.output %0 : tensor<1x3x2x4xi8>
}

// -----

adf.graph @pool_channels(%x: tensor<1x4x4x4xi8>) -> tensor<1x2x2x8xi8> {
  // expected-error @+1 {{input and output must have the same number of channels}}
  %0 = adf.max_pool2d "pool" %x kernel [2, 2] stride [2, 2] pad [0, 0, 0, 0] : (tensor<1x4x4x4xi8>) -> tensor<1x2x2x8xi8>
  adf.output %0 : tensor<1x2x2x8xi8>
}

// -----

adf.graph @conv_weights(%x: tensor<1x4x4x4xi8>) -> tensor<1x4x4x8xi8> {
  %w = adf.constant dense<1> : tensor<8x1x1x3xi8>
  %b = adf.constant dense<1> : tensor<8xi32>
  // expected-error @+1 {{must be OHWI with O = 8 output channels and I = 4 input channels}}
  %0 = adf.conv2d "conv" %x, %w, %b stride [1, 1] pad [0, 0, 0, 0] dilation [1, 1] clamp [0, 127]
    multiplier dense<1> : tensor<8xi16> shift dense<2> : tensor<8xi8>
    : (tensor<1x4x4x4xi8>, tensor<8x1x1x3xi8>, tensor<8xi32>) -> tensor<1x4x4x8xi8>
  adf.output %0 : tensor<1x4x4x8xi8>
}

// -----

adf.graph @conv_multiplier(%x: tensor<1x4x4x4xi8>) -> tensor<1x4x4x8xi8> {
  %w = adf.constant dense<1> : tensor<8x1x1x4xi8>
  %b = adf.constant dense<1> : tensor<8xi32>
  // expected-error @+1 {{'multiplier' must be tensor<8xi16>: one for each output channel, not 'tensor<8xi32>'}}
  %0 = adf.conv2d "conv" %x, %w, %b stride [1, 1] pad [0, 0, 0, 0] dilation [1, 1] clamp [0, 127]
    multiplier dense<1> : tensor<8xi32> shift dense<2> : tensor<8xi8>
    : (tensor<1x4x4x4xi8>, tensor<8x1x1x4xi8>, tensor<8xi32>) -> tensor<1x4x4x8xi8>
  adf.output %0 : tensor<1x4x4x8xi8>
}

// -----

adf.graph @conv_clamp(%x: tensor<1x4x4x4xi8>) -> tensor<1x4x4x8xi8> {
  %w = adf.constant dense<1> : tensor<8x1x1x4xi8>
  %b = adf.constant dense<1> : tensor<8xi32>
  // expected-error @+1 {{'clamp' must be [low, high] with -128 <= low <= high <= 127}}
  %0 = adf.conv2d "conv" %x, %w, %b stride [1, 1] pad [0, 0, 0, 0] dilation [1, 1] clamp [0, 255]
    multiplier dense<1> : tensor<8xi16> shift dense<2> : tensor<8xi8>
    : (tensor<1x4x4x4xi8>, tensor<8x1x1x4xi8>, tensor<8xi32>) -> tensor<1x4x4x8xi8>
  adf.output %0 : tensor<1x4x4x8xi8>
}

// -----

adf.graph @conv_too_far(%x: tensor<1x4x4x4xi8>) -> tensor<1x4x4x8xi8> {
  %w = adf.constant dense<1> : tensor<8x3x3x4xi8>
  %b = adf.constant dense<1> : tensor<8xi32>
  // expected-error @+1 {{4 output columns read 6 input columns, but with padding there are 5}}
  %0 = adf.conv2d "conv" %x, %w, %b stride [1, 1] pad [1, 1, 1, 0] dilation [1, 1] clamp [0, 127]
    multiplier dense<1> : tensor<8xi16> shift dense<2> : tensor<8xi8>
    : (tensor<1x4x4x4xi8>, tensor<8x3x3x4xi8>, tensor<8xi32>) -> tensor<1x4x4x8xi8>
  adf.output %0 : tensor<1x4x4x8xi8>
}

// -----

adf.graph @add_shapes(%x: tensor<1x4x4x4xi8>, %y: tensor<1x1x2x4xi8>) -> tensor<1x4x4x4xi8> {
  // expected-error @+1 {{operands and result must have one shape, or the second operand be one pixel: broadcast before}}
  %0 = adf.add "add" %x, %y lhs <1, 2> rhs <1, 2> out <1, 2> clamp [0, 127]
    : (tensor<1x4x4x4xi8>, tensor<1x1x2x4xi8>) -> tensor<1x4x4x4xi8>
  adf.output %0 : tensor<1x4x4x4xi8>
}

// -----

adf.graph @mean_shape(%x: tensor<1x4x4x4xi8>) -> tensor<1x1x4x4xi8> {
  // expected-error @+1 {{result must be tensor<1x1x1x4xi8>}}
  %0 = adf.mean2d "mean" %x rescale <1, 2> clamp [0, 127] : (tensor<1x4x4x4xi8>) -> tensor<1x1x4x4xi8>
  adf.output %0 : tensor<1x1x4x4xi8>
}

// -----

adf.graph @reshape_padding(%x: tensor<1x4x4x3xi8>) -> tensor<1x48xi8> {
  // expected-error @+1 {{changes the last dimension: unless both are multiples of 4, the channels' padding differs}}
  %0 = adf.reshape %x : tensor<1x4x4x3xi8> to tensor<1x48xi8>
  adf.output %0 : tensor<1x48xi8>
}

// -----

adf.graph @reshape_elements(%x: tensor<1x4x4x4xi8>) -> tensor<1x48xi8> {
  // expected-error @+1 {{needs static shapes with equal numbers of elements}}
  %0 = adf.reshape %x : tensor<1x4x4x4xi8> to tensor<1x48xi8>
  adf.output %0 : tensor<1x48xi8>
}

// -----

// expected-error @+1 {{multiplier 40000 is not in 0..32767: rescale by 16-bit multipliers}}
module attributes {a = #adf.rescale<40000, 15>} {}

// -----

// expected-error @+1 {{shift 1 is not in 2..62}}
module attributes {a = #adf.rescale<4, 1>} {}

// -----

// expected-error @+1 {{'grid' needs 2 numbers, not 1}}
module attributes {a = #adf.schedule<grid = [4], tile = [1, 1, 16, 4], depth = [2, 2, 2], cycles = 1>} {}

// -----

// expected-error @+1 {{'tile' has 0: each number must be at least 1}}
module attributes {a = #adf.schedule<grid = [4, 1], tile = [1, 0, 16, 4], depth = [2, 2, 2], cycles = 1>} {}

// -----

// expected-error @+1 {{'rounds' and 'cycles' must be at least 1}}
module attributes {a = #adf.schedule<grid = [4, 1], tile = [1, 1, 16, 4], depth = [2, 2, 2], cycles = 0>} {}

// -----

// expected-error @+1 {{'members' is 6: a set has at most 5 cores}}
module attributes {a = #adf.schedule<grid = [4, 1], tile = [1, 1, 16, 4], depth = [2, 2, 2], cycles = 1, members = 6>} {}

// -----

// expected-error @+1 {{'later' is 9: such a call computes less, in at most 8 cycles}}
module attributes {a = #adf.schedule<grid = [4, 1], tile = [1, 1, 16, 4], depth = [2, 2, 2], cycles = 8, later = 9>} {}

// -----

// expected-error @+1 {{'handover' is -1: must be 0 to 4294967295}}
module attributes {a = #adf.schedule<grid = [4, 1], tile = [1, 1, 16, 4], depth = [2, 2, 2], cycles = 8, handover = -1>} {}

// -----

// expected-error @+1 {{value 0 is out of range: `>=` takes 1..63, `==` takes 0..63}}
module attributes {a = #adf.acquire<full >= 0>} {}

// -----

// expected-error @+1 {{value 64 is not in 1..63}}
module attributes {a = #adf.release<full + 64>} {}

// -----

// expected-error @+1 {{north port 9 does not exist on any tile}}
module attributes {a = #adf.port<north 9>} {}

// -----

adf.graph @depthwise_weights(%x: tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8> {
  %b = adf.constant dense<0> : tensor<4xi32>
  %w = adf.constant dense<1> : tensor<3x3x4x2xi8>
  // expected-error @+1 {{weights 'tensor<3x3x4x2xi8>' must be [kernel height, kernel width, 4, 1]}}
  %0 = adf.depthwise_conv2d "dw" %x, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [0, 127] multiplier dense<1> : tensor<4xi16> shift dense<15> : tensor<4xi8> : (tensor<1x2x2x4xi8>, tensor<3x3x4x2xi8>, tensor<4xi32>) -> tensor<1x2x2x4xi8>
  adf.output %0 : tensor<1x2x2x4xi8>
}

// -----

adf.graph @depthwise_channels(%x: tensor<1x2x2x4xi8>) -> tensor<1x2x2x8xi8> {
  %b = adf.constant dense<0> : tensor<4xi32>
  %w = adf.constant dense<1> : tensor<3x3x8x1xi8>
  // expected-error @+1 {{input and output must have the same number of channels}}
  %0 = adf.depthwise_conv2d "dw" %x, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [0, 127] multiplier dense<1> : tensor<4xi16> shift dense<15> : tensor<4xi8> : (tensor<1x2x2x4xi8>, tensor<3x3x8x1xi8>, tensor<4xi32>) -> tensor<1x2x2x8xi8>
  adf.output %0 : tensor<1x2x2x8xi8>
}

// -----

adf.graph @depthwise_parameters(%x: tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8> {
  %b = adf.constant dense<0> : tensor<4xi32>
  %w = adf.constant dense<1> : tensor<3x3x4x1xi8>
  // expected-error @+1 {{'multiplier' must be tensor<4xi16>: one for each output channel, not 'tensor<3xi16>'}}
  %0 = adf.depthwise_conv2d "dw" %x, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [0, 127] multiplier dense<1> : tensor<3xi16> shift dense<15> : tensor<4xi8> : (tensor<1x2x2x4xi8>, tensor<3x3x4x1xi8>, tensor<4xi32>) -> tensor<1x2x2x4xi8>
  adf.output %0 : tensor<1x2x2x4xi8>
}

// -----

adf.graph @depthwise_reach(%x: tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8> {
  %b = adf.constant dense<0> : tensor<4xi32>
  %w = adf.constant dense<1> : tensor<5x3x4x1xi8>
  // expected-error @+1 {{2 output rows read 6 input rows, but with padding there are 4}}
  %0 = adf.depthwise_conv2d "dw" %x, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [0, 127] multiplier dense<1> : tensor<4xi16> shift dense<15> : tensor<4xi8> : (tensor<1x2x2x4xi8>, tensor<5x3x4x1xi8>, tensor<4xi32>) -> tensor<1x2x2x4xi8>
  adf.output %0 : tensor<1x2x2x4xi8>
}

// -----

adf.graph @table_size(%x: tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8> {
  // expected-error @+1 {{'table' must be tensor<256xi8>: a value for each input, not 'tensor<16xi8>'}}
  %0 = adf.table "t" %x table dense<1> : tensor<16xi8> : (tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8>
  adf.output %0 : tensor<1x2x2x4xi8>
}

// -----

adf.graph @mul_shapes(%x: tensor<1x2x2x4xi8>, %s: tensor<1x1x2x4xi8>) -> tensor<1x2x2x4xi8> {
  // expected-error @+1 {{operands and result must have one shape, or the second operand be one pixel: broadcast before}}
  %0 = adf.mul "m" %x, %s rescale <1, 2> clamp [-128, 127] : (tensor<1x2x2x4xi8>, tensor<1x1x2x4xi8>) -> tensor<1x2x2x4xi8>
  adf.output %0 : tensor<1x2x2x4xi8>
}

// -----

adf.graph @slice_between_words(%x: tensor<1x4x4x8xi8>) -> tensor<1x4x4x4xi8> {
  // expected-error @+1 {{reads past the end of 'tensor<1x4x4x8xi8>', or from a channel that is no multiple of 4}}
  %0 = adf.slice %x offset [0, 0, 2] step [1, 1] : tensor<1x4x4x8xi8> to tensor<1x4x4x4xi8>
  adf.output %0 : tensor<1x4x4x4xi8>
}

// -----

adf.graph @slice_past_the_end(%x: tensor<1x4x4x8xi8>) -> tensor<1x2x4x8xi8> {
  // expected-error @+1 {{reads past the end of}}
  %0 = adf.slice %x offset [1, 0, 0] step [3, 1] : tensor<1x4x4x8xi8> to tensor<1x2x4x8xi8>
  adf.output %0 : tensor<1x2x4x8xi8>
}

// -----

adf.graph @part_past_the_end(%x: tensor<1x4x4x8xi8>) -> tensor<1x4x6x8xi8> {
  // expected-error @+1 {{writes part 1, 'tensor<1x4x4x8xi8>', past the end of the result}}
  %0 = adf.assemble "cat" %x, %x places [0, 0, 0, 1, 1, 0, 3, 0, 1, 1]
    : (tensor<1x4x4x8xi8>, tensor<1x4x4x8xi8>) -> tensor<1x4x6x8xi8>
  adf.output %0 : tensor<1x4x6x8xi8>
}

// -----

adf.graph @resize_scale(%x: tensor<1x4x4x8xi8>) -> tensor<1x8x8x8xi8> {
  // expected-error @+1 {{'scale' must be [n, d, n, d] with n above 0}}
  %0 = adf.resize "up" %x scale [0, 1, 2, 1] offset [0, 0] rescale <16384, 14> clamp [-128, 127]
    : (tensor<1x4x4x8xi8>) -> tensor<1x8x8x8xi8>
  adf.output %0 : tensor<1x8x8x8xi8>
}

// -----

adf.graph @half_elements(%x: tensor<1x2x2x6xi8>) -> tensor<1x2x2x3xi8> {
  // expected-error @+1 {{input and result must have as many elements along each axis}}
  %y = adf.rescale "r" %x by <16384, 14> clamp [-128, 127] : (tensor<1x2x2x6xi8>) -> tensor<1x2x2x3xi8>
  adf.output %y : tensor<1x2x2x3xi8>
}

// -----

adf.graph @odd_bytes(%x: tensor<1x2x2x3xi8>) -> tensor<1x2x2x3xi8> {
  // expected-error @+1 {{is wide: it must have two int8 channels for each int16 element}}
  %y = adf.rescale "r" %x by <16384, 14> clamp [-128, 127] {wide_input} : (tensor<1x2x2x3xi8>) -> tensor<1x2x2x3xi8>
  adf.output %y : tensor<1x2x2x3xi8>
}

// -----

adf.graph @narrow_clamp(%x: tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8> {
  // expected-error @+1 {{'clamp' must be [low, high] with -128 <= low <= high <= 127}}
  %y = adf.rescale "r" %x by <16384, 14> clamp [-129, 127] : (tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8>
  adf.output %y : tensor<1x2x2x4xi8>
}

// -----

adf.graph @no_number(%x: tensor<1x2x2x4xi8>) -> tensor<1x2x2x8xi8> {
  // expected-error @+1 {{result must be tensor<1x2x2x4xi8>}}
  %y = adf.argmax "a" %x : (tensor<1x2x2x4xi8>) -> tensor<1x2x2x8xi8>
  adf.output %y : tensor<1x2x2x8xi8>
}

// -----

adf.graph @wide_and_packed(%x: tensor<1x2x2x4xi8>) -> tensor<1x2x2x8xi8> {
  %w = adf.constant dense<1> : tensor<4x1x1x4xi8>
  %b = adf.constant dense<0> : tensor<4xi64>
  // expected-error @+1 {{has 'packed' weights, which only int8 activations may have}}
  %y = adf.conv2d "c" %x, %w, %b stride [1, 1] pad [0, 0, 0, 0] dilation [1, 1] clamp [0, 127] multiplier dense<9> : tensor<4xi16> shift dense<3> : tensor<4xi8> {packed, wide_output} : (tensor<1x2x2x4xi8>, tensor<4x1x1x4xi8>, tensor<4xi64>) -> tensor<1x2x2x8xi8>
  adf.output %y : tensor<1x2x2x8xi8>
}
