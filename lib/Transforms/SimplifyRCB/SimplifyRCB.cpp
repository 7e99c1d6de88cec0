//===- SimplifyRCB.cpp - rcb-simplify -------------------------------------===//
#include "Transforms/SimplifyRCB/SimplifyRCB.h"

#include "Transforms/SimplifyRCB/WriteRun.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace adfc;

namespace adfc {
#define GEN_PASS_DEF_RCBSIMPLIFY
#include "Transforms/SimplifyRCB/SimplifyRCBPasses.h.inc"
} // namespace adfc

namespace {

uint64_t writtenWords(Operation &op) {
  return llvm::TypeSwitch<Operation *, uint64_t>(&op)
      .Case<rcb::Write32Op, rcb::MaskWrite32Op>([](auto) { return 1; })
      .Case([](rcb::BlockWriteOp w) { return w.getWords().size(); })
      .Case([](rcb::BlockSetOp w) { return w.getCount(); })
      .Case([](rcb::BindBufferOp) { return 2; })
      .Default([](Operation *) { return 0; });
}

struct SimplifyPass : adfc::impl::RCBSimplifyBase<SimplifyPass> {
  using RCBSimplifyBase::RCBSimplifyBase;

  void runOnOperation() override {
    for (auto image : getOperation().getOps<rcb::ImageOp>())
      for (auto program : image.getBody().getOps<rcb::ProgramOp>())
        simplify(image, program.getBody().front());
  }

  /// What a program finds at its start is unknown: one that runs follows a load or a run of itself.
  void simplify(rcb::ImageOp image, Block &body) {
    RegisterMap registers(*DeviceModel::find(image.getDevice()));
    WriteRun run(registers);
    // The program that stands in each core tile: its place among the core programs.
    std::map<uint32_t, std::pair<uint32_t, uint32_t>> loaded;
    OpBuilder builder(image);
    for (Operation &op : llvm::make_early_inc_range(body)) {
      wordsBefore += writtenWords(op);
      if (run.take(op))
        continue;
      builder.setInsertionPoint(&op);
      run.flush(builder);
      // `op` may be a bind that the run, now flushed, makes understandable.
      if (run.take(op))
        continue;
      run.forget(op);
      if (auto load = dyn_cast<rcb::LoadCoreOp>(op)) {
        std::pair program(load.getOffset(), load.getWords());
        if (auto [it, added] = loaded.try_emplace(load.getTile(), program); !added) {
          bool stands = it->second == program;
          it->second = program;
          if (stands)
            op.erase();
        }
      }
    }
    for (Operation &op : body)
      wordsAfter += writtenWords(op);
  }
};

} // namespace
