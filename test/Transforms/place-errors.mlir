// What cannot be placed, and what is missing.
// RUN: adf-opt %s -adf-place -split-input-file -verify-diagnostics

// expected-error @+1 {{names the unknown device "vc1902": known are ve2802, ve2302, npu1}}
adf.program @device device "vc1902" tiles 1 avoid [] {
}

// -----

// 17 columns with two core rows (mlir-aie, VE2302).
// expected-error @+1 {{asks for 35 core tiles, but ve2302 has 34: ask for fewer}}
adf.program @tiles device "ve2302" tiles 35 avoid [] {
}

// -----

// expected-error @+1 {{asks for 34 core tiles, but ve2302 has 33 besides those to avoid: ask for fewer}}
adf.program @tiles_avoided device "ve2302" tiles 34 avoid [(3, 3)] {
}

// -----

// expected-error @+1 {{avoids tile (17, 0), which ve2302 does not have: it has 17 columns and 4 rows}}
adf.program @avoid device "ve2302" tiles 1 avoid [(17, 0)] {
}

// -----

adf.program @wish device "ve2302" tiles 1 avoid [] {
  adf.phase @p layer "p" macs 0 {
    // expected-error @+1 {{is placed at (2, 1), where ve2302 has no core tile}}
    %c = adf.tile core at(2, 1)
  }
}

// -----

adf.program @cores device "ve2802" tiles 1 avoid [] {
  adf.phase @p layer "p" macs 0 {
    %c0 = adf.tile core
    // expected-error @+1 {{phase "p": this core tile cannot be placed on ve2802: the program may use 1 core tiles, which are all taken}}
    %c1 = adf.tile core
  }
}

// -----

// A memory tile has 512 KB.
adf.program @bytes device "npu1" tiles 1 avoid [] {
  adf.phase @p layer "p" macs 0 {
    // expected-error @+1 {{phase "p": this mem tile cannot be placed on npu1: no mem tile has room for it; the nearest one, (0, 1), is 4 bytes over its 524288 bytes of memory}}
    %m = adf.tile mem
    %slab = adf.window on %m depth 1 bytes 524292
  }
}

// -----

adf.program @core_bytes device "npu1" tiles 1 avoid [] {
  adf.phase @p layer "p" macs 0 {
    // expected-error @+1 {{this core tile cannot be placed on npu1: tile (0, 2) is 4464 bytes over its 65536 bytes of memory}}
    %c = adf.tile core
    %w = adf.window on %c depth 2 bytes 35000
  }
}

// -----

// A core tile has two channels of each direction.
adf.program @channels device "npu1" tiles 1 avoid [] {
  adf.ddr @x buffer(input) bytes(64) dims [1, 64] valid 64
  adf.phase @p layer "p" macs 0 {
    // expected-error @+1 {{this core tile cannot be placed on npu1: tile (0, 2) lacks s2mm channels}}
    %c = adf.tile core
    %s = adf.tile shim
    %w = adf.window on %c depth 1 bytes 64
    adf.stream @a from %s to %c
    adf.stream @b from %s to %c
    adf.stream @d from %s to %c
    adf.dma on %c s2mm stream @a { adf.bd %w offset 0 dims [<16 x 1>] }
    adf.dma on %c s2mm stream @b { adf.bd %w offset 0 dims [<16 x 1>] }
    adf.dma on %c s2mm stream @d { adf.bd %w offset 0 dims [<16 x 1>] }
  }
}

// -----

// Four shims with two channels of each direction.
adf.program @shims device "npu1" tiles 1 avoid [(0, 0), (1, 0), (2, 0)] {
  adf.ddr @x buffer(input) bytes(64) dims [1, 64] valid 64
  adf.phase @p layer "p" macs 0 {
    %m = adf.tile mem
    %s0 = adf.tile shim
    // expected-error @+1 {{this shim tile cannot be placed on npu1: no shim tile has room for it; the nearest one, (3, 0), lacks mm2s channels}}
    %s1 = adf.tile shim
    adf.stream @a from %s0 to %m
    adf.stream @b from %s0 to %m
    adf.stream @c from %s1 to %m
    adf.dma on %s0 mm2s stream @a { adf.bd @x offset 0 dims [<16 x 1>] }
    adf.dma on %s0 mm2s stream @b { adf.bd @x offset 0 dims [<16 x 1>] }
    adf.dma on %s1 mm2s stream @c { adf.bd @x offset 0 dims [<16 x 1>] }
  }
}

// -----

// The even channels of a memory tile share 24 descriptors (AM020), and so do the odd ones: two tasks of 13 fit, a third does not.
adf.program @descriptors device "npu1" tiles 1 avoid [(1, 1), (2, 1), (3, 1), (4, 1)] {
  adf.phase @p layer "p" macs 0 {
    // expected-error @+1 {{lacks buffer descriptors: a channel needs 13, and 11 are left for it}}
    %m = adf.tile mem
    %c = adf.tile core
    %w = adf.window on %m depth 1 bytes 64
    adf.stream @a from %m to %c
    adf.stream @b from %m to %c
    adf.stream @d from %m to %c
    adf.dma on %m mm2s stream @a {
      adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>]
      adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>]
      adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>]
      adf.bd %w offset 0 dims [<1 x 1>]
    }
    adf.dma on %m mm2s stream @b {
      adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>]
      adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>]
      adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>]
      adf.bd %w offset 0 dims [<1 x 1>]
    }
    adf.dma on %m mm2s stream @d {
      adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>]
      adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>]
      adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>] adf.bd %w offset 0 dims [<1 x 1>]
      adf.bd %w offset 0 dims [<1 x 1>]
    }
  }
}
