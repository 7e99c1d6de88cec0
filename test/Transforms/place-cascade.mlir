// Cores that are joined by a cascade become neighbours: the next one south or east (AM020).
// RUN: adf-opt %s -adf-place -split-input-file -verify-diagnostics | FileCheck %s

// The wish at (6, 5) holds; from there south first.
// CHECK-LABEL: adf.program @chain
adf.program @chain device "ve2802" tiles 3 avoid [] {
  adf.phase @p layer "p" macs 0 {
    // CHECK: adf.tile core at(6, 5)
    // CHECK: adf.tile core at(6, 4)
    // CHECK: adf.tile core at(6, 3)
    // CHECK: adf.tile core at(7, 3)
    %a = adf.tile core at(6, 5)
    %b = adf.tile core
    %c = adf.tile core
    %d = adf.tile core
    %k = adf.cascade from %a to %b bytes 64
    %l = adf.cascade from %b to %c bytes 64
    %m = adf.cascade from %c to %d bytes 64
  }
}

// -----

// The tile to the south is to be avoided: east.
// CHECK-LABEL: adf.program @around
adf.program @around device "ve2802" tiles 2 avoid [(6, 4)] {
  adf.phase @p layer "p" macs 0 {
    // CHECK: adf.tile core at(7, 5)
    %a = adf.tile core at(6, 5)
    %b = adf.tile core
    %k = adf.cascade from %a to %b bytes 64
  }
}

// -----

adf.program @nowhere device "ve2802" tiles 2 avoid [] {
  adf.phase @p layer "p" macs 0 {
    // expected-error @+1 {{phase "p": there is no place on ve2802 for the cascade that begins at this core: each next core must be the southern or the eastern neighbour of the one before}}
    %a = adf.tile core at(37, 3)
    %b = adf.tile core
    %k = adf.cascade from %a to %b bytes 64
  }
}
