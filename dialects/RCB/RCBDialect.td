// The rcb dialect itself.
#ifndef ADFC_RCB_DIALECT_TD
#define ADFC_RCB_DIALECT_TD

include "mlir/IR/DialectBase.td"
include "mlir/IR/OpBase.td"

def RCB_Dialect : Dialect {
  let name = "rcb";
  let cppNamespace = "::adfc::rcb";
  let summary = "runtime control blocks: a linear control program for a tile array";
  let description = [{
    One operation for each instruction of `spec/rcb.toml`, and an `rcb.image` that holds a program together with what it
    needs: weights, core programs, the kernels they call, inputs and outputs.

    Programs are linear: no values, no branches; every wait has a bound. Operations and bytes correspond one to one.

    See `docs/Dialects/RCB/RationaleRCB.md` for why it is as it is.
  }];
}

class RCB_Op<string mnemonic, list<Trait> traits = []> : Op<RCB_Dialect, mnemonic, traits>;

#endif // ADFC_RCB_DIALECT_TD
