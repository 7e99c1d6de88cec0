//===- LegalizeViews.cpp - the pass adf-legalize-views --------------------===//
#include "Transforms/LegalizeViews/LegalizeViewsPass.h"
#include "Transforms/LegalizeViews/Views.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace adfc;

namespace adfc {
#define GEN_PASS_DEF_ADFLEGALIZEVIEWS
#include "Transforms/LegalizeViews/LegalizeViewsPasses.h.inc"
} // namespace adfc

namespace {

class Legalizer {
public:
  explicit Legalizer(adf::GraphOp graph) : graph(graph) {
    for (auto kernel : graph.getBody().getOps<adf::KernelOpInterface>())
      layers.insert(kernel.getLayer());
  }

  void run() {
    Block &block = graph.getBody().front();
    legalizeOutputs(cast<adf::OutputOp>(block.getTerminator()));
    // From the end, so that a part's own place is known before its parts are looked at.
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
      if (auto reshape = dyn_cast<adf::ReshapeOp>(op)) {
        // Constants that are no single image lie as adf-tile stores them.
        auto type = cast<RankedTensorType>(reshape.getInput().getType());
        bool isImage = type.getRank() == 4 && type.getDimSize(0) == 1;
        if (reshape.getInput().getDefiningOp<adf::SliceOp>() ||
            (isImage && reshape.getInput().getDefiningOp<adf::ConstantOp>()))
          copy(reshape->getOpOperand(0), "reshape");
      } else if (auto assemble = dyn_cast<adf::AssembleOp>(op)) {
        for (OpOperand &part : assemble->getOpOperands())
          if (placeOf(part.get()) != &part)
            copy(part, assemble.getLayer());
      }
    }
  }

private:
  /// Outputs are tensors of their own, each given once.
  void legalizeOutputs(adf::OutputOp output) {
    llvm::SmallDenseSet<Value> given;
    for (OpOperand &use : output->getOpOperands()) {
      Operation *reshape = nullptr;
      Value root = use.get();
      while (auto op = root.getDefiningOp<adf::ReshapeOp>()) {
        reshape = op;
        root = op.getInput();
      }
      bool own = isa_and_nonnull<adf::KernelOpInterface, adf::AssembleOp>(root.getDefiningOp());
      if (own && given.insert(root).second)
        continue;
      if (cast<RankedTensorType>(root.getType()).getRank() != 4)
        continue; // an input: adf-tile says so
      OpBuilder builder(output);
      Value copied = makeCopy(builder, root, "output");
      if (reshape) {
        auto shaped = adf::ReshapeOp::create(builder, output.getLoc(), use.get().getType(), copied);
        use.set(shaped);
      } else {
        use.set(copied);
      }
    }
  }

  void copy(OpOperand &use, StringRef layer) {
    OpBuilder builder(use.getOwner());
    use.set(makeCopy(builder, use.get(), layer));
  }

  Value makeCopy(OpBuilder &builder, Value value, StringRef layer) {
    std::string name = (layer + ".copy").str();
    for (unsigned i = 1; !layers.insert(name).second; ++i)
      name = (layer + ".copy_" + Twine(i)).str();
    return adf::CopyOp::create(builder, builder.getInsertionPoint()->getLoc(), value.getType(),
                               name, value, adf::ScheduleAttr());
  }

  adf::GraphOp graph;
  llvm::StringSet<> layers;
};

struct LegalizeViewsPass : adfc::impl::ADFLegalizeViewsBase<LegalizeViewsPass> {
  void runOnOperation() override {
    for (auto graph : getOperation().getOps<adf::GraphOp>())
      Legalizer(graph).run();
  }
};

} // namespace
