//===- Lifetimes.cpp ------------------------------------------------------===//
#include "Transforms/Phase/Lifetimes.h"

using namespace mlir;
using namespace adfc;

Lifetimes adfc::lifetimesOf(adf::ProgramOp program) {
  Lifetimes lives;
  SymbolTable symbols(program);
  int index = 0;
  for (auto phase : program.getBody().getOps<adf::PhaseOp>()) {
    phase.walk([&](adf::BDOp bd) {
      if (!bd.getDdrAttr())
        return;
      if (auto ddr = symbols.lookup<adf::DDROp>(bd.getDdrAttr().getAttr())) {
        auto [it, added] = lives.try_emplace(ddr, index, index);
        it->second.second = index;
      }
    });
    ++index;
  }
  return lives;
}
