// While a phase without cores loads, those of the phase after it are set up; and a task without an end, whose channel is
// reset when its phase has ended.
// RUN: adf-opt %s -convert-adf-to-rcb | FileCheck %s

adf.program @main device "ve2802" tiles 2 avoid [] {
  adf.ddr @x buffer(input) bytes(64) offset(0) dims [1, 64] valid 64
  adf.ddr @y buffer(output) bytes(4096) offset(0) dims [1, 4096] valid 4096
  // CHECK-LABEL: rcb.program
  // CHECK: rcb.phase 0
  adf.phase @load layer "weights" macs 0 {
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    %w = adf.window on %m depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    adf.stream @in from %s to %m
    adf.dma on %s mm2s channel 0 stream @in { adf.bd @x offset 0 dims [<16 x 1>] id 0 }
    adf.dma on %m s2mm channel 0 stream @in token { adf.bd %w offset 0 dims [<16 x 1>] id 0 }
    adf.connect at(2, 0) from <south 3> to <north 0> stream @in
    adf.connect at(2, 1) from <south 0> to <dma 0> stream @in
    // Through (2, 4) comes a stream of this phase: that core is not set up before it has ended.
    adf.connect at(2, 4) from <south 0> to <north 0> stream @in
  }
  // The last of what loads is started; then core (2, 3) is set up: switch, descriptor, program; and its channel made ready
  // and started. The locks of both cores are set before either is enabled.
  // CHECK: rcb.write32 (2, 0) 0x1d214, 0x0
  // CHECK: rcb.write32 (2, 1) 0xa0604, 0x80000000
  // CHECK: rcb.write32 (2, 3) 0x1f000, 0x1
  // CHECK: rcb.write32 (2, 4) 0x1f000, 0x1
  // CHECK: rcb.write32 (2, 3) 0x3f004, 0x80000005
  // CHECK: rcb.block_write (2, 3) 0x1d000
  // CHECK: rcb.load_core (2, 3)
  // CHECK: rcb.write32 (2, 3) 0x32000, 0x1
  // CHECK: rcb.barrier
  // CHECK-NEXT: rcb.write32 (2, 3) 0x1de00, 0x0
  // CHECK-NEXT: rcb.write32 (2, 3) 0x1de04, 0x0
  // CHECK-NEXT: rcb.wait_task (2, 1) s2mm 0
  // The rest is set up in its own phase; nothing of (2, 3) is written again. When it has ended the channel is reset.
  // CHECK-NEXT: rcb.phase 1
  // CHECK-NOT: (2, 3)
  // CHECK: rcb.load_core (2, 4)
  // CHECK-NOT: (2, 3)
  // CHECK: rcb.wait_task (2, 0) s2mm 0
  // CHECK-NEXT: rcb.write32 (2, 3) 0x1de00, 0x2
  adf.phase @work layer "work" macs 0 {
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    %c = adf.tile core at(2, 3)
    %d = adf.tile core at(2, 4)
    %u = adf.window on %m depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    %w = adf.window on %c depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    %v = adf.window on %d depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    adf.stream @act from %m to %c
    adf.dma on %m mm2s channel 0 stream @act { adf.bd %u offset 0 dims [<16 x 1>] id 1 }
    adf.dma on %c s2mm channel 0 stream @act repeat 2000 endless { adf.bd %w offset 0 dims [<16 x 1>] acquire <empty >= 1> release <full + 1> id 0 }
    adf.connect at(2, 3) from <south 0> to <dma 0> stream @act
    adf.stream @out from %d to %s
    adf.dma on %d mm2s channel 0 stream @out { adf.bd %v offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1> id 0 }
    adf.dma on %s s2mm channel 0 stream @out token { adf.bd @y offset 0 dims [<16 x 1>] id 1 }
    adf.core on %c { adf.acquire %w <full >= 1> adf.release %w <empty + 1> }
    adf.core on %d { adf.acquire %v <empty >= 1> adf.release %v <full + 1> }
  }
  // What the channel has taken of its locks is not known: they are set anew; those of (2, 4) are as they were.
  // CHECK: rcb.phase 2
  // CHECK-NEXT: rcb.write32 (2, 3) 0x1f000, 0x1
  // CHECK-NEXT: rcb.write32 (2, 3) 0x1f010, 0x0
  // CHECK-NOT: (2, 4) 0x1f0
  // A channel in reset takes no task, so it is made ready for this one.
  // CHECK: rcb.write32 (2, 3) 0x1de00, 0x0
  // CHECK-NEXT: rcb.write32 (2, 3) 0x1de04, 0x80000000
  adf.phase @again layer "again" macs 0 {
    %s = adf.tile shim at(2, 0)
    %c = adf.tile core at(2, 3)
    %d = adf.tile core at(2, 4)
    %w = adf.window on %c depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    %v = adf.window on %d depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    adf.stream @in from %s to %c
    adf.dma on %s mm2s channel 0 stream @in { adf.bd @x offset 0 dims [<16 x 1>] id 0 }
    adf.dma on %c s2mm channel 0 stream @in token { adf.bd %w offset 0 dims [<16 x 1>] id 0 }
    adf.core on %c { adf.acquire %w <empty >= 1> adf.release %w <full + 1> }
    adf.core on %d { adf.acquire %v <empty >= 1> adf.release %v <full + 1> }
  }
}
