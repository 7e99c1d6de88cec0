// Cores from the lowest row up, four to a column, around avoided tiles; memory and shim tiles near those they serve.
// RUN: adf-opt %s -adf-place -split-input-file | FileCheck %s

// Five cores: four in the first column that has a shim with DDR next to it, the fifth beside it. The memory tile of
// four cores is in their column; each shim task gets a channel of its own.
// CHECK-LABEL: adf.program @columns
adf.program @columns device "ve2802" tiles 5 avoid [] {
  adf.ddr @y buffer(output) bytes(640) dims [1, 640] valid 640
  adf.kernel @k kind "add" config {}
  adf.phase @p layer "p" macs 0 {
    // CHECK: adf.tile core at(2, 3)
    // CHECK-NEXT: adf.tile core at(2, 4)
    // CHECK-NEXT: adf.tile core at(2, 5)
    // CHECK-NEXT: adf.tile core at(2, 6)
    // CHECK-NEXT: adf.tile core at(3, 3)
    %c0 = adf.tile core
    %c1 = adf.tile core
    %c2 = adf.tile core
    %c3 = adf.tile core
    %c4 = adf.tile core
    // CHECK-NEXT: adf.tile mem at(2, 1)
    %m = adf.tile mem
    // CHECK-NEXT: adf.tile shim at(2, 0)
    // CHECK-NEXT: adf.tile shim at(3, 0)
    %s0 = adf.tile shim
    %s1 = adf.tile shim
    %w0 = adf.window on %c0 depth 1 bytes 64
    %w1 = adf.window on %c1 depth 1 bytes 64
    %w2 = adf.window on %c2 depth 1 bytes 64
    %w3 = adf.window on %c3 depth 1 bytes 64
    %w4 = adf.window on %c4 depth 1 bytes 64
    %slab = adf.window on %m depth 4 bytes 64
    adf.stream @o0 from %c0 to %m
    adf.stream @o1 from %c1 to %m
    adf.stream @o2 from %c2 to %m
    adf.stream @o3 from %c3 to %m
    adf.stream @o4 from %c4 to %s1
    adf.stream @out from %m to %s0
    // CHECK: adf.dma on %{{.+}} mm2s channel 0 stream @o0
    adf.dma on %c0 mm2s stream @o0 { adf.bd %w0 offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1> }
    adf.dma on %c1 mm2s stream @o1 { adf.bd %w1 offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1> }
    adf.dma on %c2 mm2s stream @o2 { adf.bd %w2 offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1> }
    adf.dma on %c3 mm2s stream @o3 { adf.bd %w3 offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1> }
    adf.dma on %c4 mm2s stream @o4 { adf.bd %w4 offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1> }
    // Channels of one direction are all different; even and odd ones alternate, for they share descriptors by turns.
    // CHECK: s2mm channel 0 stream @o0
    // CHECK: s2mm channel 1 stream @o1
    // CHECK: s2mm channel 2 stream @o2
    // CHECK: s2mm channel 3 stream @o3
    adf.dma on %m s2mm stream @o0 { adf.bd %slab offset 0 dims [<16 x 1>] acquire <empty >= 1> release <full + 1> }
    adf.dma on %m s2mm stream @o1 { adf.bd %slab offset 0 dims [<16 x 1>] acquire <empty >= 1> release <full + 1> }
    adf.dma on %m s2mm stream @o2 { adf.bd %slab offset 0 dims [<16 x 1>] acquire <empty >= 1> release <full + 1> }
    adf.dma on %m s2mm stream @o3 { adf.bd %slab offset 0 dims [<16 x 1>] acquire <empty >= 1> release <full + 1> }
    adf.dma on %m mm2s stream @out repeat 4 { adf.bd %slab offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1> }
    adf.dma on %s0 s2mm stream @out token { adf.bd @y offset 0 dims [<64 x 1>] }
    adf.dma on %s1 s2mm stream @o4 token { adf.bd @y offset 64 dims [<16 x 1>] }
  }
}

// -----

// Nothing is placed on an avoided tile, nor above one. Columns 6 and 7 both have a shim with DDR; 3 has, but 4 has not.
// CHECK-LABEL: adf.program @around
adf.program @around device "ve2302" tiles 3 avoid [(2, 2), (1, 1)] {
  adf.ddr @x buffer(input) bytes(64) dims [1, 64] valid 64
  adf.phase @p layer "p" macs 0 {
    // CHECK: adf.tile core at(6, 2)
    // CHECK-NEXT: adf.tile core at(6, 3)
    // CHECK-NEXT: adf.tile core at(7, 2)
    %c0 = adf.tile core
    %c1 = adf.tile core
    %c2 = adf.tile core
    // A tile that has a place keeps it.
    // CHECK-NEXT: adf.tile mem at(7, 1)
    %m = adf.tile mem at(7, 1)
    // CHECK-NEXT: adf.tile shim at(7, 0)
    %s = adf.tile shim
    %slab = adf.window on %m depth 1 bytes 64
    adf.stream @in from %s to %m
    adf.dma on %s mm2s stream @in { adf.bd @x offset 0 dims [<16 x 1>] }
    // A task that has a channel keeps it.
    // CHECK: s2mm channel 5 stream @in
    adf.dma on %m s2mm channel 5 stream @in { adf.bd %slab offset 0 dims [<16 x 1>] }
  }
}
