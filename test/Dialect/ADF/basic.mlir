// Every operation of the dialect, printed and read again.
// RUN: adf-opt %s | adf-opt | FileCheck %s

// CHECK-LABEL: adf.graph @main(%arg0: tensor<1x8x8x16xi8>) -> tensor<1x10xi8> {
adf.graph @main(%x: tensor<1x8x8x16xi8>) -> tensor<1x10xi8> {
  // CHECK: %[[W:.+]] = adf.constant dense<1> : tensor<16x3x3x16xi8>
  %w = adf.constant dense<1> : tensor<16x3x3x16xi8>
  %b = adf.constant dense<0> : tensor<16xi32>
  %fw = adf.constant dense<1> : tensor<10x1x1x16xi8>
  %fb = adf.constant dense<0> : tensor<10xi32>
  // CHECK: adf.conv2d "conv1" %arg0, %[[W]], %{{.+}} stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [0, 127]
  // CHECK-SAME: multiplier dense<19661> : tensor<16xi16> shift dense<15> : tensor<16xi8>
  // CHECK-SAME: schedule <grid = [4, 1], tile = [2, 8, 16, 16], depth = [2, 1, 2], memtiles = [1, 1], cycles = 300>
  %1 = adf.conv2d "conv1" %x, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [0, 127]
    multiplier dense<19661> : tensor<16xi16> shift dense<15> : tensor<16xi8>
    schedule <grid = [4, 1], tile = [2, 8, 16, 16], depth = [2, 1, 2], memtiles = [1, 1], cycles = 300>
    : (tensor<1x8x8x16xi8>, tensor<16x3x3x16xi8>, tensor<16xi32>) -> tensor<1x8x8x16xi8>
  // CHECK: adf.add "add1" %{{.+}}, %arg0 lhs <1073, 11> rhs <2048, 11> out <16384, 26> clamp [0, 127]
  %2 = adf.add "add1" %1, %x lhs <1073, 11> rhs <2048, 11> out <16384, 26> clamp [0, 127]
    : (tensor<1x8x8x16xi8>, tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
  // CHECK: adf.max_pool2d "pool" %{{.+}} kernel [3, 3] stride [2, 2] pad [1, 0, 1, 0]
  %3 = adf.max_pool2d "pool" %2 kernel [3, 3] stride [2, 2] pad [1, 0, 1, 0]
    : (tensor<1x8x8x16xi8>) -> tensor<1x4x4x16xi8>
  // CHECK: adf.mean2d "mean" %{{.+}} rescale <16384, 18> clamp [-128, 127]
  %4 = adf.mean2d "mean" %3 rescale <16384, 18> clamp [-128, 127] : (tensor<1x4x4x16xi8>) -> tensor<1x1x1x16xi8>
  %5 = adf.conv2d "fc" %4, %fw, %fb stride [1, 1] pad [0, 0, 0, 0] dilation [1, 1] clamp [-128, 127]
    multiplier dense<19661> : tensor<10xi16> shift dense<15> : tensor<10xi8>
    : (tensor<1x1x1x16xi8>, tensor<10x1x1x16xi8>, tensor<10xi32>) -> tensor<1x1x1x10xi8>
  // CHECK: adf.reshape %{{.+}} : tensor<1x1x1x10xi8> to tensor<1x10xi8>
  %6 = adf.reshape %5 : tensor<1x1x1x10xi8> to tensor<1x10xi8>
  // CHECK: adf.output %{{.+}} : tensor<1x10xi8>
  adf.output %6 : tensor<1x10xi8>
}

// CHECK-LABEL: adf.graph @channelwise
adf.graph @channelwise(%x: tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8> {
  %w = adf.constant dense<1> : tensor<3x3x16x1xi8>
  %b = adf.constant dense<0> : tensor<16xi32>
  // CHECK: %[[D:.+]] = adf.depthwise_conv2d "dw" %arg0, %{{.+}}, %{{.+}} stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [0, 127]
  // CHECK-SAME: multiplier dense<19661> : tensor<16xi16> shift dense<15> : tensor<16xi8>
  // CHECK-SAME: (tensor<1x8x8x16xi8>, tensor<3x3x16x1xi8>, tensor<16xi32>) -> tensor<1x8x8x16xi8>
  %0 = adf.depthwise_conv2d "dw" %x, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [0, 127]
    multiplier dense<19661> : tensor<16xi16> shift dense<15> : tensor<16xi8>
    : (tensor<1x8x8x16xi8>, tensor<3x3x16x1xi8>, tensor<16xi32>) -> tensor<1x8x8x16xi8>
  // CHECK: %[[S:.+]] = adf.sub "sub1" %[[D]], %arg0 lhs <1073, 11> rhs <2048, 11> out <16384, 26> clamp [-128, 127]
  %s = adf.sub "sub1" %0, %x lhs <1073, 11> rhs <2048, 11> out <16384, 26> clamp [-128, 127]
    : (tensor<1x8x8x16xi8>, tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
  // CHECK: %[[M:.+]] = adf.mul "gate" %[[S]], %[[D]] rescale <16384, 22> clamp [-128, 127]
  %m = adf.mul "gate" %s, %0 rescale <16384, 22> clamp [-128, 127]
    : (tensor<1x8x8x16xi8>, tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
  // CHECK: adf.table "sigmoid" %[[M]] table dense<5> : tensor<256xi8> : (tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
  %1 = adf.table "sigmoid" %m table dense<5> : tensor<256xi8> : (tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
  adf.output %1 : tensor<1x8x8x16xi8>
}

// Tiled: nothing has a physical name.
// CHECK-LABEL: adf.program @tiled device "ve2802" tiles 28 avoid [(2, 3), (4, 5)] {
adf.program @tiled device "ve2802" tiles 28 avoid [(2, 3), (4, 5)] {
  // CHECK: adf.ddr @input0 buffer(input) bytes(1024) dims [1, 8, 8, 16] valid 15
  adf.ddr @input0 buffer(input) bytes(1024) dims [1, 8, 8, 16] valid 15
  // CHECK: adf.ddr @pool.out buffer(arena) bytes(256){{$}}
  adf.ddr @pool.out buffer(arena) bytes(256)
  // CHECK: adf.ddr @w buffer(weights) bytes(64) = dense<1> : tensor<64xi8>
  adf.ddr @w buffer(weights) bytes(64) = dense<1> : tensor<64xi8>
  // CHECK: adf.kernel @max_pool2d_0 kind "max_pool2d" config {kernel = array<i64: 2, 2>}
  adf.kernel @max_pool2d_0 kind "max_pool2d" config {kernel = array<i64: 2, 2>}
  // CHECK: adf.phase @pool layer "pool" macs 0 {
  adf.phase @pool layer "pool" macs 0 {
    // CHECK: %[[S:.+]] = adf.tile shim{{$}}
    %s = adf.tile shim
    %m = adf.tile mem
    %c = adf.tile core
    // CHECK: %[[SLAB:.+]] = adf.window on %{{.+}} depth 1 bytes 1024{{$}}
    %slab = adf.window on %m depth 1 bytes 1024
    %a = adf.window on %c depth 2 bytes 1024
    %o = adf.window on %c depth 2 bytes 256
    %join = adf.window on %m depth 1 bytes 256
    // CHECK: adf.buffer on %{{.+}} bytes 128
    %scratch = adf.buffer on %c bytes 128
    adf.stream @in from %s to %m
    // CHECK: adf.stream @act from %{{.+}} to %{{.+}}
    adf.stream @act from %m to %c
    adf.stream @core_out from %c to %m
    adf.stream @out from %m to %s
    // CHECK: adf.dma on %[[S]] mm2s stream @in {
    // CHECK-NEXT: adf.bd @input0 offset 0 dims [<256 x 1>]
    adf.dma on %s mm2s stream @in { adf.bd @input0 offset 0 dims [<256 x 1>] }
    adf.dma on %m s2mm stream @in { adf.bd %slab offset 0 dims [<256 x 1>] release <full + 1> }
    // CHECK: adf.dma on %{{.+}} mm2s stream @act repeat 2 {
    adf.dma on %m mm2s stream @act repeat 2 {
      // CHECK-NEXT: adf.bd %[[SLAB]] offset 0 dims [<2 x 1>, <7 x 4>, <7 x 32>] pad [<0, 0>, <1, 0>, <1, 0>] iteration <2 x 2> acquire <full == 1>
      adf.bd %slab offset 0 dims [<2 x 1>, <7 x 4>, <7 x 32>] pad [<0, 0>, <1, 0>, <1, 0>] iteration <2 x 2> acquire <full == 1>
    }
    adf.dma on %c s2mm channel 0 stream @act repeat 2 {
      // CHECK: adf.bd %{{.+}} offset 0 dims [<128 x 1>] acquire <empty >= 1> release <full + 1>
      adf.bd %a offset 0 dims [<128 x 1>] acquire <empty >= 1> release <full + 1>
    }
    adf.dma on %c mm2s channel 0 stream @core_out repeat 2 {
      adf.bd %o offset 0 dims [<32 x 1>] acquire <full >= 1> release <empty + 1>
    }
    adf.dma on %m s2mm stream @core_out repeat 2 {
      adf.bd %join offset 0 dims [<2 x 1>, <16 x 4>] iteration <2 x 2> release <full + 1>
    }
    adf.dma on %m mm2s stream @out { adf.bd %join offset 0 dims [<64 x 1>] acquire <full >= 2> }
    // CHECK: adf.dma on %[[S]] s2mm stream @out token {
    adf.dma on %s s2mm stream @out token { adf.bd @pool.out offset 0 dims [<64 x 1>] }
    // CHECK: adf.core on %{{.+}} {
    adf.core on %c {
      // CHECK-NEXT: adf.loop 2 {
      adf.loop 2 {
        // CHECK-NEXT: adf.acquire %{{.+}} <full >= 1>
        adf.acquire %a <full >= 1>
        adf.acquire %o <empty >= 1>
        // CHECK: adf.call @max_pool2d_0(%{{.+}}, %{{.+}}, %{{.+}} : !adf.window, !adf.window, !adf.buffer) immediates [1, 0, 1, 0] cycles 100
        adf.call @max_pool2d_0(%a, %o, %scratch : !adf.window, !adf.window, !adf.buffer) immediates [1, 0, 1, 0] cycles 100
        // CHECK-NEXT: adf.release %{{.+}} <empty + 1>
        adf.release %a <empty + 1>
        adf.release %o <full + 1>
        // CHECK: adf.advance
        adf.advance %a
        adf.advance %o
      }
    }
  }
}

// Placed: tiles, addresses, locks, channels, descriptors and switches have their names.
// CHECK-LABEL: adf.program @placed
adf.program @placed device "npu1" tiles 1 avoid [] {
  // CHECK: adf.ddr @x buffer(input) bytes(64) offset(128) dims [1, 64] valid 64
  adf.ddr @x buffer(input) bytes(64) offset(128) dims [1, 64] valid 64
  adf.phase @copy layer "copy" macs 0 {
    // CHECK: adf.tile shim at(0, 0)
    %s = adf.tile shim at(0, 0)
    // CHECK: adf.tile core at(0, 2)
    %c = adf.tile core at(0, 2)
    // CHECK: adf.window on %{{.+}} depth 2 bytes 64 address 1024 stride 8192 locks [0, 1]
    %a = adf.window on %c depth 2 bytes 64 address 1024 stride 8192 locks [0, 1]
    // CHECK: adf.buffer on %{{.+}} bytes 64 address 2048
    %b = adf.buffer on %c bytes 64 address 2048
    adf.stream @in from %s to %c
    adf.dma on %s mm2s channel 0 stream @in { adf.bd @x offset 0 dims [<16 x 1>] id 0 }
    // CHECK: adf.dma on %{{.+}} s2mm channel 1 stream @in {
    // CHECK-NEXT: id 3
    adf.dma on %c s2mm channel 1 stream @in { adf.bd %a offset 0 dims [<16 x 1>] release <full + 1> id 3 }
    // CHECK: adf.connect at(0, 0) from <south 3> to <north 0> stream @in
    adf.connect at(0, 0) from <south 3> to <north 0> stream @in
    adf.connect at(0, 1) from <south 0> to <north 0> stream @in
    adf.connect at(0, 2) from <south 0> to <dma 1> stream @in
  }
}

// int16 activations as bytes, weights of four bits, and numbers of channels.
// CHECK-LABEL: adf.graph @wide
adf.graph @wide(%x: tensor<1x4x4x8xi8>) -> (tensor<1x4x4x4xi8>, tensor<1x4x4x8xi8>) {
  %w = adf.constant dense<1> : tensor<8x1x1x8xi8>
  %b = adf.constant dense<0> : tensor<8xi64>
  %b32 = adf.constant dense<0> : tensor<8xi32>
  %d = adf.constant dense<1> : tensor<3x3x8x1xi8>
  // CHECK: adf.conv2d "c" {{.*}} {wide_output}
  %0 = adf.conv2d "c" %x, %w, %b stride [1, 1] pad [0, 0, 0, 0] dilation [1, 1] clamp [-32768, 32767]
    multiplier dense<9> : tensor<8xi16> shift dense<3> : tensor<8xi8> {wide_output}
    : (tensor<1x4x4x8xi8>, tensor<8x1x1x8xi8>, tensor<8xi64>) -> tensor<1x4x4x16xi8>
  // CHECK: adf.depthwise_conv2d "d" {{.*}} {wide}
  %1 = adf.depthwise_conv2d "d" %0, %d, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [0, 32767]
    multiplier dense<9> : tensor<8xi16> shift dense<3> : tensor<8xi8> {wide}
    : (tensor<1x4x4x16xi8>, tensor<3x3x8x1xi8>, tensor<8xi64>) -> tensor<1x4x4x16xi8>
  // CHECK: adf.add "a" {{.*}} {wide}
  %2 = adf.add "a" %0, %1 lhs <16384, 3> rhs <16384, 3> out <16384, 26> clamp [-32768, 32767] {wide}
    : (tensor<1x4x4x16xi8>, tensor<1x4x4x16xi8>) -> tensor<1x4x4x16xi8>
  // CHECK: adf.rescale "r" %{{.+}} by <16384, 22> clamp [-128, 127] {wide_input} : (tensor<1x4x4x16xi8>) -> tensor<1x4x4x8xi8>
  %3 = adf.rescale "r" %2 by <16384, 22> clamp [-128, 127] {wide_input} : (tensor<1x4x4x16xi8>) -> tensor<1x4x4x8xi8>
  // CHECK: adf.conv2d "p" {{.*}} {packed}
  %4 = adf.conv2d "p" %3, %w, %b32 stride [1, 1] pad [0, 0, 0, 0] dilation [1, 1] clamp [-128, 127]
    multiplier dense<9> : tensor<8xi16> shift dense<3> : tensor<8xi8> {packed}
    : (tensor<1x4x4x8xi8>, tensor<8x1x1x8xi8>, tensor<8xi32>) -> tensor<1x4x4x8xi8>
  // CHECK: adf.argmax "n" %{{.+}} : (tensor<1x4x4x8xi8>) -> tensor<1x4x4x4xi8>
  %5 = adf.argmax "n" %4 : (tensor<1x4x4x8xi8>) -> tensor<1x4x4x4xi8>
  adf.output %5, %4 : tensor<1x4x4x4xi8>, tensor<1x4x4x8xi8>
}
