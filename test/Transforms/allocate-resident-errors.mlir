// Two steps after each other need more descriptors than the tile has: 9 and 8 of 16.
// RUN: adf-opt %s -adf-allocate -split-input-file -verify-diagnostics

adf.program @turns device "ve2802" tiles 1 avoid [] {
  adf.ddr @y buffer(output) bytes(128) dims [1, 128] valid 128
  adf.phase @network mode resident layer "" macs 0 {
    adf.step layer "a" kind "add" macs 0 cores 1
    adf.step layer "b" kind "add" macs 0 cores 1
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    adf.stream @in from %m to %s
    adf.dma on %s s2mm channel 0 stream @in step 0 {
      adf.bd @y offset 0 dims [<1 x 1>]
      adf.bd @y offset 1 dims [<1 x 1>]
      adf.bd @y offset 2 dims [<1 x 1>]
      adf.bd @y offset 3 dims [<1 x 1>]
      adf.bd @y offset 4 dims [<1 x 1>]
      adf.bd @y offset 5 dims [<1 x 1>]
      adf.bd @y offset 6 dims [<1 x 1>]
      adf.bd @y offset 7 dims [<1 x 1>]
      adf.bd @y offset 8 dims [<1 x 1>]
    }
    // expected-error @+1 {{shim tile (2, 0) has 16 buffer descriptors for this channel and those that share them, which two steps after each other must do with: use fewer tiles of rows or chunks of channels in a layer}}
    adf.dma on %s s2mm channel 0 stream @in step 1 {
      adf.bd @y offset 9 dims [<1 x 1>]
      adf.bd @y offset 10 dims [<1 x 1>]
      adf.bd @y offset 11 dims [<1 x 1>]
      adf.bd @y offset 12 dims [<1 x 1>]
      adf.bd @y offset 13 dims [<1 x 1>]
      adf.bd @y offset 14 dims [<1 x 1>]
      adf.bd @y offset 15 dims [<1 x 1>]
      adf.bd @y offset 16 dims [<1 x 1>]
    }
  }
}
