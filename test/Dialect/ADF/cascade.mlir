// Cascades: as text, and what is wrong with one.
// RUN: adf-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: adf.program @good
adf.program @good device "ve2802" tiles 2 avoid [] {
  adf.kernel @send kind "add" config {}
  adf.phase @p layer "p" macs 0 {
    %a = adf.tile core
    %b = adf.tile core
    // CHECK: %[[K:.*]] = adf.cascade from %{{.*}} to %{{.*}} bytes 1024
    %k = adf.cascade from %a to %b bytes 1024
    adf.core on %a {
      // CHECK: adf.call @send(%[[K]] : !adf.cascade) immediates [] cycles 10
      adf.call @send(%k : !adf.cascade) immediates [] cycles 10
    }
    adf.core on %b {
      adf.call @send(%k : !adf.cascade) immediates [] cycles 10
    }
  }
}

// -----

adf.program @kinds device "ve2802" tiles 2 avoid [] {
  adf.phase @p layer "p" macs 0 {
    %a = adf.tile core
    %m = adf.tile mem
    // expected-error @+1 {{joins core tiles only}}
    %k = adf.cascade from %a to %m bytes 64
  }
}

// -----

adf.program @bytes device "ve2802" tiles 2 avoid [] {
  adf.phase @p layer "p" macs 0 {
    %a = adf.tile core
    %b = adf.tile core
    // expected-error @+1 {{'bytes' is 96: must be a multiple of 64 (512 bits), at most 16384; send less in each call}}
    %k = adf.cascade from %a to %b bytes 96
  }
}

// -----

adf.program @two device "ve2802" tiles 3 avoid [] {
  adf.phase @p layer "p" macs 0 {
    %a = adf.tile core
    %b = adf.tile core
    %c = adf.tile core
    %k = adf.cascade from %a to %c bytes 64
    // expected-error @+1 {{is the second cascade into a core: it has one}}
    %l = adf.cascade from %b to %c bytes 64
  }
}

// -----

adf.program @foreign device "ve2802" tiles 3 avoid [] {
  adf.kernel @k kind "add" config {}
  adf.phase @p layer "p" macs 0 {
    %a = adf.tile core
    %b = adf.tile core
    %c = adf.tile core
    %k = adf.cascade from %a to %b bytes 64
    adf.core on %c {
      // expected-error @+1 {{uses a cascade that is not its core's}}
      adf.call @k(%k : !adf.cascade) immediates [] cycles 1
    }
  }
}
