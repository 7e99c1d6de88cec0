// An image with a program that loads and one that runs, printed and read again.
// RUN: adf-opt %s | adf-opt | FileCheck %s
// RUN: adf-opt %s -rcb-simplify | FileCheck %s --check-prefix=SIMPLE
// RUN: adf-opt %s -convert-rcb-to-llvm | FileCheck %s --check-prefix=LLVM

// CHECK-LABEL: rcb.image @main
rcb.image @main device "ve2802" input 64 output 64 arena 0 weights 0 {
  // CHECK: rcb.program load {
  // CHECK-NEXT: rcb.write32 (2, 3) 0x3f000, 0x80000001
  // CHECK: rcb.end
  // CHECK: rcb.program {
  // CHECK-NEXT: rcb.write32 (2, 3) 0x3f000, 0x80000001
  // CHECK: rcb.end

  // What the first one left need not stand when the second is played again: each begins with nothing known.
  // SIMPLE: rcb.program load {
  // SIMPLE-NEXT: rcb.write32 (2, 3) 0x3f000, 0x80000001
  // SIMPLE-NEXT: rcb.load_core (2, 3) from 0 words 2
  // SIMPLE-NEXT: rcb.end
  // SIMPLE: rcb.program {
  // SIMPLE-NEXT: rcb.write32 (2, 3) 0x3f000, 0x80000001
  // SIMPLE-NEXT: rcb.load_core (2, 3) from 0 words 2
  // SIMPLE-NEXT: rcb.phase 0
  // SIMPLE-NEXT: rcb.end

  // LLVM-DAG: llvm.func @adfc_native_load() -> i32
  // LLVM-DAG: llvm.func @adfc_native_program() -> i32
  rcb.program load {
    rcb.write32 (2, 3) 0x3f000, 0x80000001
    rcb.load_core (2, 3) from 0 words 2
    rcb.load_core (2, 3) from 0 words 2
    rcb.end
  }
  rcb.program {
    rcb.write32 (2, 3) 0x3f000, 0x80000001
    rcb.load_core (2, 3) from 0 words 2
    rcb.phase 0
    rcb.write32 (2, 3) 0x3f000, 0x80000001
    rcb.end
  }
  rcb.core_programs [0x201ac, 0x8]
}
