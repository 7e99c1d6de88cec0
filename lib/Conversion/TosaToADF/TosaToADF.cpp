//===- TosaToADF.cpp - the pass convert-tosa-to-adf -----------------------===//
#include "Conversion/TosaToADF/TosaToADF.h"
#include "ADF/ADFOps.h"
#include "Conversion/TosaToADF/Diagnose.h"
#include "Conversion/TosaToADF/KernelPatterns.h"
#include "Conversion/TosaToADF/LayerNames.h"
#include "Conversion/TosaToADF/SequencePatterns.h"
#include "Conversion/TosaToADF/WideTensors.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace adfc;

namespace adfc {
#define GEN_PASS_DEF_CONVERTTOSATOADF
#include "Conversion/TosaToADF/TosaToADFPasses.h.inc"
} // namespace adfc

static bool isIndices(Type type) { return getElementTypeOrSelf(type).isSignlessInteger(32); }

/// Inputs and outputs must be int8 tensors of static shape, or int32 indices; outputs may be
/// int16.
static LogicalResult checkSignature(func::FuncOp func) {
  auto check = [&](StringRef what, unsigned index, Type type) -> LogicalResult {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (tensor && tensor.hasStaticShape() && tensor.getRank() > 0 &&
        (tensor.getElementType().isSignlessInteger(8) || (what == "input" && isIndices(tensor)) ||
         (what == "output" && (isWide(tensor) || isIndices(tensor)))))
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

/// Makes each int32 argument one of four int8 channels: its bytes. Its uses read it through a cast.
static void splitIndices(adf::GraphOp graph) {
  auto types = llvm::to_vector(graph.getArgumentTypes());
  for (BlockArgument argument : graph.getBody().getArguments()) {
    if (!isIndices(argument.getType()))
      continue;
    auto type = cast<RankedTensorType>(argument.getType());
    OpBuilder builder(graph.getContext());
    auto bytes = RankedTensorType::get({1, type.getNumElements(), 1, 4}, builder.getI8Type());
    builder.setInsertionPointToStart(&graph.getBody().front());
    argument.setType(bytes);
    auto cast = UnrealizedConversionCastOp::create(builder, argument.getLoc(), type, argument);
    argument.replaceAllUsesExcept(cast.getResult(0), cast);
    types[argument.getArgNumber()] = bytes;
  }
  graph.setFunctionType(FunctionType::get(graph.getContext(), types, graph.getResultTypes()));
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
  SmallVector<Value> results;
  for (Value value : end->getOperands())
    results.push_back(toBytes(builder, end->getLoc(), value));
  adf::OutputOp::create(builder, end->getLoc(), results);
  auto types =
      llvm::to_vector(llvm::map_range(results, [](Value value) { return value.getType(); }));
  graph.setFunctionType(FunctionType::get(graph.getContext(), graph.getArgumentTypes(), types));
  end->erase();
  func.erase();
  splitIndices(graph);
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
    // A clamp is a table of its own only where no kernel takes it in: so tables come last,
    // and a chain is a kernel where its parts are none.
    auto first = [](RewritePatternSet &patterns) {
      populateTosaToADFPatterns(patterns);
      populateShapePatterns(patterns);
    };
    auto last = [](RewritePatternSet &patterns) {
      populateTablePatterns(patterns);
      populateViewPatterns(patterns);
    };
    for (function_ref<void(RewritePatternSet &)> populate :
         {function_ref<void(RewritePatternSet &)>(first),
          function_ref<void(RewritePatternSet &)>(last),
          function_ref<void(RewritePatternSet &)>(populateRowwisePatterns)})
      if (failed(rewrite(*graph, populate)))
        return failure();
    if (failed(diagnoseLeftovers(*graph)))
      return failure();
    makeLayerNamesUnique(*graph);
    return success();
  }
};

} // namespace
