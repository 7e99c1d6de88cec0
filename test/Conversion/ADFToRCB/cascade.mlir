// A cascade as register writes: AM025's Accumulator_Control, bit 0 input from west, bit 1 output to east.
// RUN: adf-opt %s -adf-verify-placed -convert-adf-to-rcb -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: rcb.image @chain
adf.program @chain device "ve2802" tiles 3 avoid [] {
  adf.kernel @k kind "add" config {}
  adf.ddr @x buffer(input) bytes(64) offset(0) dims [64] valid 64
  adf.ddr @y buffer(output) bytes(64) offset(0) dims [64] valid 64
  // Calls: from the north into window 0x40000000, to the east from 0x40000001 (spec/core_program.toml).
  // CHECK: rcb.core_programs [0x601ac, 0x107, 0x0, 0xa, 0x40000001, 0x8, 0x701ac, 0x207, 0x0, 0xa, 0x40000000, 0x40000001, 0x8, 0x601ac, 0x107, 0x0, 0xa, 0x40000000, 0x8]
  // CHECK: rcb.write32 (6, 3) 0x36060, 0x2
  // CHECK-NEXT: rcb.write32 (6, 4) 0x36060, 0x0
  // CHECK-NEXT: rcb.write32 (7, 3) 0x36060, 0x1
  adf.phase @p layer "p" macs 0 {
    %a = adf.tile core at(6, 4)
    %b = adf.tile core at(6, 3)
    %c = adf.tile core at(7, 3)
    %s = adf.tile shim at(6, 0)
    %m = adf.tile mem at(6, 1)
    %w = adf.window on %m depth 1 bytes 64 address 0 stride 64 locks [0, 1]
    %k = adf.cascade from %a to %b bytes 64
    %l = adf.cascade from %b to %c bytes 64
    adf.stream @in from %s to %m
    adf.stream @out from %m to %s
    adf.dma on %s mm2s channel 0 stream @in { adf.bd @x offset 0 dims [<16 x 1>] id 0 }
    adf.dma on %m s2mm channel 0 stream @in {
      adf.bd %w offset 0 dims [<16 x 1>] acquire <empty >= 1> release <full + 1> id 0
    }
    adf.dma on %m mm2s channel 0 stream @out {
      adf.bd %w offset 0 dims [<16 x 1>] acquire <full >= 1> release <empty + 1> id 1
    }
    adf.dma on %s s2mm channel 0 stream @out token { adf.bd @y offset 0 dims [<16 x 1>] id 1 }
    adf.core on %a { adf.call @k(%k : !adf.cascade) immediates [] cycles 10 }
    adf.core on %b { adf.call @k(%k, %l : !adf.cascade, !adf.cascade) immediates [] cycles 10 }
    adf.core on %c { adf.call @k(%l : !adf.cascade) immediates [] cycles 10 }
    adf.connect at(6, 0) from <south 3> to <north 0> stream @in
    adf.connect at(6, 1) from <south 0> to <dma 0> stream @in
    adf.connect at(6, 1) from <dma 0> to <south 0> stream @out
    adf.connect at(6, 0) from <north 0> to <south 2> stream @out
  }
}

// -----

adf.program @apart device "ve2802" tiles 2 avoid [] {
  adf.phase @p layer "p" macs 0 {
    %a = adf.tile core at(6, 4)
    %b = adf.tile core at(6, 5)
    // expected-error @+1 {{leads from (6, 4) to (6, 5), which is neither its southern nor its eastern neighbour}}
    %k = adf.cascade from %a to %b bytes 64
  }
}

// -----

adf.program @unequal device "ve2802" tiles 2 avoid [] {
  adf.kernel @k kind "add" config {}
  adf.phase @p layer "p" macs 0 {
    %a = adf.tile core at(6, 4)
    %b = adf.tile core at(6, 3)
    // expected-error @+1 {{is sent to by 6 calls and received from by 1: each call of one core needs one of the other}}
    %k = adf.cascade from %a to %b bytes 64
    adf.core on %a {
      adf.loop 2 { adf.loop 3 { adf.call @k(%k : !adf.cascade) immediates [] cycles 10 } }
    }
    adf.core on %b { adf.call @k(%k : !adf.cascade) immediates [] cycles 10 }
  }
}
