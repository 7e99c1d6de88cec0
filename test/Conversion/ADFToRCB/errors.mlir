// Programs that are not completely placed.
// RUN: adf-opt %s -convert-adf-to-rcb -split-input-file -verify-diagnostics

adf.program @ddr device "ve2802" tiles 1 avoid [] {
  // expected-error @+1 {{has no offset: run adf-allocate first}}
  adf.ddr @x buffer(input) bytes(64) dims [1, 64] valid 64
}

// -----

adf.program @tile device "ve2802" tiles 1 avoid [] {
  adf.phase @p layer "p" macs 0 {
    // expected-error @+1 {{has no coordinates: run adf-place first}}
    %m = adf.tile mem
  }
}

// -----

adf.program @window device "ve2802" tiles 1 avoid [] {
  adf.phase @p layer "p" macs 0 {
    %m = adf.tile mem at(2, 1)
    // expected-error @+1 {{has no address: run adf-allocate first}}
    %w = adf.window on %m depth 1 bytes 64
  }
}

// -----

adf.program @channel device "ve2802" tiles 1 avoid [] {
  adf.ddr @x buffer(input) bytes(64) offset(0) dims [1, 64] valid 64
  adf.phase @p layer "p" macs 0 {
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    adf.stream @in from %s to %m
    // expected-error @+1 {{has no channel: run adf-place first}}
    adf.dma on %s mm2s stream @in { adf.bd @x offset 0 dims [<16 x 1>] }
  }
}

// -----

adf.program @id device "ve2802" tiles 1 avoid [] {
  adf.ddr @x buffer(input) bytes(64) offset(0) dims [1, 64] valid 64
  adf.phase @p layer "p" macs 0 {
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    adf.stream @in from %s to %m
    adf.dma on %s mm2s channel 0 stream @in {
      // expected-error @+1 {{has no id: run adf-allocate first}}
      adf.bd @x offset 0 dims [<16 x 1>]
    }
  }
}

// -----

adf.program @end device "ve2802" tiles 1 avoid [] {
  // expected-error @+1 {{has no adf.dma with a token: nothing says when it has ended}}
  adf.phase @p layer "p" macs 0 {
  }
}
