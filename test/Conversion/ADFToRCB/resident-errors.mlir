// A queue of four, and the task at work: a sixth push of a step would be lost.
// RUN: adf-opt %s -convert-adf-to-rcb -verify-diagnostics

adf.program @main device "ve2802" tiles 1 avoid [] {
  adf.ddr @x buffer(input) bytes(64) offset(0) dims [1, 64] valid 64
  adf.phase @network mode resident layer "" macs 0 {
    adf.step layer "a" kind "copy" macs 0 cores 0
    adf.step layer "b" kind "copy" macs 0 cores 0
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    %w = adf.window on %m depth 1 bytes 64 address 0 stride 64 locks [0, 1] live [0, 1]
    adf.stream @in from %s to %m
    adf.dma on %m s2mm channel 0 stream @in token step 1 {
      adf.bd %w offset 0 dims [<1 x 1>] id 0
    }
    adf.dma on %m s2mm channel 0 stream @in token step 1 {
      adf.bd %w offset 1 dims [<1 x 1>] id 1
    }
    adf.dma on %m s2mm channel 0 stream @in token step 1 {
      adf.bd %w offset 2 dims [<1 x 1>] id 2
    }
    adf.dma on %m s2mm channel 0 stream @in token step 1 {
      adf.bd %w offset 3 dims [<1 x 1>] id 3
    }
    adf.dma on %m s2mm channel 0 stream @in token step 1 {
      adf.bd %w offset 4 dims [<1 x 1>] id 4
    }
    // expected-error @+1 {{step 1 starts more tasks on a channel than its queue of 4 holds: use fewer tiles of rows in a layer}}
    adf.dma on %m s2mm channel 0 stream @in token step 1 {
      adf.bd %w offset 5 dims [<1 x 1>] id 5
    }
  }
}
