// Writes of what stands already go, neighbours become blocks.
// RUN: adf-opt %s -rcb-simplify -split-input-file | FileCheck %s

// Switch registers: the first writes stay, for what stood before is unknown. Near ones become one block: the two words in
// between are known to be 0. A write of the same value later is dropped, a write of another one is not.
// CHECK-LABEL: rcb.image @switches
// CHECK: rcb.program {
// CHECK-NEXT: rcb.block_set (2, 3) 0x3f000, 23, 0x0
// CHECK-NEXT: rcb.phase 0
// CHECK-NEXT: rcb.block_write (2, 3) 0x3f004, [0x80000005, 0x0, 0x0, 0x80000006]
// CHECK-NEXT: rcb.write32 (2, 3) 0x3f114, 0x80000000
// CHECK-NEXT: rcb.phase 1
// CHECK-NEXT: rcb.write32 (2, 3) 0x3f004, 0x80000006
// CHECK-NEXT: rcb.end
rcb.image @switches device "ve2802" input 64 output 64 arena 0 weights 0 {
  rcb.core_programs []
  rcb.program {
    rcb.block_set (2, 3) 0x3f000, 23, 0x0
    rcb.phase 0
    rcb.write32 (2, 3) 0x3f114, 0x80000000
    rcb.write32 (2, 3) 0x3f010, 0x80000006
    rcb.write32 (2, 3) 0x3f004, 0x80000005
    rcb.phase 1
    rcb.write32 (2, 3) 0x3f004, 0x80000006
    rcb.write32 (2, 3) 0x3f010, 0x80000006
    rcb.write32 (2, 3) 0x3f114, 0x80000000
    rcb.end
  }
}

// -----

// What the array changes or acts on is written as often as it stands there: queues, locks, core control.
// CHECK-LABEL: rcb.image @volatile
// CHECK: rcb.program {
// CHECK-NEXT: rcb.write32 (2, 3) 0x1de04, 0x0
// CHECK-NEXT: rcb.write32 (2, 3) 0x1de04, 0x0
// CHECK-NEXT: rcb.write32 (2, 3) 0x1f000, 0x2
// CHECK-NEXT: rcb.write32 (2, 3) 0x1f000, 0x2
// CHECK-NEXT: rcb.write32 (2, 3) 0x32000, 0x1
// CHECK-NEXT: rcb.write32 (2, 3) 0x32000, 0x1
// CHECK-NEXT: rcb.end
rcb.image @volatile device "ve2802" input 64 output 64 arena 0 weights 0 {
  rcb.core_programs []
  rcb.program {
    rcb.write32 (2, 3) 0x1de04, 0x0
    rcb.write32 (2, 3) 0x1de04, 0x0
    rcb.write32 (2, 3) 0x1f000, 0x2
    rcb.write32 (2, 3) 0x1f000, 0x2
    rcb.write32 (2, 3) 0x32000, 0x1
    rcb.write32 (2, 3) 0x32000, 0x1
    rcb.end
  }
}

// -----

// A descriptor that does not iterate stands until it is changed, and then only what changes is written. Word 4 of a core's
// descriptor holds the iteration: where it iterates, that word is written anew, for the array counts in it (AM025).
// CHECK-LABEL: rcb.image @descriptors
// CHECK: rcb.program {
// CHECK-NEXT: rcb.block_write (2, 3) 0x1d000, [0x10, 0x0, 0x0, 0x0, 0x0, 0x2000000]
// CHECK-NEXT: rcb.block_write (2, 3) 0x1d020, [0x10, 0x0, 0x0, 0x0, 0x2000, 0x2000000]
// CHECK-NEXT: rcb.phase 1
// CHECK-NEXT: rcb.write32 (2, 3) 0x1d030, 0x2000
// CHECK-NEXT: rcb.phase 2
// CHECK-NEXT: rcb.write32 (2, 3) 0x1d000, 0x20
// CHECK-NEXT: rcb.end
rcb.image @descriptors device "ve2802" input 64 output 64 arena 0 weights 0 {
  rcb.core_programs []
  rcb.program {
    rcb.block_write (2, 3) 0x1d000, [0x10, 0x0, 0x0, 0x0, 0x0, 0x2000000]
    rcb.block_write (2, 3) 0x1d020, [0x10, 0x0, 0x0, 0x0, 0x2000, 0x2000000]
    rcb.phase 1
    rcb.block_write (2, 3) 0x1d000, [0x10, 0x0, 0x0, 0x0, 0x0, 0x2000000]
    rcb.block_write (2, 3) 0x1d020, [0x10, 0x0, 0x0, 0x0, 0x2000, 0x2000000]
    rcb.phase 2
    rcb.block_write (2, 3) 0x1d000, [0x20, 0x0, 0x0, 0x0, 0x0, 0x2000000]
    rcb.end
  }
}

// -----

// Bound addresses: the same binding of the same descriptor goes; another one is bound anew, and the words around it are
// left alone; a length that changes beside a binding that stays is written without touching the address.
// CHECK-LABEL: rcb.image @bindings
// CHECK: rcb.program {
// CHECK-NEXT: rcb.block_write (2, 0) 0x1d000, [0x10, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x2000000]
// CHECK-NEXT: rcb.bind_buffer (2, 0) 0x1d004, input + 0
// CHECK-NEXT: rcb.phase 1
// CHECK-NEXT: rcb.phase 2
// CHECK-NEXT: rcb.bind_buffer (2, 0) 0x1d004, input + 4
// CHECK-NEXT: rcb.phase 3
// CHECK-NEXT: rcb.write32 (2, 0) 0x1d000, 0x20
// CHECK-NEXT: rcb.write32 (2, 0) 0x1d01c, 0x6000000
// CHECK-NEXT: rcb.end
rcb.image @bindings device "ve2802" input 64 output 64 arena 0 weights 0 {
  rcb.core_programs []
  rcb.program {
    rcb.block_write (2, 0) 0x1d000, [0x10, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x2000000]
    rcb.bind_buffer (2, 0) 0x1d004, input + 0
    rcb.phase 1
    rcb.block_write (2, 0) 0x1d000, [0x10, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x2000000]
    rcb.bind_buffer (2, 0) 0x1d004, input + 0
    rcb.phase 2
    rcb.block_write (2, 0) 0x1d000, [0x10, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x2000000]
    rcb.bind_buffer (2, 0) 0x1d004, input + 4
    rcb.phase 3
    rcb.block_write (2, 0) 0x1d000, [0x20, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x6000000]
    rcb.bind_buffer (2, 0) 0x1d004, input + 4
    rcb.end
  }
}

// -----

// Descriptors of shims and memory tiles follow each other without a gap: one block. A masked write makes its register unknown.
// A core program that stands in its tile is not loaded again.
// CHECK-LABEL: rcb.image @blocks
// CHECK: rcb.program {
// CHECK-NEXT: rcb.block_write (2, 1) 0xa0000, [0x10, 0x20000, 0x0, 0x0, 0x0, 0x0, 0x0, 0x80000000, 0x20, 0x20010, 0x0, 0x0, 0x0, 0x0, 0x0, 0x80000000]
// CHECK-NEXT: rcb.load_core (2, 3) from 0 words 2
// CHECK-NEXT: rcb.mask_write32 (2, 1) 0xa0000, 0xff, 0x0
// CHECK-NEXT: rcb.write32 (2, 1) 0xa0000, 0x10
// CHECK-NEXT: rcb.load_core (2, 3) from 8 words 2
// CHECK-NEXT: rcb.end
rcb.image @blocks device "ve2802" input 64 output 64 arena 0 weights 0 {
  rcb.core_programs [0x201ac, 0x8, 0x201ac, 0x8]
  rcb.program {
    rcb.block_write (2, 1) 0xa0020, [0x20, 0x20010, 0x0, 0x0, 0x0, 0x0, 0x0, 0x80000000]
    rcb.block_write (2, 1) 0xa0000, [0x10, 0x20000, 0x0, 0x0, 0x0, 0x0, 0x0, 0x80000000]
    rcb.load_core (2, 3) from 0 words 2
    rcb.mask_write32 (2, 1) 0xa0000, 0xff, 0x0
    rcb.write32 (2, 1) 0xa0000, 0x10
    rcb.write32 (2, 1) 0xa0004, 0x20000
    rcb.load_core (2, 3) from 0 words 2
    rcb.load_core (2, 3) from 8 words 2
    rcb.end
  }
}
