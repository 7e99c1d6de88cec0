// What does not fit, where, and by how much.
// RUN: adf-opt %s -adf-allocate -split-input-file -verify-diagnostics

adf.program @unplaced device "ve2802" tiles 1 avoid [] {
  adf.phase @p layer "p" macs 0 {
    // expected-error @+1 {{has no coordinates: run adf-place first}}
    %c = adf.tile core
  }
}

// -----

// 2 * 30016 + 8000 = 68032 bytes, each rounded up to 64; a core tile has 65536.
adf.program @memory device "ve2802" tiles 1 avoid [] {
  adf.phase @conv layer "conv" macs 0 {
    // expected-error @+1 {{phase "conv": the windows and buffers on core tile (2, 3) take 68032 bytes, 2496 bytes over the 65536 bytes of its memory: use smaller tiles or fewer buffers}}
    %c = adf.tile core at(2, 3)
    %w = adf.window on %c depth 2 bytes 30000
    %b = adf.buffer on %c bytes 8000
  }
}

// -----

// 16 locks are eight windows (AM020).
adf.program @locks device "ve2802" tiles 1 avoid [] {
  adf.phase @p layer "p" macs 0 {
    %c = adf.tile core at(2, 3)
    %0 = adf.window on %c depth 1 bytes 64
    %1 = adf.window on %c depth 1 bytes 64
    %2 = adf.window on %c depth 1 bytes 64
    %3 = adf.window on %c depth 1 bytes 64
    %4 = adf.window on %c depth 1 bytes 64
    %5 = adf.window on %c depth 1 bytes 64
    %6 = adf.window on %c depth 1 bytes 64
    %7 = adf.window on %c depth 1 bytes 64
    // expected-error @+1 {{phase "p": core tile (2, 3) has 16 locks, which is too few for this window: use fewer windows}}
    %8 = adf.window on %c depth 1 bytes 64
  }
}

// -----

adf.program @bds device "ve2802" tiles 1 avoid [] {
  adf.ddr @x buffer(input) bytes(68) dims [1, 68] valid 68
  adf.phase @p layer "p" macs 0 {
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    %w = adf.window on %m depth 1 bytes 64
    adf.stream @in from %s to %m
    adf.dma on %s mm2s channel 0 stream @in {
      adf.bd @x offset 0 dims [<1 x 1>]
      adf.bd @x offset 1 dims [<1 x 1>]
      adf.bd @x offset 2 dims [<1 x 1>]
      adf.bd @x offset 3 dims [<1 x 1>]
      adf.bd @x offset 4 dims [<1 x 1>]
      adf.bd @x offset 5 dims [<1 x 1>]
      adf.bd @x offset 6 dims [<1 x 1>]
      adf.bd @x offset 7 dims [<1 x 1>]
      adf.bd @x offset 8 dims [<1 x 1>]
      adf.bd @x offset 9 dims [<1 x 1>]
      adf.bd @x offset 10 dims [<1 x 1>]
      adf.bd @x offset 11 dims [<1 x 1>]
      adf.bd @x offset 12 dims [<1 x 1>]
      adf.bd @x offset 13 dims [<1 x 1>]
      adf.bd @x offset 14 dims [<1 x 1>]
      adf.bd @x offset 15 dims [<1 x 1>]
      // expected-error @+1 {{phase "p": shim tile (2, 0) has 16 buffer descriptors for this channel, which are all taken: use fewer tiles along the image}}
      adf.bd @x offset 16 dims [<1 x 1>]
    }
    adf.dma on %m s2mm channel 0 stream @in { adf.bd %w offset 0 dims [<1 x 1>] }
  }
}
