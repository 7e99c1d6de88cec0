// Task queues hold four tasks, and a task runs its chain 256 times at most (AM025: REPEAT_COUNT has 8 bits).
// RUN: adf-opt %s -convert-adf-to-rcb | FileCheck %s

// CHECK-LABEL: rcb.phase 0
// CHECK: rcb.barrier
adf.program @main device "ve2802" tiles 1 avoid [] {
  adf.ddr @x buffer(input) bytes(448) offset(0) dims [1, 448] valid 448
  adf.phase @p layer "p" macs 0 {
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    %w = adf.window on %m depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    adf.stream @in from %s to %m
    // Six tasks on one channel: four are pushed at once. The first two get a token each, and make room when it has come.
    // CHECK-NEXT: rcb.write32 (2, 0) 0x1d214, 0x80000000
    // CHECK-NEXT: rcb.write32 (2, 0) 0x1d214, 0x80000001
    // CHECK-NEXT: rcb.write32 (2, 0) 0x1d214, 0x2
    // CHECK-NEXT: rcb.write32 (2, 0) 0x1d214, 0x3
    adf.dma on %s mm2s channel 0 stream @in { adf.bd @x offset 0 dims [<16 x 1>] id 0 }
    adf.dma on %s mm2s channel 0 stream @in { adf.bd @x offset 16 dims [<16 x 1>] id 1 }
    adf.dma on %s mm2s channel 0 stream @in { adf.bd @x offset 32 dims [<16 x 1>] id 2 }
    adf.dma on %s mm2s channel 0 stream @in { adf.bd @x offset 48 dims [<16 x 1>] id 3 }
    adf.dma on %s mm2s channel 0 stream @in { adf.bd @x offset 64 dims [<16 x 1>] id 4 }
    adf.dma on %s mm2s channel 0 stream @in { adf.bd @x offset 80 dims [<16 x 1>] id 5 }
    // 600 runs are three pushes: 256, 256 and 88; the last one has the task's token.
    // CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0xff0000
    // CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0xff0000
    // CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0x80570000
    adf.dma on %m s2mm channel 0 stream @in repeat 600 token { adf.bd %w offset 0 dims [<16 x 1>] id 0 }
    // CHECK-NEXT: rcb.wait_task (2, 0) mm2s 0 max
    // CHECK-NEXT: rcb.write32 (2, 0) 0x1d214, 0x4
    // CHECK-NEXT: rcb.wait_task (2, 0) mm2s 0 max
    // CHECK-NEXT: rcb.write32 (2, 0) 0x1d214, 0x5
    // CHECK-NEXT: rcb.wait_task (2, 1) s2mm 0 max
    // CHECK-NEXT: rcb.cache_sync output s2mm
  }
}
