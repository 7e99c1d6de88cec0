// Tasks that await the step before; and a queue of four, with the task at work: what a step pushes beyond that is pushed when
// most of the step before has ended.
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
    adf.dma on %m mm2s channel 0 stream @back step 1 awaits most {
      adf.bd %w offset 6 dims [<1 x 1>] id 6
    }
    adf.dma on %m mm2s channel 0 stream @back step 1 awaits all {
      adf.bd %w offset 7 dims [<1 x 1>] id 7
    }
  }
}

// The queue of s2mm channel 0 is at 0xa0604, that of mm2s channel 0 at 0xa0634; a token is bit 31 (AM025).
// CHECK: rcb.program {
// CHECK: rcb.write32 (2, 1) 0xa0604, 0x80000000
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0x80000001
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0x80000002
// CHECK: rcb.phase 0
// When most of step 0 has ended, two of the three pushes, the first windows of step 1 are sent, and the way of its results is
// set up after that: two pushes are all that the queue has room for beside the three; then one more.
// CHECK-NEXT: rcb.wait_task (2, 1) s2mm 0
// CHECK-NEXT: rcb.wait_task (2, 1) s2mm 0
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0634, 0x6
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0x80000003
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0x80000004
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0x80000005
// CHECK-NEXT: rcb.wait_task (2, 1) s2mm 0
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0634, 0x7
// CHECK-NEXT: rcb.phase 1
