// A core works in its neighbours' memory, under their locks. It sees the southern one's from 0x40000 on, the western one's from
// 0x50000, the northern one's from 0x60000 (AM020); their locks are 16 to 31, 32 to 47 and 48 to 63 (spec/core_program.toml).
// RUN: adf-opt %s -adf-verify-placed -convert-adf-to-rcb -split-input-file -verify-diagnostics | FileCheck %s

// The core in the middle, 31 words: windows 0 to 3 at 0x40100, 0x50200, 0x60300 and 0x400; it acquires locks 3 + 16,
// 5 + 32 and 7 + 48 by -1, and its own lock 8; a call; it releases locks 2 + 16, 4 + 32, 6 + 48 and 8.
// CHECK-LABEL: rcb.image @around
// CHECK: rcb.core_programs
// CHECK-SAME: 0x10003, 0x40100, 0x40, 0x10103, 0x50200, 0x40, 0x10203, 0x60300, 0x40, 0x10303, 0x400, 0x40,
// CHECK-SAME: 0xffff1301, 0xffff2501, 0xffff3701, 0xffff0801,
// CHECK-SAME: 0x407, 0x0, 0xa, 0x80000000, 0x80000001, 0x80000002, 0x80000003,
// CHECK-SAME: 0x11202, 0x12402, 0x13602, 0x10802, 0x8
adf.program @around device "ve2802" tiles 4 avoid [] {
  adf.kernel @k kind "add" config {}
  adf.ddr @x buffer(input) bytes(64) offset(0) dims [64] valid 64
  adf.ddr @y buffer(output) bytes(64) offset(0) dims [64] valid 64
  adf.phase @p layer "p" macs 0 {
    %c = adf.tile core at(6, 4)
    %s = adf.tile core at(6, 3)
    %w = adf.tile core at(5, 4)
    %n = adf.tile core at(6, 5)
    %sw = adf.window on %s depth 1 bytes 64 address 256 stride 64 locks [2, 3]
    %ww = adf.window on %w depth 1 bytes 64 address 512 stride 64 locks [4, 5]
    %nw = adf.window on %n depth 1 bytes 64 address 768 stride 64 locks [6, 7]
    %cw = adf.window on %c depth 1 bytes 64 address 1024 stride 64 locks [8, 9]
    adf.core on %s { adf.acquire %sw <empty >= 1> adf.release %sw <full + 1> }
    adf.core on %w { adf.acquire %ww <empty >= 1> adf.release %ww <full + 1> }
    adf.core on %n { adf.acquire %nw <empty >= 1> adf.release %nw <full + 1> }
    adf.core on %c {
      adf.acquire %sw <full >= 1>
      adf.acquire %ww <full >= 1>
      adf.acquire %nw <full >= 1>
      adf.acquire %cw <empty >= 1>
      adf.call @k(%sw, %ww, %nw, %cw : !adf.window, !adf.window, !adf.window, !adf.window) immediates [] cycles 10
      adf.release %sw <empty + 1>
      adf.release %ww <empty + 1>
      adf.release %nw <empty + 1>
      adf.release %cw <empty + 1>
    }
    // A phase ends with what comes back to DDR.
    %shim = adf.tile shim at(6, 0)
    %m = adf.tile mem at(6, 1)
    %mw = adf.window on %m depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    adf.stream @in from %shim to %m
    adf.stream @out from %m to %shim
    adf.dma on %shim mm2s channel 0 stream @in { adf.bd @x offset 0 dims [<16 x 1>] id 0 }
    adf.dma on %m s2mm channel 0 stream @in {
      adf.bd %mw offset 0 dims [<16 x 1>] acquire <empty >= 1> release <full + 1> id 0
    }
    adf.dma on %m mm2s channel 0 stream @out {
      adf.bd %mw offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1> id 1
    }
    adf.dma on %shim s2mm channel 0 stream @out token { adf.bd @y offset 0 dims [<16 x 1>] id 1 }
    adf.connect at(6, 0) from <south 3> to <north 0> stream @in
    adf.connect at(6, 1) from <south 0> to <dma 0> stream @in
    adf.connect at(6, 1) from <dma 0> to <south 0> stream @out
    adf.connect at(6, 0) from <north 0> to <south 2> stream @out
  }
}

// -----

adf.program @east device "ve2802" tiles 2 avoid [] {
  adf.phase @p layer "p" macs 0 {
    %c = adf.tile core at(6, 4)
    %e = adf.tile core at(7, 4)
    %w = adf.window on %e depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    adf.core on %c {
      // expected-error @+1 {{uses a window of tile (7, 4), but core (6, 4) reaches its own memory, and that of its southern, western and northern neighbour}}
      adf.acquire %w <empty >= 1>
      adf.release %w <empty + 1>
    }
  }
}
