// Tasks that await most of the step before at a gate, the lock `empty` of what they read: they are started like any other,
// and the control program opens the gate for all that wait there, those that are started later among them.
// RUN: adf-opt %s -convert-adf-to-rcb | FileCheck %s

adf.program @main device "ve2802" tiles 1 avoid [] {
  adf.ddr @x buffer(input) bytes(64) offset(0) dims [1, 64] valid 64
  adf.phase @network mode resident layer "" macs 0 {
    adf.step layer "a" kind "copy" macs 0 cores 0
    adf.step layer "b" kind "copy" macs 0 cores 0
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    %w = adf.window on %m depth 1 bytes 64 address 0 stride 64 locks [0, 1] live [0, 1]
    adf.stream @in from %s to %m
    adf.stream @back from %m to %s
    adf.dma on %m s2mm channel 0 stream @in token step 0 {
      adf.bd %w offset 0 dims [<1 x 1>] id 0
    }
    adf.dma on %m s2mm channel 0 stream @in token step 0 {
      adf.bd %w offset 1 dims [<1 x 1>] id 1
    }
    adf.dma on %m s2mm channel 0 stream @in token step 0 {
      adf.bd %w offset 2 dims [<1 x 1>] id 2
    }
    adf.dma on %m s2mm channel 0 stream @in token step 1 {
      adf.bd %w offset 3 dims [<1 x 1>] id 3
    }
    adf.dma on %m s2mm channel 0 stream @in token step 1 {
      adf.bd %w offset 4 dims [<1 x 1>] id 4
    }
    adf.dma on %m s2mm channel 0 stream @in token step 1 {
      adf.bd %w offset 5 dims [<1 x 1>] id 5
    }
    adf.dma on %m mm2s channel 0 stream @back repeat 2 step 1 awaits most {
      adf.bd %w offset 6 dims [<1 x 1>] acquire <empty >= 1> id 6
    }
    adf.dma on %m mm2s channel 0 stream @back step 1 awaits all {
      adf.bd %w offset 7 dims [<1 x 1>] acquire <empty >= 1> id 7
    }
  }
}

// The locks of window %w are at 0xc0000 and 0xc0010, the queue of s2mm channel 0 at 0xa0604, that of mm2s channel 0 at
// 0xa0634; bits 23..16 of a push are the repeats but one (AM025). The gate is closed at first.
// CHECK: rcb.program load {
// CHECK: rcb.write32 (2, 1) 0xc0000, 0x0
// CHECK-NEXT: rcb.write32 (2, 1) 0xc0010, 0x0
// The descriptors acquire lock 64, its own first, with at least 1 (bits 14..8: -1; bit 15: enabled; bit 31: valid).
// CHECK: rcb.block_write (2, 1) 0xa00c0, [0x1, 0x20006, 0x0, 0x0, 0x0, 0x0, 0x0, 0x8000ff40]
// CHECK: rcb.program {
// CHECK: rcb.phase 0
// Two messages are started at once; when most of step 0 has ended, the gate is opened for them and for the third, which is
// started when all has.
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0634, 0x10006
// CHECK-NEXT: rcb.wait_task (2, 1) s2mm 0
// CHECK-NEXT: rcb.wait_task (2, 1) s2mm 0
// CHECK-NEXT: rcb.write32 (2, 1) 0xc0000, 0x3
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0x80000003
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0x80000004
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0x80000005
// CHECK-NEXT: rcb.wait_task (2, 1) s2mm 0
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0634, 0x7
// CHECK-NEXT: rcb.phase 1
