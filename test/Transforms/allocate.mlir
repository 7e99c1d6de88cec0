// Addresses, locks, descriptors and DDR offsets.
// RUN: adf-opt %s -adf-allocate | FileCheck %s

// CHECK-LABEL: adf.program @main
adf.program @main device "ve2802" tiles 1 avoid [] {
  // Inputs follow each other at multiples of 64 bytes.
  // CHECK: adf.ddr @x0 buffer(input) bytes(100) offset(0)
  // CHECK: adf.ddr @x1 buffer(input) bytes(64) offset(128)
  adf.ddr @x0 buffer(input) bytes(100) dims [1, 100] valid 100
  adf.ddr @x1 buffer(input) bytes(64) dims [1, 64] valid 64
  // @a lives in phases 0 and 1, @b in 1 and 2, @c in 2: @c takes the bytes of @a.
  // CHECK: adf.ddr @a buffer(arena) bytes(256) offset(0)
  // CHECK: adf.ddr @b buffer(arena) bytes(128) offset(256)
  // CHECK: adf.ddr @c buffer(arena) bytes(64) offset(0)
  adf.ddr @a buffer(arena) bytes(256)
  adf.ddr @b buffer(arena) bytes(128)
  adf.ddr @c buffer(arena) bytes(64)
  // CHECK: adf.phase @first
  adf.phase @first layer "first" macs 0 {
    %s = adf.tile shim at(2, 0)
    %c = adf.tile core at(2, 3)
    // The two regions of a ring are in different 8 KB banks; others fill the gaps. Lock numbers count up.
    // CHECK: adf.window on %[[C:.+]] depth 2 bytes 4096 address 0 stride 8192 locks [0, 1]
    // CHECK-NEXT: adf.window on %[[C]] depth 1 bytes 3000 address 4096 stride 3008 locks [2, 3]
    // CHECK-NEXT: adf.buffer on %[[C]] bytes 1000 address 7104
    %w = adf.window on %c depth 2 bytes 4096
    %v = adf.window on %c depth 1 bytes 3000
    %t = adf.buffer on %c bytes 1000
    adf.stream @in from %s to %c
    // CHECK: adf.bd @x0 {{.*}} id 0
    // CHECK-NEXT: adf.bd @a {{.*}} id 1
    adf.dma on %s mm2s channel 0 stream @in {
      adf.bd @x0 offset 0 dims [<16 x 1>]
      adf.bd @a offset 0 dims [<16 x 1>]
    }
    adf.dma on %c s2mm channel 0 stream @in { adf.bd %w offset 0 dims [<16 x 1>] }
  }
  // CHECK: adf.phase @second
  adf.phase @second layer "second" macs 0 {
    %s = adf.tile shim at(2, 0)
    // Two virtual tiles on one memory tile share its memory, locks and descriptors.
    %m0 = adf.tile mem at(2, 1)
    %m1 = adf.tile mem at(2, 1)
    // CHECK: adf.window on %[[M0:.+]] depth 2 bytes 64 address 0 stride 64 locks [0, 1]
    // CHECK-NEXT: adf.window on %[[M1:.+]] depth 1 bytes 64 address 128 stride 64 locks [2, 3]
    %w0 = adf.window on %m0 depth 2 bytes 64
    %w1 = adf.window on %m1 depth 1 bytes 64
    adf.stream @in from %s to %m0
    adf.stream @out from %m1 to %s
    adf.dma on %s mm2s channel 0 stream @in { adf.bd @a offset 0 dims [<16 x 1>] }
    // Odd channels of a memory tile have descriptors 24 to 47, even ones 0 to 23 (AM020).
    // CHECK: s2mm channel 1 stream @in
    // CHECK-NEXT: adf.bd %{{.+}} id 24
    // CHECK-NEXT: adf.bd %{{.+}} id 25
    adf.dma on %m0 s2mm channel 1 stream @in {
      adf.bd %w0 offset 0 dims [<8 x 1>]
      adf.bd %w0 offset 8 dims [<8 x 1>]
    }
    // CHECK: mm2s channel 2 stream @out
    // CHECK-NEXT: adf.bd %{{.+}} id 0
    adf.dma on %m1 mm2s channel 2 stream @out { adf.bd %w1 offset 0 dims [<16 x 1>] }
    adf.dma on %s s2mm channel 0 stream @out { adf.bd @b offset 0 dims [<16 x 1>] }
  }
  adf.phase @third layer "third" macs 0 {
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    %w = adf.window on %m depth 1 bytes 64
    adf.stream @in from %s to %m
    adf.stream @out from %m to %s
    adf.dma on %s mm2s channel 0 stream @in { adf.bd @b offset 0 dims [<16 x 1>] }
    adf.dma on %m s2mm channel 0 stream @in { adf.bd %w offset 0 dims [<16 x 1>] }
    adf.dma on %m mm2s channel 0 stream @out { adf.bd %w offset 0 dims [<16 x 1>] }
    adf.dma on %s s2mm channel 0 stream @out { adf.bd @c offset 0 dims [<16 x 1>] }
  }
}
