// Descriptors of a resident phase. Where all fit, each chain has its own, and equal chains share theirs; where they do not,
// steps take turns, so that two steps after each other never share one.
// RUN: adf-opt %s -adf-allocate -split-input-file | FileCheck %s

// The endless task comes first; the chains of steps 0 and 2 are equal.
// CHECK-LABEL: adf.program @once
adf.program @once device "ve2802" tiles 1 avoid [] {
  adf.phase @network mode resident layer "" macs 0 {
    adf.step layer "a" kind "add" macs 0 cores 1
    adf.step layer "b" kind "add" macs 0 cores 1
    adf.step layer "c" kind "add" macs 0 cores 1
    %m = adf.tile mem at(2, 1)
    %c = adf.tile core at(2, 3)
    %w = adf.window on %m depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    adf.stream @act from %m to %c
    adf.stream @back from %c to %m
    adf.stream @odd from %m to %c
    // CHECK: step 0
    // CHECK-NEXT: adf.bd {{.*}} offset 0 {{.*}} id 1
    // CHECK-NEXT: adf.bd {{.*}} offset 8 {{.*}} id 2
    adf.dma on %m mm2s channel 0 stream @act step 0 {
      adf.bd %w offset 0 dims [<8 x 1>] acquire <full == 1>
      adf.bd %w offset 8 dims [<8 x 1>] acquire <full == 1>
    }
    // CHECK: step 1
    // CHECK-NEXT: adf.bd {{.*}} offset 8 {{.*}} id 3
    adf.dma on %m mm2s channel 0 stream @act step 1 {
      adf.bd %w offset 8 dims [<8 x 1>] acquire <full == 1>
    }
    // CHECK: step 2
    // CHECK-NEXT: adf.bd {{.*}} offset 0 {{.*}} id 1
    // CHECK-NEXT: adf.bd {{.*}} offset 8 {{.*}} id 2
    adf.dma on %m mm2s channel 0 stream @act step 2 {
      adf.bd %w offset 0 dims [<8 x 1>] acquire <full == 1>
      adf.bd %w offset 8 dims [<8 x 1>] acquire <full == 1>
    }
    // CHECK: endless
    // CHECK-NEXT: adf.bd {{.*}} id 0
    adf.dma on %m s2mm channel 2 stream @back packets endless {
      adf.bd %w offset 0 dims [<16 x 1>] acquire <empty >= 1> release <full + 1>
    }
    // Odd channels of a memory tile have the upper half of its 48 descriptors (AM020).
    // CHECK: channel 1
    // CHECK-NEXT: adf.bd {{.*}} id 24
    adf.dma on %m mm2s channel 1 stream @odd step 0 {
      adf.bd %w offset 0 dims [<8 x 1>] acquire <full == 1>
    }
  }
}

// -----

// A shim has 16: the 7 of step 0 and the 7 of step 1 are apart; step 2's go round the ring from 14 on, past 15 to 0.
// CHECK-LABEL: adf.program @turns
adf.program @turns device "ve2802" tiles 1 avoid [] {
  adf.ddr @y buffer(output) bytes(128) dims [1, 128] valid 128
  adf.phase @network mode resident layer "" macs 0 {
    adf.step layer "a" kind "add" macs 0 cores 1
    adf.step layer "b" kind "add" macs 0 cores 1
    adf.step layer "c" kind "add" macs 0 cores 1
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    adf.stream @in from %m to %s
    // CHECK: step 0
    // CHECK-NEXT: adf.bd {{.*}} offset 0 {{.*}} id 0
    // CHECK: adf.bd {{.*}} offset 6 {{.*}} id 6
    adf.dma on %s s2mm channel 0 stream @in step 0 {
      adf.bd @y offset 0 dims [<1 x 1>]
      adf.bd @y offset 1 dims [<1 x 1>]
      adf.bd @y offset 2 dims [<1 x 1>]
      adf.bd @y offset 3 dims [<1 x 1>]
      adf.bd @y offset 4 dims [<1 x 1>]
      adf.bd @y offset 5 dims [<1 x 1>]
      adf.bd @y offset 6 dims [<1 x 1>]
    }
    // CHECK: step 1
    // CHECK-NEXT: adf.bd {{.*}} offset 7 {{.*}} id 7
    // CHECK: adf.bd {{.*}} offset 13 {{.*}} id 13
    adf.dma on %s s2mm channel 0 stream @in step 1 {
      adf.bd @y offset 7 dims [<1 x 1>]
      adf.bd @y offset 8 dims [<1 x 1>]
      adf.bd @y offset 9 dims [<1 x 1>]
      adf.bd @y offset 10 dims [<1 x 1>]
      adf.bd @y offset 11 dims [<1 x 1>]
      adf.bd @y offset 12 dims [<1 x 1>]
      adf.bd @y offset 13 dims [<1 x 1>]
    }
    // CHECK: step 2
    // CHECK-NEXT: adf.bd {{.*}} offset 14 {{.*}} id 14
    // CHECK-NEXT: adf.bd {{.*}} offset 15 {{.*}} id 15
    // CHECK-NEXT: adf.bd {{.*}} offset 16 {{.*}} id 0
    // CHECK-NEXT: adf.bd {{.*}} offset 17 {{.*}} id 1
    adf.dma on %s s2mm channel 0 stream @in step 2 {
      adf.bd @y offset 14 dims [<1 x 1>]
      adf.bd @y offset 15 dims [<1 x 1>]
      adf.bd @y offset 16 dims [<1 x 1>]
      adf.bd @y offset 17 dims [<1 x 1>]
    }
  }
}

// -----

// More than 16 different ones: what most steps say (offset 31) has number 0 alone, so that it is written once. The others take
// turns in the ring from 1 to 15.
// CHECK-LABEL: adf.program @most_used
adf.program @most_used device "ve2802" tiles 1 avoid [] {
  adf.ddr @y buffer(output) bytes(128) dims [1, 128] valid 128
  adf.phase @network mode resident layer "" macs 0 {
    adf.step layer "a" kind "add" macs 0 cores 1
    adf.step layer "b" kind "add" macs 0 cores 1
    adf.step layer "c" kind "add" macs 0 cores 1
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    adf.stream @in from %m to %s
    // CHECK: step 0
    // CHECK-NEXT: adf.bd {{.*}} offset 0 {{.*}} id 1
    // CHECK: adf.bd {{.*}} offset 5 {{.*}} id 6
    adf.dma on %s s2mm channel 0 stream @in step 0 {
      adf.bd @y offset 0 dims [<1 x 1>]
      adf.bd @y offset 1 dims [<1 x 1>]
      adf.bd @y offset 2 dims [<1 x 1>]
      adf.bd @y offset 3 dims [<1 x 1>]
      adf.bd @y offset 4 dims [<1 x 1>]
      adf.bd @y offset 5 dims [<1 x 1>]
    }
    // CHECK: step 0
    // CHECK-NEXT: adf.bd {{.*}} offset 31 {{.*}} id 0
    adf.dma on %s s2mm channel 0 stream @in step 0 {
      adf.bd @y offset 31 dims [<1 x 1>]
    }
    // CHECK: step 1
    // CHECK-NEXT: adf.bd {{.*}} offset 6 {{.*}} id 7
    // CHECK: adf.bd {{.*}} offset 11 {{.*}} id 12
    adf.dma on %s s2mm channel 0 stream @in step 1 {
      adf.bd @y offset 6 dims [<1 x 1>]
      adf.bd @y offset 7 dims [<1 x 1>]
      adf.bd @y offset 8 dims [<1 x 1>]
      adf.bd @y offset 9 dims [<1 x 1>]
      adf.bd @y offset 10 dims [<1 x 1>]
      adf.bd @y offset 11 dims [<1 x 1>]
    }
    // CHECK: step 2
    // CHECK-NEXT: adf.bd {{.*}} offset 31 {{.*}} id 0
    adf.dma on %s s2mm channel 0 stream @in step 2 {
      adf.bd @y offset 31 dims [<1 x 1>]
    }
    // CHECK: step 2
    // CHECK-NEXT: adf.bd {{.*}} offset 12 {{.*}} id 13
    // CHECK: adf.bd {{.*}} offset 14 {{.*}} id 15
    // CHECK-NEXT: adf.bd {{.*}} offset 15 {{.*}} id 1
    // CHECK: adf.bd {{.*}} offset 17 {{.*}} id 3
    adf.dma on %s s2mm channel 0 stream @in step 2 {
      adf.bd @y offset 12 dims [<1 x 1>]
      adf.bd @y offset 13 dims [<1 x 1>]
      adf.bd @y offset 14 dims [<1 x 1>]
      adf.bd @y offset 15 dims [<1 x 1>]
      adf.bd @y offset 16 dims [<1 x 1>]
      adf.bd @y offset 17 dims [<1 x 1>]
    }
  }
}

// -----

// A descriptor counts its own iterations, so two channels that say the same have one each; without iterations they share it. What is used
// most comes first.
// CHECK-LABEL: adf.program @iterations
adf.program @iterations device "ve2802" tiles 1 avoid [] {
  adf.phase @network mode resident layer "" macs 0 {
    adf.step layer "a" kind "add" macs 0 cores 1
    %m = adf.tile mem at(2, 1)
    %c = adf.tile core at(2, 3)
    %w = adf.window on %m depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    adf.stream @one from %m to %c
    adf.stream @two from %m to %c
    // CHECK: channel 0
    // CHECK-NEXT: adf.bd {{.*}} id 1
    adf.dma on %m mm2s channel 0 stream @one repeat 2 step 0 {
      adf.bd %w offset 0 dims [<8 x 1>] iteration <2 x 8> acquire <full == 1>
    }
    // CHECK: channel 2
    // CHECK-NEXT: adf.bd {{.*}} id 2
    adf.dma on %m mm2s channel 2 stream @two repeat 2 step 0 {
      adf.bd %w offset 0 dims [<8 x 1>] iteration <2 x 8> acquire <full == 1>
    }
    // CHECK: channel 0
    // CHECK-NEXT: adf.bd {{.*}} id 0
    adf.dma on %m mm2s channel 0 stream @one step 0 {
      adf.bd %w offset 4 dims [<8 x 1>] acquire <full == 1>
    }
    // CHECK: channel 2
    // CHECK-NEXT: adf.bd {{.*}} id 0
    adf.dma on %m mm2s channel 2 stream @two step 0 {
      adf.bd %w offset 4 dims [<8 x 1>] acquire <full == 1>
    }
  }
}

// -----

// What step 0 needs is written once, as nothing is at work while control sets it up: 2 of the shim's 16 descriptors are its
// own, and the other 14 do for the 7 of two steps after each other, which take turns.
// CHECK-LABEL: adf.program @start
adf.program @start device "ve2802" tiles 1 avoid [] {
  adf.ddr @y buffer(output) bytes(128) dims [1, 128] valid 128
  adf.phase @network mode resident layer "" macs 0 {
    adf.step layer "a" kind "add" macs 0 cores 1
    adf.step layer "b" kind "add" macs 0 cores 1
    adf.step layer "c" kind "add" macs 0 cores 1
    adf.step layer "d" kind "add" macs 0 cores 1
    %s = adf.tile shim at(2, 0)
    %m = adf.tile mem at(2, 1)
    adf.stream @in from %m to %s
    // CHECK: step 0
    // CHECK-NEXT: adf.bd {{.*}} offset 0 {{.*}} id 0
    // CHECK: adf.bd {{.*}} offset 1 {{.*}} id 1
    adf.dma on %s s2mm channel 0 stream @in step 0 {
      adf.bd @y offset 0 dims [<1 x 1>]
      adf.bd @y offset 1 dims [<1 x 1>]
    }
    // CHECK: step 1
    // CHECK-NEXT: adf.bd {{.*}} offset 2 {{.*}} id 2
    // CHECK: adf.bd {{.*}} offset 8 {{.*}} id 8
    adf.dma on %s s2mm channel 0 stream @in step 1 {
      adf.bd @y offset 2 dims [<1 x 1>]
      adf.bd @y offset 3 dims [<1 x 1>]
      adf.bd @y offset 4 dims [<1 x 1>]
      adf.bd @y offset 5 dims [<1 x 1>]
      adf.bd @y offset 6 dims [<1 x 1>]
      adf.bd @y offset 7 dims [<1 x 1>]
      adf.bd @y offset 8 dims [<1 x 1>]
    }
    // CHECK: step 2
    // CHECK-NEXT: adf.bd {{.*}} offset 9 {{.*}} id 9
    // CHECK: adf.bd {{.*}} offset 15 {{.*}} id 15
    adf.dma on %s s2mm channel 0 stream @in step 2 {
      adf.bd @y offset 9 dims [<1 x 1>]
      adf.bd @y offset 10 dims [<1 x 1>]
      adf.bd @y offset 11 dims [<1 x 1>]
      adf.bd @y offset 12 dims [<1 x 1>]
      adf.bd @y offset 13 dims [<1 x 1>]
      adf.bd @y offset 14 dims [<1 x 1>]
      adf.bd @y offset 15 dims [<1 x 1>]
    }
    // CHECK: step 3
    // CHECK-NEXT: adf.bd {{.*}} offset 16 {{.*}} id 2
    // CHECK: adf.bd {{.*}} offset 22 {{.*}} id 8
    adf.dma on %s s2mm channel 0 stream @in step 3 {
      adf.bd @y offset 16 dims [<1 x 1>]
      adf.bd @y offset 17 dims [<1 x 1>]
      adf.bd @y offset 18 dims [<1 x 1>]
      adf.bd @y offset 19 dims [<1 x 1>]
      adf.bd @y offset 20 dims [<1 x 1>]
      adf.bd @y offset 21 dims [<1 x 1>]
      adf.bd @y offset 22 dims [<1 x 1>]
    }
  }
}
