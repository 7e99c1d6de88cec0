// Each instruction becomes the call that the engine would make (runtime/engine/engine.c), in the same order.
// RUN: adf-opt %s -convert-rcb-to-llvm=part-instructions=100 | FileCheck %s
// RUN: adf-opt %s -convert-rcb-to-llvm=part-instructions=6 | FileCheck %s --check-prefix=PARTS

// CHECK-NOT: rcb.
// CHECK-DAG: llvm.mlir.global internal constant @adfc_native_words_0(dense<[16, 0, -1]> : tensor<3xi32>)
// CHECK-DAG: llvm.mlir.global internal constant @adfc_native_core_programs(dense<[131500, 8, 131500, 8]> : tensor<4xi32>)

// The address of a buffer, which only the platform knows, plus the offset: its low word, then the 16 bits above.
// CHECK-LABEL: llvm.func internal @adfc_native_bind(%arg0: i32, %arg1: i32, %arg2: i64) -> i32
// CHECK: llvm.call @rhal_buffer_address(%arg1, %[[SLOT:.+]]) : (i32, !llvm.ptr) -> i32
// CHECK: %[[BASE:.+]] = llvm.load %[[SLOT]] : !llvm.ptr -> i64
// CHECK: %[[TARGET:.+]] = llvm.add %[[BASE]], %arg2 : i64
// CHECK: %[[LOW:.+]] = llvm.trunc %[[TARGET]] : i64 to i32
// CHECK: llvm.call @rhal_write32(%arg0, %[[LOW]])
// CHECK: %[[BITS:.+]] = llvm.mlir.constant(32 : i64) : i64
// CHECK: %[[UP:.+]] = llvm.lshr %[[TARGET]], %[[BITS]] : i64
// CHECK: %[[HIGH:.+]] = llvm.trunc %[[UP]] : i64 to i32
// CHECK: %[[NEXT:.+]] = llvm.add %arg0, %{{.+}} : i32
// CHECK: %[[MASK:.+]] = llvm.mlir.constant(65535 : i32) : i32
// CHECK: llvm.call @rhal_mask_write32(%[[NEXT]], %[[MASK]], %[[HIGH]])

// CHECK-LABEL: llvm.func internal @adfc_native_poll
// CHECK: llvm.call @rhal_poll(%arg0, %arg1, %arg2, %arg3, %{{.+}}) : (i32, i32, i32, i32, !llvm.ptr) -> i32

// A status that is not 0 is returned at once.
// CHECK-LABEL: llvm.func internal @adfc_native_part_0() -> i32
// CHECK: %[[STATUS:.+]] = llvm.call @rhal_cache_sync(%{{.+}}, %{{.+}}) : (i32, i32) -> i32
// CHECK: %[[ZERO:.+]] = llvm.mlir.constant(0 : i32) : i32
// CHECK: %[[FAILED:.+]] = llvm.icmp "ne" %[[STATUS]], %[[ZERO]] : i32
// CHECK: llvm.cond_br %[[FAILED]], ^[[EXIT:bb.+]](%[[STATUS]] : i32), ^[[GO:bb[0-9]+]]
// CHECK: ^[[GO]]:
// CHECK: llvm.call @rhal_phase(%{{.+}}) : (i32) -> ()
// (2, 3) 0x32000: 2 << 25 | 3 << 20 | 0x32000 = 70459392.
// CHECK: %[[A:.+]] = llvm.mlir.constant(70459392 : i32) : i32
// CHECK: %[[V:.+]] = llvm.mlir.constant(2 : i32) : i32
// CHECK: llvm.call @rhal_write32(%[[A]], %[[V]])
// CHECK: llvm.call @rhal_mask_write32(%{{.+}}, %{{.+}}, %{{.+}}) : (i32, i32, i32) -> i32
// CHECK: %[[WORDS:.+]] = llvm.mlir.addressof @adfc_native_words_0 : !llvm.ptr
// CHECK: %[[COUNT:.+]] = llvm.mlir.constant(3 : i32) : i32
// CHECK: llvm.call @rhal_block_write(%{{.+}}, %[[WORDS]], %[[COUNT]]) : (i32, !llvm.ptr, i32) -> i32
// The value, then the count: the order of adfc/rhal.h.
// CHECK: %[[VALUE:.+]] = llvm.mlir.constant(9 : i32) : i32
// CHECK: %[[TIMES:.+]] = llvm.mlir.constant(17 : i32) : i32
// CHECK: llvm.call @rhal_block_set(%{{.+}}, %[[VALUE]], %[[TIMES]])
// CHECK: llvm.call @adfc_native_poll(
// CHECK: llvm.call @adfc_native_bind(%{{.+}}, %{{.+}}, %{{.+}}) : (i32, i32, i64) -> i32
// CHECK: llvm.call @rhal_barrier() : () -> i32
// The second program is two words behind the first.
// CHECK: %[[ALL:.+]] = llvm.mlir.addressof @adfc_native_core_programs : !llvm.ptr
// CHECK: %[[AT:.+]] = llvm.getelementptr %[[ALL]][0, 2] : (!llvm.ptr) -> !llvm.ptr, !llvm.array<4 x i32>
// CHECK: llvm.call @rhal_load_core(%{{.+}}, %[[AT]], %{{.+}}) : (i32, !llvm.ptr, i32) -> i32
// CHECK: llvm.call @rhal_timestamp(%{{.+}}) : (i32) -> ()
// CHECK: llvm.call @rhal_wait_task(%{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}) : (i32, i32, i32, i32) -> i32
// CHECK: ^[[EXIT]](%[[RESULT:.+]]: i32):
// CHECK: llvm.return %[[RESULT]] : i32

// CHECK-LABEL: llvm.func @adfc_native_program() -> i32
// CHECK: llvm.call @adfc_native_part_0() : () -> i32
// CHECK: llvm.return

// PARTS-LABEL: llvm.func @adfc_native_program() -> i32
// PARTS: llvm.call @adfc_native_part_0() : () -> i32
// PARTS: llvm.call @adfc_native_part_1() : () -> i32
// PARTS: llvm.call @adfc_native_part_2() : () -> i32
// PARTS-NOT: llvm.call
rcb.image @main device "ve2802" input 64 output 64 arena 16384 weights 128 {
  rcb.core_programs [0x201ac, 8, 0x201ac, 8]
  rcb.program {
    rcb.nop
    rcb.cache_sync input mm2s
    rcb.phase 0
    rcb.write32 (2, 3) 0x32000, 2
    rcb.mask_write32 (2, 3) 0x32000, 0x3, 0x1
    rcb.block_write (2, 0) 0x1d000, [0x10, 0, 0xffffffff]
    rcb.block_set (2, 1) 0xb0000, 17, 9
    rcb.mask_poll (2, 3) 0x32004, 0x100000, 0x100000 max 1000
    rcb.bind_buffer (2, 0) 0x1d004, arena + 16380
    rcb.barrier
    rcb.load_core (37, 10) from 8 words 2
    rcb.timestamp 7
    rcb.wait_task (2, 0) s2mm 1 max 1000
    rcb.end
  }
}
