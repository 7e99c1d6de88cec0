// Streams become connections of switches.
// RUN: adf-opt %s -adf-route -split-input-file | FileCheck %s

// Through the shim's multiplexer (MM2S channel 1 is its South port 7, S2MM channel 0 South port 2: aie-rt xaie_plif.c),
// straight up through the memory tiles, and to two cores on one path.
// CHECK-LABEL: adf.phase @multicast
adf.program @main device "ve2802" tiles 2 avoid [] {
  adf.ddr @x buffer(input) bytes(64) dims [1, 64] valid 64
  adf.phase @multicast layer "p" macs 0 {
    %s = adf.tile shim at(6, 0)
    %c0 = adf.tile core at(6, 3)
    %c1 = adf.tile core at(7, 3)
    %w0 = adf.window on %c0 depth 1 bytes 64
    %w1 = adf.window on %c1 depth 1 bytes 64
    adf.stream @in from %s to %c0, %c1
    adf.stream @out from %c0 to %s
    adf.dma on %s mm2s channel 1 stream @in { adf.bd @x offset 0 dims [<16 x 1>] }
    adf.dma on %c0 s2mm channel 1 stream @in { adf.bd %w0 offset 0 dims [<16 x 1>] }
    adf.dma on %c1 s2mm channel 0 stream @in { adf.bd %w1 offset 0 dims [<16 x 1>] }
    adf.dma on %c0 mm2s channel 0 stream @out { adf.bd %w0 offset 0 dims [<16 x 1>] }
    adf.dma on %s s2mm channel 0 stream @out { adf.bd @x offset 0 dims [<16 x 1>] }
    // CHECK: adf.connect at(6, 0) from <south 7> to <north [[N:.]]> stream @in
    // CHECK-NEXT: adf.connect at(6, 1) from <south [[N]]> to <north [[N]]> stream @in
    // CHECK-NEXT: adf.connect at(6, 2) from <south [[N]]> to <north [[N]]> stream @in
    // CHECK-NEXT: adf.connect at(6, 3) from <south [[N]]> to <dma 1> stream @in
    // CHECK-NEXT: adf.connect at(6, 3) from <south [[N]]> to <east [[E:.]]> stream @in
    // CHECK-NEXT: adf.connect at(7, 3) from <west [[E]]> to <dma 0> stream @in
    // CHECK-NEXT: adf.connect at(6, 0) from <north [[S:.]]> to <south 2> stream @out
    // CHECK-NEXT: adf.connect at(6, 1) from <north [[S]]> to <south [[S]]> stream @out
    // CHECK-NEXT: adf.connect at(6, 2) from <north [[S]]> to <south [[S]]> stream @out
    // CHECK-NEXT: adf.connect at(6, 3) from <dma 0> to <south [[S]]> stream @out
    // CHECK-NOT: adf.connect
  }
  // The same ports are joined again: the route stays, whatever else there is.
  // CHECK-LABEL: adf.phase @again
  adf.phase @again layer "p" macs 0 {
    %s = adf.tile shim at(6, 0)
    %c0 = adf.tile core at(6, 3)
    %c1 = adf.tile core at(7, 3)
    %w0 = adf.window on %c0 depth 1 bytes 64
    %w1 = adf.window on %c1 depth 1 bytes 64
    adf.stream @other from %s to %c0
    adf.stream @back from %c0 to %s
    adf.dma on %s mm2s channel 0 stream @other { adf.bd @x offset 0 dims [<16 x 1>] }
    adf.dma on %c0 s2mm channel 1 stream @other { adf.bd %w0 offset 0 dims [<16 x 1>] }
    adf.dma on %c0 mm2s channel 0 stream @back { adf.bd %w0 offset 0 dims [<16 x 1>] }
    adf.dma on %s s2mm channel 0 stream @back { adf.bd @x offset 0 dims [<16 x 1>] }
    // CHECK: adf.connect at(6, 0) from <north [[S]]> to <south 2> stream @back
    // CHECK-NEXT: adf.connect at(6, 1) from <north [[S]]> to <south [[S]]> stream @back
    // CHECK-NEXT: adf.connect at(6, 2) from <north [[S]]> to <south [[S]]> stream @back
    // CHECK-NEXT: adf.connect at(6, 3) from <dma 0> to <south [[S]]> stream @back
  }
}

// -----

// Memory tiles have no way east or west, so a route around an avoided one goes through the shim row.
// CHECK-LABEL: adf.phase @around
adf.program @around device "npu1" tiles 1 avoid [(0, 1)] {
  adf.ddr @x buffer(input) bytes(64) dims [1, 64] valid 64
  adf.phase @around layer "p" macs 0 {
    %s = adf.tile shim at(0, 0)
    %c = adf.tile core at(0, 2)
    %w = adf.window on %c depth 1 bytes 64
    adf.stream @in from %s to %c
    adf.dma on %s mm2s channel 0 stream @in { adf.bd @x offset 0 dims [<16 x 1>] }
    adf.dma on %c s2mm channel 0 stream @in { adf.bd %w offset 0 dims [<16 x 1>] }
    // CHECK: adf.connect at(0, 0) from <south 3> to <east
    // CHECK-NEXT: adf.connect at(0, 2) from <east {{.}}> to <dma 0>
    // CHECK-NEXT: adf.connect at(1, 0) from <west {{.}}> to <north
    // CHECK-NEXT: adf.connect at(1, 1) from <south {{.}}> to <north
    // CHECK-NEXT: adf.connect at(1, 2) from <south {{.}}> to <west
  }
}
