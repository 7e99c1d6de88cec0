// One phase with all that a phase can hold, as register writes. The values are worked out from AM025's field tables.
// RUN: adf-opt %s -convert-adf-to-rcb | FileCheck %s

// CHECK: rcb.image @main device "ve2802" input 128 output 64 arena 64 weights 64 {
adf.program @main device "ve2802" tiles 1 avoid [] {
  // CHECK-NEXT: rcb.kernel @k id 0 kind "add" {count = 64 : i64}
  // CHECK-NEXT: rcb.kernel @l id 1 kind "add" {count = 32 : i64}
  adf.kernel @k kind "add" config {count = 64 : i64}
  adf.kernel @l kind "add" config {count = 32 : i64}
  // CHECK-NEXT: rcb.io @x input at 64 shape [1, 64] valid 60
  adf.ddr @x buffer(input) bytes(64) offset(64) dims [1, 64] valid 60
  // CHECK-NEXT: rcb.data @w at 0 = dense<1> : tensor<16xi8>
  adf.ddr @w buffer(weights) bytes(16) offset(0) = dense<1> : tensor<16xi8>
  adf.ddr @a buffer(arena) bytes(48) offset(0)
  // CHECK-NEXT: rcb.io @y output at 0 shape [1, 64] valid 64
  adf.ddr @y buffer(output) bytes(64) offset(0) dims [1, 64] valid 64
  // Core program (spec/core_program.toml), 17 words: window 0 at 0x100, two deep, 8 KB apart; acquire lock 1 by -1; call of kernel 1 on
  // window 0 and the buffer at 0x400 with one immediate; release lock 0 by 1; advance.
  // CHECK-NEXT: rcb.core_programs [0x1101ac, 0x20003, 0x100, 0x2000, 0x5, 0x2, 0xffff0101, 0x10207, 0x1, 0x14, 0x80000000, 0x400, 0xffffffff, 0x10002, 0x4, 0x6, 0x8]
  // CHECK-NEXT: rcb.program {
  // What the host wrote becomes visible; the switches are cleared, the shim's DMA joined to its South port 3.
  // CHECK-NEXT: rcb.cache_sync input mm2s
  // CHECK-NEXT: rcb.cache_sync weights mm2s
  // CHECK-NEXT: rcb.block_set (2, 0) 0x3f000, 22, 0x0
  // CHECK-NEXT: rcb.block_set (2, 1) 0xb0000, 17, 0x0
  // CHECK-NEXT: rcb.block_set (2, 2) 0xb0000, 17, 0x0
  // CHECK-NEXT: rcb.block_set (2, 3) 0x3f000, 23, 0x0
  // CHECK-NEXT: rcb.write32 (2, 0) 0x1f000, 0x400
  // CHECK-NEXT: rcb.phase 0
  adf.phase @p layer "p" macs 0 {
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    %c = adf.tile core at(2, 3)
    %slab = adf.window on %m depth 1 bytes 64 address 64 stride 64 locks [4, 5]
    %a = adf.window on %c depth 2 bytes 256 address 256 stride 8192 locks [0, 1]
    %t = adf.buffer on %c bytes 64 address 1024
    adf.stream @in from %s to %m
    adf.stream @act from %m to %c
    // Masters are switched on with the number of their slave, then the slaves. Shim: South 3 is slave 5, North 0 is
    // master 12. Memory tile: DMA 0 is slave 0, South 0 slave 7; DMA 0 is master 0, North 0 master 11. Core tile: South 0 is
    // slave 5, DMA 0 is master 1.
    // CHECK-NEXT: rcb.write32 (2, 0) 0x3f030, 0x80000005
    // CHECK-NEXT: rcb.write32 (2, 0) 0x3f114, 0x80000000
    // CHECK-NEXT: rcb.write32 (2, 1) 0xb0000, 0x80000007
    // CHECK-NEXT: rcb.write32 (2, 1) 0xb002c, 0x80000000
    // CHECK-NEXT: rcb.write32 (2, 1) 0xb0100, 0x80000000
    // CHECK-NEXT: rcb.write32 (2, 1) 0xb011c, 0x80000000
    // CHECK-NEXT: rcb.write32 (2, 2) 0xb002c, 0x80000007
    // CHECK-NEXT: rcb.write32 (2, 2) 0xb011c, 0x80000000
    // CHECK-NEXT: rcb.write32 (2, 3) 0x3f004, 0x80000005
    // CHECK-NEXT: rcb.write32 (2, 3) 0x3f114, 0x80000000
    adf.connect at(2, 0) from <south 3> to <north 0> stream @in
    adf.connect at(2, 1) from <south 0> to <dma 0> stream @in
    adf.connect at(2, 1) from <dma 0> to <north 0> stream @act
    adf.connect at(2, 2) from <south 0> to <north 0> stream @act
    adf.connect at(2, 3) from <south 0> to <dma 0> stream @act
    // Locks begin at the window's depth (empty) and 0 (full); they are 16 bytes apart.
    // CHECK-NEXT: rcb.write32 (2, 1) 0xc0040, 0x1
    // CHECK-NEXT: rcb.write32 (2, 1) 0xc0050, 0x0
    // CHECK-NEXT: rcb.write32 (2, 3) 0x1f000, 0x2
    // CHECK-NEXT: rcb.write32 (2, 3) 0x1f010, 0x0
    // Shim descriptor: 8 words; D0 step 1, count 4; D1 step 8. Valid, next 3.
    // CHECK-NEXT: rcb.block_write (2, 0) 0x1d020, [0x8, 0x0, 0x0, 0x400000, 0x7, 0x0, 0x0, 0x1e000000]
    // CHECK-NEXT: rcb.bind_buffer (2, 0) 0x1d024, input + 72
    // CHECK-NEXT: rcb.block_write (2, 0) 0x1d060, [0x4, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x2000000]
    // CHECK-NEXT: rcb.bind_buffer (2, 0) 0x1d064, weights + 0
    adf.dma on %s mm2s channel 0 stream @in {
      adf.bd @x offset 2 dims [<4 x 1>, <2 x 8>] id 1
      adf.bd @w offset 0 dims [<4 x 1>] id 3
    }
    // Memory tile: own memory begins at 0x20000 words, own locks at 64 (AM020). Acquire lock 68 by -1, release 69 by 1.
    // CHECK-NEXT: rcb.block_write (2, 1) 0xa0000, [0x10, 0x20010, 0x0, 0x0, 0x0, 0x0, 0x0, 0x8145ff44]
    adf.dma on %m s2mm channel 0 stream @in {
      adf.bd %slab offset 0 dims [<16 x 1>] acquire <empty >= 1> release <full + 1> id 0
    }
    // Padded: 4 words, 1 zero position before and 2 after in dimension 1, 3 + 2 in dimension 2: (4 * (2 + 3)) * (1 + 5) words.
    // All counts stand in the descriptor. Wait for the full lock to be 1 and leave it; three runs, 2 words apart. (The step of a count of 1 does not matter.)
    // CHECK-NEXT: rcb.block_write (2, 1) 0xa0020, [0x78, 0x20011, 0x80000, 0x8040003, 0x18020000, 0x21000000, 0x40001, 0x80008145]
    adf.dma on %m mm2s channel 0 stream @act {
      adf.bd %slab offset 1 dims [<4 x 1>, <2 x 4>, <1 x 8>] pad [<0, 0>, <1, 2>, <3, 2>] iteration <3 x 2> acquire <full == 1> id 1
    }
    // Core: 60 words at word 64; a ring of two, 8192 bytes apart: iteration wrap 2, step 2048. Acquire lock 0 by -1, release
    // lock 1 by 1.
    // CHECK-NEXT: rcb.block_write (2, 3) 0x1d000, [0x10003c, 0x0, 0x0, 0x0, 0x27ff, 0x2043fe0]
    adf.dma on %c s2mm channel 0 stream @act repeat 2 token {
      adf.bd %a offset 0 dims [<60 x 1>] acquire <empty >= 1> release <full + 1> id 0
    }
    // CHECK-NEXT: rcb.write32 (2, 3) 0x32000, 0x2
    // CHECK-NEXT: rcb.load_core (2, 3) from 0 words 17
    // CHECK-NEXT: rcb.write32 (2, 3) 0x32000, 0x1
    adf.core on %c {
      adf.loop 2 {
        adf.acquire %a <full >= 1>
        adf.call @l(%a, %t : !adf.window, !adf.buffer) immediates [-1] cycles 20
        adf.release %a <empty + 1>
        adf.advance %a
      }
    }
    // Tasks are pushed in the direction of the data; two runs of the core's descriptor, with a token, which is waited for.
    // CHECK-NEXT: rcb.barrier
    // CHECK-NEXT: rcb.write32 (2, 0) 0x1d214, 0x1
    // CHECK-NEXT: rcb.write32 (2, 1) 0xa0604, 0x0
    // CHECK-NEXT: rcb.write32 (2, 1) 0xa0634, 0x1
    // CHECK-NEXT: rcb.write32 (2, 3) 0x1de04, 0x80010000
    // CHECK-NEXT: rcb.wait_task (2, 3) s2mm 0 max
    // CHECK-NEXT: rcb.cache_sync output s2mm
    // CHECK-NEXT: rcb.end
  }
  // CHECK: rcb.layer 0 "p" kind "add" macs 0 cores 1 ddr 48 memory 8704
}
