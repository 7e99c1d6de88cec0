// What a phase does about what the phases before it left.
// RUN: adf-opt %s -convert-adf-to-rcb | FileCheck %s

// Both cores run the same program: it is in the image once.
// CHECK: rcb.core_programs [0x401ac, 0xffff0001, 0x10102, 0x8]
adf.program @main device "ve2802" tiles 2 avoid [] {
  adf.ddr @x buffer(input) bytes(64) offset(0) dims [1, 64] valid 64
  // CHECK-LABEL: rcb.phase 0
  adf.phase @first layer "first" macs 0 {
    %s = adf.tile shim at(2, 0)
    %c = adf.tile core at(2, 3)
    %d = adf.tile core at(2, 4)
    %w = adf.window on %c depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    %v = adf.window on %d depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    adf.stream @in from %s to %c
    adf.dma on %s mm2s channel 0 stream @in token { adf.bd @x offset 0 dims [<16 x 1>] id 0 }
    adf.dma on %c s2mm channel 0 stream @in { adf.bd %w offset 0 dims [<16 x 1>] id 0 }
    // CHECK: rcb.write32 (2, 3) 0x3f004, 0x80000005
    // CHECK: rcb.write32 (2, 3) 0x3f034, 0x80000005
    adf.connect at(2, 0) from <south 3> to <north 0> stream @in
    adf.connect at(2, 3) from <south 0> to <dma 0> stream @in
    adf.connect at(2, 3) from <south 0> to <north 0> stream @in
    // CHECK: rcb.load_core (2, 3) from 0 words 4
    // CHECK: rcb.load_core (2, 4) from 0 words 4
    adf.core on %c { adf.acquire %w <empty >= 1> adf.release %w <full + 1> }
    adf.core on %d { adf.acquire %v <empty >= 1> adf.release %v <full + 1> }
  }
  // The slave South 0 of (2, 3) now feeds DMA 1. Its master North 0, which would carry the stream elsewhere, is switched
  // off; so is DMA 0. What does not change is not written; nor are locks, which the phase before left as they were.
  // CHECK-LABEL: rcb.phase 1
  // CHECK-NEXT: rcb.write32 (2, 3) 0x3f004, 0x0
  // CHECK-NEXT: rcb.write32 (2, 3) 0x3f008, 0x80000005
  // CHECK-NEXT: rcb.write32 (2, 3) 0x3f034, 0x0
  // CHECK-NEXT: rcb.block_write
  adf.phase @second layer "second" macs 0 {
    %s = adf.tile shim at(2, 0)
    %c = adf.tile core at(2, 3)
    %w = adf.window on %c depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    adf.stream @in from %s to %c
    adf.dma on %s mm2s channel 0 stream @in token { adf.bd @x offset 0 dims [<16 x 1>] id 0 }
    adf.dma on %c s2mm channel 1 stream @in { adf.bd %w offset 0 dims [<16 x 1>] id 0 }
    adf.connect at(2, 0) from <south 3> to <north 0> stream @in
    adf.connect at(2, 3) from <south 0> to <dma 1> stream @in
  }
  // A connection whose source carries nothing does no harm, and stays. A window of another depth sets its lock anew.
  // CHECK-LABEL: rcb.phase 2
  // CHECK-NEXT: rcb.write32 (2, 3) 0x1f000, 0x3
  // CHECK-NEXT: rcb.block_write
  adf.phase @third layer "third" macs 0 {
    %c = adf.tile core at(2, 3)
    %w = adf.window on %c depth 3 bytes 64 address 0 stride 64 locks [0, 1]
    adf.dma on %c s2mm channel 0 stream @in token { adf.bd %w offset 0 dims [<16 x 1>] id 0 }
    %s = adf.tile shim at(2, 0)
    adf.stream @in from %s to %c
  }
}
