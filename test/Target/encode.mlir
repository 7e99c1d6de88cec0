// Every instruction as words (spec/rcb.toml), the tables of an image, and the way back.
// RUN: %python %S/Inputs/words.py %s | FileCheck %s

// Header: magic 'RCB1', version 1, 52 words, device 1 (ve2802), 14 instructions, 4 buffers, waits of 3000 cycles in all.
// CHECK: word 0 0x31424352
// CHECK-NEXT: word 1 0x00000001
// CHECK-NEXT: word 2 0x00000034
// CHECK-NEXT: word 3 0x00000001
// CHECK-NEXT: word 4 0x0000000e
// CHECK-NEXT: word 5 0x00000004
// CHECK-NEXT: word 6 0x00000bb8
// CHECK-NEXT: word 7 0x
rcb.image @main device "ve2802" input 64 output 64 arena 128 weights 64 {
  rcb.kernel @second id 1 kind "conv2d" {accumulate = true, in = array<i64: 3, 4>}
  rcb.kernel @first id 0 kind "add" {count = 64 : i64}
  rcb.data @w at 2 = dense<[1, -1]> : tensor<2xi8>
  rcb.data @v at 4 = dense<7> : tensor<4xi8>
  rcb.io @x input at 0 shape [1, 4, 16] valid 3
  rcb.io @y output at 0 shape [64] valid 64
  rcb.core_programs [0x201ac, 0x8]
  rcb.layer 0 "conv1" kind "conv2d" macs 100 cores 2 ddr 192 memory 256 loc("conv1"("net.py":12:3))
  rcb.program {
    // opcode in bits 7:0, length in words in bits 31:16
    // CHECK-NEXT: word 8 0x00010000
    rcb.nop
    // CHECK-NEXT: word 9 0x00030001
    // CHECK-NEXT: word 10 0x04332000
    // CHECK-NEXT: word 11 0x00000002
    rcb.write32 (2, 3) 0x32000, 0x2
    // CHECK-NEXT: word 12 0x00040002
    // CHECK-NEXT: word 13 0x04332000
    // CHECK-NEXT: word 14 0x00000003
    // CHECK-NEXT: word 15 0x00000001
    rcb.mask_write32 (2, 3) 0x32000, 0x3, 0x1
    // CHECK-NEXT: word 16 0x00040003
    // CHECK-NEXT: word 17 0x0401d000
    // CHECK-NEXT: word 18 0x00000010
    // CHECK-NEXT: word 19 0xffffffff
    rcb.block_write (2, 0) 0x1d000, [0x10, 0xffffffff]
    // CHECK-NEXT: word 20 0x00040004
    // CHECK-NEXT: word 21 0x041b0000
    // CHECK-NEXT: word 22 0x00000011
    // CHECK-NEXT: word 23 0x00000009
    rcb.block_set (2, 1) 0xb0000, 17, 0x9
    // CHECK-NEXT: word 24 0x00050005
    // CHECK-NEXT: word 25 0x04332004
    // CHECK-NEXT: word 26 0x00100000
    // CHECK-NEXT: word 27 0x00100000
    // CHECK-NEXT: word 28 0x000003e8
    rcb.mask_poll (2, 3) 0x32004, 0x100000, 0x100000 max 1000
    // CHECK-NEXT: word 29 0x00050006
    // CHECK-NEXT: word 30 0x00000200
    // CHECK-NEXT: word 31 0x00000001
    // CHECK-NEXT: word 32 0x00000001
    // CHECK-NEXT: word 33 0x000007d0
    rcb.wait_task (2, 0) mm2s 1 max 2000
    // CHECK-NEXT: word 34 0x00050007
    // CHECK-NEXT: word 35 0x0401d004
    // CHECK-NEXT: word 36 0x00000002
    // CHECK-NEXT: word 37 0x0000007c
    // CHECK-NEXT: word 38 0x00000000
    rcb.bind_buffer (2, 0) 0x1d004, arena + 124
    // CHECK-NEXT: word 39 0x00040008
    // CHECK-NEXT: word 40 0x0000250a
    // CHECK-NEXT: word 41 0x00000000
    // CHECK-NEXT: word 42 0x00000002
    rcb.load_core (37, 10) from 0 words 2
    // CHECK-NEXT: word 43 0x00030009
    // CHECK-NEXT: word 44 0x00000001
    // CHECK-NEXT: word 45 0x00000000
    rcb.cache_sync output s2mm
    // CHECK-NEXT: word 46 0x0002000a
    // CHECK-NEXT: word 47 0x00000007
    rcb.timestamp 7
    // CHECK-NEXT: word 48 0x0001000b
    rcb.barrier
    // CHECK-NEXT: word 49 0x0002000c
    // CHECK-NEXT: word 50 0x00000003
    rcb.phase 3
    // CHECK-NEXT: word 51 0x0001000d
    rcb.end
  }
}
// CHECK-NEXT: core_programs ac01020008000000
// CHECK-NEXT: weights 000001ff07070707{{0+$}}
// CHECK-NEXT: [{"config": {"count": 64}, "kind": "add", "name": "first"}, {"config": {"accumulate": true, "in": [3, 4]}, "kind": "conv2d", "name": "second"}]
// CHECK-NEXT: {"arena_bytes": 128, "input_bytes": 64, "inputs": [{"dims": [1, 4, 16], "name": "x", "offset": 0, "valid": 3}], "output_bytes": 64, "outputs": [{"dims": [64], "name": "y", "offset": 0, "valid": 64}]}
// CHECK-NEXT: [{"core_bytes": 256, "cores": 2, "ddr_bytes": 192, "file": "net.py", "id": 0, "kind": "conv2d", "line": 12, "macs": 100, "name": "conv1"}]
// CHECK: rcb.program {
// CHECK-NEXT: rcb.nop
// CHECK-NEXT: rcb.write32 (2, 3) 0x32000, 0x2
// CHECK-NEXT: rcb.mask_write32 (2, 3) 0x32000, 0x3, 0x1
// CHECK-NEXT: rcb.block_write (2, 0) 0x1d000, [0x10, 0xffffffff]
// CHECK-NEXT: rcb.block_set (2, 1) 0xb0000, 17, 0x9
// CHECK-NEXT: rcb.mask_poll (2, 3) 0x32004, 0x100000, 0x100000 max 1000
// CHECK-NEXT: rcb.wait_task (2, 0) mm2s 1 max 2000
// CHECK-NEXT: rcb.bind_buffer (2, 0) 0x1d004, arena + 124
// CHECK-NEXT: rcb.load_core (37, 10) from 0 words 2
// CHECK-NEXT: rcb.cache_sync output s2mm
// CHECK-NEXT: rcb.timestamp 7
// CHECK-NEXT: rcb.barrier
// CHECK-NEXT: rcb.phase 3
// CHECK-NEXT: rcb.end
