//===- TosaToADF.cpp - the pass convert-tosa-to-adf -----------------------===//
#include "Conversion/TosaToADF/TosaToADF.h"
#include "ADF/ADFOps.h"
#include "Conversion/TosaToADF/Diagnose.h"
#include "Conversion/TosaToADF/KernelPatterns.h"
#include "Conversion/TosaToADF/LayerNames.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace adfc;

namespace adfc {
#define GEN_PASS_DEF_CONVERTTOSATOADF
#include "Conversion/TosaToADF/TosaToADFPasses.h.inc"
} // namespace adfc

/// Inputs and outputs must be int8 tensors of static shape.
static LogicalResult checkSignature(func::FuncOp func) {
  auto check = [&](StringRef what, unsigned index, Type type) -> LogicalResult {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (tensor && tensor.hasStaticShape() && tensor.getRank() > 0 &&
        tensor.getElementType().isSignlessInteger(8))
      return success();
    return func.emitError() << what << " " << index << " of @" << func.getName() << " is " << type
                            << ": it must be an int8 tensor of static shape";
  };
  for (auto [index, type] : llvm::enumerate(func.getArgumentTypes()))
    if (failed(check("input", index, type)))
      return failure();
  for (auto [index, type] : llvm::enumerate(func.getResultTypes()))
    if (failed(check("output", index, type)))
      return failure();
  return success();
}

/// The function's body under a new adf.graph.
static FailureOr<adf::GraphOp> moveToGraph(func::FuncOp func) {
  if (func.isExternal() || !func.getBody().hasOneBlock())
    return func.emitError() << "@" << func.getName() << " must have a body of one block";
  OpBuilder builder(func);
  auto graph = adf::GraphOp::create(builder, func.getLoc(), func.getName(), func.getFunctionType());
  if (func.getArgAttrsAttr())
    graph.setArgAttrsAttr(func.getArgAttrsAttr());
  if (func.getResAttrsAttr())
    graph.setResAttrsAttr(func.getResAttrsAttr());
  graph.getBody().takeBody(func.getBody());
  Operation *end = graph.getBody().front().getTerminator();
  builder.setInsertionPoint(end);
  adf::OutputOp::create(builder, end->getLoc(), end->getOperands());
  end->erase();
  func.erase();
  return graph;
}

namespace {

struct ConvertTosaToADFPass : adfc::impl::ConvertTosaToADFBase<ConvertTosaToADFPass> {
  void runOnOperation() override {
    for (auto func : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (failed(convert(func)))
        return signalPassFailure();
  }

private:
  LogicalResult rewrite(adf::GraphOp graph, function_ref<void(RewritePatternSet &)> populate) {
    RewritePatternSet patterns(&getContext());
    populate(patterns);
    // Weights are megabytes: nothing of them is folded or compared.
    GreedyRewriteConfig config;
    config.enableFolding(false).enableConstantCSE(false);
    if (failed(applyPatternsGreedily(graph, std::move(patterns), config)))
      return graph.emitError("fusion did not come to an end");
    return success();
  }

  LogicalResult convert(func::FuncOp func) {
    if (failed(checkSignature(func)))
      return failure();
    FailureOr<adf::GraphOp> graph = moveToGraph(func);
    if (failed(graph))
      return failure();
    // A clamp is a table of its own only where no kernel takes it in: so tables come last.
    for (auto populate : {populateTosaToADFPatterns, populateTablePatterns})
      if (failed(rewrite(*graph, populate)))
        return failure();
    if (failed(diagnoseLeftovers(*graph)))
      return failure();
    makeLayerNamesUnique(*graph);
    return success();
  }
};

} // namespace
