// What can be started while the step two before it is at work: between a NOP and the wait for that step.
// RUN: adf-opt %s -convert-adf-to-rcb -split-input-file | FileCheck %s

// Descriptor 0 says something else in step 2 than in step 0, so it is written when step 0 has ended. Step 3 reads what
// step 0 made: nothing but control keeps its windows from coming before step 1 has ended.
// CHECK-LABEL: rcb.phase 0
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0634, 0x1{{ *$}}
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0x80000002
// CHECK-NEXT: rcb.nop
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0634, 0x3{{ *$}}
// CHECK-NEXT: rcb.wait_task (2, 1) s2mm 0
// CHECK-NEXT: rcb.phase 1
// CHECK-NEXT: rcb.block_write (2, 1) 0xa0000
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0x80000000
// CHECK-NEXT: rcb.nop
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0x80000004
// CHECK-NEXT: rcb.wait_task (2, 1) s2mm 0
// CHECK-NEXT: rcb.phase 2
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0634, 0x1{{ *$}}
// CHECK-NEXT: rcb.wait_task (2, 1) s2mm 0
// CHECK-NEXT: rcb.phase 3
adf.program @main device "ve2802" tiles 1 avoid [] {
  adf.phase @network mode resident layer "" macs 0 {
    adf.step layer "a" kind "copy" macs 0 cores 0
    adf.step layer "b" kind "copy" macs 0 cores 0
    adf.step layer "c" kind "copy" macs 0 cores 0
    adf.step layer "d" kind "copy" macs 0 cores 0
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    %w0 = adf.window on %m depth 1 bytes 64 address 0 stride 64 locks [0, 1] live [0, 3]
    %w1 = adf.window on %m depth 1 bytes 64 address 64 stride 64 locks [2, 3] live [1, 3]
    %w2 = adf.window on %m depth 1 bytes 64 address 128 stride 64 locks [4, 5] live [2, 3]
    adf.stream @in from %s to %m
    adf.stream @back from %m to %s
    adf.dma on %m s2mm channel 0 stream @in token step 0 {
      adf.bd %w0 offset 0 dims [<16 x 1>] release <full + 1> id 0
    }
    adf.dma on %m mm2s channel 0 stream @back step 1 {
      adf.bd %w0 offset 0 dims [<16 x 1>] acquire <full == 1> id 1
    }
    adf.dma on %m s2mm channel 0 stream @in token step 1 {
      adf.bd %w1 offset 0 dims [<16 x 1>] release <full + 1> id 2
    }
    adf.dma on %m mm2s channel 0 stream @back step 2 {
      adf.bd %w1 offset 0 dims [<16 x 1>] acquire <full == 1> id 3
    }
    adf.dma on %m s2mm channel 0 stream @in token step 2 {
      adf.bd %w2 offset 0 dims [<16 x 1>] release <full + 1> id 0
    }
    adf.dma on %m mm2s channel 0 stream @back step 3 {
      adf.bd %w0 offset 0 dims [<16 x 1>] acquire <full == 1> id 1
    }
    adf.dma on %m s2mm channel 0 stream @in token step 3 {
      adf.bd %w2 offset 0 dims [<8 x 1>] release <full + 1> id 4
    }
  }
}

// -----

// A queue of four, with the task at work: three of step 0, one of step 1, and the first of step 2. The second has room
// when step 0 has ended.
// CHECK-LABEL: rcb.phase 0
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0x80000003
// CHECK-NEXT: rcb.nop
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0x80000004
// CHECK-COUNT-3: rcb.wait_task (2, 1) s2mm 0
// CHECK-NEXT: rcb.phase 1
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0x80000005
// CHECK-NEXT: rcb.wait_task (2, 1) s2mm 0
// CHECK-NEXT: rcb.phase 2
adf.program @main device "ve2802" tiles 1 avoid [] {
  adf.phase @network mode resident layer "" macs 0 {
    adf.step layer "a" kind "copy" macs 0 cores 0
    adf.step layer "b" kind "copy" macs 0 cores 0
    adf.step layer "c" kind "copy" macs 0 cores 0
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    %w = adf.window on %m depth 1 bytes 64 address 0 stride 64 locks [0, 1] live [0, 2]
    adf.stream @in from %s to %m
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
    adf.dma on %m s2mm channel 0 stream @in token step 2 {
      adf.bd %w offset 4 dims [<1 x 1>] id 4
    }
    adf.dma on %m s2mm channel 0 stream @in token step 2 {
      adf.bd %w offset 5 dims [<1 x 1>] id 5
    }
  }
}
