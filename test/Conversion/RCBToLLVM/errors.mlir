// RUN: adf-opt %s -convert-rcb-to-llvm -split-input-file -verify-diagnostics

// expected-error @+1 {{must hold exactly one rcb.image to become a native program, not 0}}
module {
}

// -----

// expected-error @+1 {{must hold exactly one rcb.image to become a native program, not 2}}
module {
  rcb.image @a device "ve2802" input 0 output 0 arena 0 weights 0 {
    rcb.core_programs []
    rcb.program { rcb.end }
  }
  rcb.image @b device "ve2802" input 0 output 0 arena 0 weights 0 {
    rcb.core_programs []
    rcb.program { rcb.end }
  }
}
