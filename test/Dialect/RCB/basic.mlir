// Every operation of the dialect, printed and read again.
// RUN: adf-opt %s | adf-opt | FileCheck %s

// CHECK-LABEL: rcb.image @main device "ve2802" input 64 output 64 arena 16384 weights 128 {
rcb.image @main device "ve2802" input 64 output 64 arena 16384 weights 128 {
  // CHECK-NEXT: rcb.kernel @add_0 id 0 kind "add" {count = 64 : i64}
  rcb.kernel @add_0 id 0 kind "add" {count = 64 : i64}
  // CHECK-NEXT: rcb.data @w at 64 = dense<1> : tensor<64xi8>
  rcb.data @w at 64 = dense<1> : tensor<64xi8>
  // CHECK-NEXT: rcb.io @x input at 0 shape [1, 4, 16] valid 3
  rcb.io @x input at 0 shape [1, 4, 16] valid 3
  // CHECK-NEXT: rcb.io @y output at 0 shape [64] valid 64
  rcb.io @y output at 0 shape [64] valid 64
  // CHECK-NEXT: rcb.core_programs [0x201ac, 0x8]
  rcb.core_programs [0x201ac, 8]
  // CHECK-NEXT: rcb.layer 0 "add" kind "add" macs 0 cores 1 ddr 192 memory 256
  rcb.layer 0 "add" kind "add" macs 0 cores 1 ddr 192 memory 256
  // CHECK-NEXT: rcb.program {
  rcb.program {
    // CHECK-NEXT: rcb.nop
    rcb.nop
    // CHECK-NEXT: rcb.cache_sync input mm2s
    rcb.cache_sync input mm2s
    // CHECK-NEXT: rcb.phase 0
    rcb.phase 0
    // CHECK-NEXT: rcb.write32 (2, 3) 0x32000, 0x2
    rcb.write32 (2, 3) 0x32000, 2
    // CHECK-NEXT: rcb.mask_write32 (2, 3) 0x32000, 0x3, 0x1
    rcb.mask_write32 (2, 3) 0x32000, 0x3, 0x1
    // CHECK-NEXT: rcb.block_write (2, 0) 0x1d000, [0x10, 0x0, 0xffffffff]
    rcb.block_write (2, 0) 0x1d000, [0x10, 0, 0xffffffff]
    // CHECK-NEXT: rcb.block_set (2, 3) 0x0, 16384, 0x0
    rcb.block_set (2, 3) 0x0, 16384, 0x0
    // CHECK-NEXT: rcb.mask_poll (2, 3) 0x32004, 0x100000, 0x100000 max 1000
    rcb.mask_poll (2, 3) 0x32004, 0x100000, 0x100000 max 1000
    // CHECK-NEXT: rcb.wait_task (2, 0) s2mm 1 max 268435456
    rcb.wait_task (2, 0) s2mm 1 max 268435456
    // CHECK-NEXT: rcb.bind_buffer (2, 0) 0x1d004, arena + 16380
    rcb.bind_buffer (2, 0) 0x1d004, arena + 16380
    // CHECK-NEXT: rcb.load_core (37, 10) from 0 words 2
    rcb.load_core (37, 10) from 0 words 2
    // CHECK-NEXT: rcb.timestamp 7
    rcb.timestamp 7
    // CHECK-NEXT: rcb.barrier
    rcb.barrier
    // CHECK-NEXT: rcb.end
    rcb.end
  }
}
