// What cannot be routed, and where.
// RUN: adf-opt %s -adf-route -split-input-file -verify-diagnostics

adf.program @unplaced device "npu1" tiles 1 avoid [] {
  adf.ddr @x buffer(input) bytes(64) dims [1, 64] valid 64
  adf.phase @p layer "p" macs 0 {
    %s = adf.tile shim
    %m = adf.tile mem
    // expected-error @+1 {{has an end on a tile without coordinates: run adf-place first}}
    adf.stream @in from %s to %m
  }
}

// -----

adf.program @no_task device "npu1" tiles 1 avoid [] {
  adf.ddr @x buffer(input) bytes(64) dims [1, 64] valid 64
  adf.phase @p layer "p" macs 0 {
    %s = adf.tile shim at(0, 0)
    %m = adf.tile mem at(0, 1)
    // expected-error @+1 {{has no adf.dma s2mm on tile (0, 1): each end of a stream needs one}}
    adf.stream @in from %s to %m
    adf.dma on %s mm2s channel 0 stream @in { adf.bd @x offset 0 dims [<16 x 1>] }
  }
}

// -----

adf.program @no_channel device "npu1" tiles 1 avoid [] {
  adf.ddr @x buffer(input) bytes(64) dims [1, 64] valid 64
  adf.phase @p layer "p" macs 0 {
    %s = adf.tile shim at(0, 0)
    %m = adf.tile mem at(0, 1)
    %w = adf.window on %m depth 1 bytes 64
    adf.stream @in from %s to %m
    adf.dma on %s mm2s channel 0 stream @in { adf.bd @x offset 0 dims [<16 x 1>] }
    // expected-error @+1 {{has no channel: run adf-place first}}
    adf.dma on %m s2mm stream @in { adf.bd %w offset 0 dims [<16 x 1>] }
  }
}

// -----

// The column's only way up is closed, and so are its neighbours in the shim row.
adf.program @closed device "npu1" tiles 1 avoid [(0, 1), (1, 0)] {
  adf.ddr @x buffer(input) bytes(64) dims [1, 64] valid 64
  adf.phase @p layer "p" macs 0 {
    %s = adf.tile shim at(0, 0)
    %c = adf.tile core at(0, 2)
    %w = adf.window on %c depth 1 bytes 64
    // expected-error @+1 {{phase "p" cannot be routed: no free path leads from the switch port (0, 0) south 3 to (0, 2) dma 0}}
    adf.stream @in from %s to %c
    adf.dma on %s mm2s channel 0 stream @in { adf.bd @x offset 0 dims [<16 x 1>] }
    adf.dma on %c s2mm channel 0 stream @in { adf.bd %w offset 0 dims [<16 x 1>] }
  }
}

// -----

// Five outputs from one column of the only two that are open: a memory tile has four ports to the south (AM020), and
// nothing can leave the memory row sideways, so that five cores of one column cannot all reach it.
adf.program @congested device "npu1" tiles 4 avoid [(1, 2), (1, 3), (1, 4), (1, 5)] {
  // expected-error @+1 {{phase "p" cannot be routed: the stream switch at (0, 2) is congested: 5 streams want to leave it through its south ports}}
  adf.phase @p layer "p" macs 0 {
    %c0 = adf.tile core at(0, 2)
    %c1 = adf.tile core at(0, 3)
    %c2 = adf.tile core at(0, 4)
    %m = adf.tile mem at(0, 1)
    %w0 = adf.window on %c0 depth 1 bytes 64
    %w1 = adf.window on %c1 depth 1 bytes 64
    %w2 = adf.window on %c2 depth 1 bytes 64
    %slab = adf.window on %m depth 5 bytes 64
    adf.stream @a from %c0 to %m
    adf.stream @b from %c0 to %m
    adf.stream @c from %c1 to %m
    adf.stream @d from %c1 to %m
    adf.stream @e from %c2 to %m
    adf.dma on %c0 mm2s channel 0 stream @a { adf.bd %w0 offset 0 dims [<16 x 1>] }
    adf.dma on %c0 mm2s channel 1 stream @b { adf.bd %w0 offset 0 dims [<16 x 1>] }
    adf.dma on %c1 mm2s channel 0 stream @c { adf.bd %w1 offset 0 dims [<16 x 1>] }
    adf.dma on %c1 mm2s channel 1 stream @d { adf.bd %w1 offset 0 dims [<16 x 1>] }
    adf.dma on %c2 mm2s channel 0 stream @e { adf.bd %w2 offset 0 dims [<16 x 1>] }
    adf.dma on %m s2mm channel 0 stream @a { adf.bd %slab offset 0 dims [<16 x 1>] }
    adf.dma on %m s2mm channel 1 stream @b { adf.bd %slab offset 0 dims [<16 x 1>] }
    adf.dma on %m s2mm channel 2 stream @c { adf.bd %slab offset 0 dims [<16 x 1>] }
    adf.dma on %m s2mm channel 3 stream @d { adf.bd %slab offset 0 dims [<16 x 1>] }
    adf.dma on %m s2mm channel 4 stream @e { adf.bd %slab offset 0 dims [<16 x 1>] }
  }
}

// -----

adf.program @twice device "npu1" tiles 1 avoid [] {
  // expected-error @+1 {{has adf.connect operations already: remove them to route it anew}}
  adf.phase @p layer "p" macs 0 {
    adf.connect at(0, 1) from <south 0> to <north 0> stream @in
  }
}
