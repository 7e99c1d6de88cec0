//===- Diagnose.cpp - errors for what could not be converted --------------===//
#include "Conversion/TosaToADF/Diagnose.h"
#include "Conversion/TosaToADF/SequencePatterns.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace adfc;

/// Of the kernels that end in a rescale, the reason of the one that it was meant to be.
static Reason explainRescale(tosa::RescaleOp op) {
  Reason why;
  if (getElementTypeOrSelf(op.getInput()).isSignlessInteger(8) &&
      getElementTypeOrSelf(op.getOutput()).isSignlessInteger(8))
    (void)matchLevelRescale(op, why);
  else if (op.getInput().getDefiningOp<tosa::AddOp>())
    (void)matchSum<tosa::AddOp>(op, why);
  else if (op.getInput().getDefiningOp<tosa::SubOp>())
    (void)matchSum<tosa::SubOp>(op, why);
  else if (op.getInput().getDefiningOp<tosa::MulOp>())
    (void)matchMul(op, why);
  else if (op.getInput().getDefiningOp<tosa::ReduceSumOp>())
    (void)matchMean(op, why);
  else if (op.getInput().getDefiningOp<tosa::MatMulOp>())
    (void)matchMatmul(op, why);
  else if (op.getInput().getDefiningOp<tosa::DepthwiseConv2DOp>() &&
           succeeded(matchConv<tosa::DepthwiseConv2DOp>(op, why)))
    why = "the convolution's batch is not 1";
  else if (why.empty() && succeeded(matchConv<tosa::Conv2DOp>(op, why)))
    why = "the convolution's batch is not 1";
  else if (op.getInput().getDefiningOp() && !op.getInput().getDefiningOp<tosa::Conv2DOp>())
    (void)matchRowwise(op, why);
  return why;
}

static Reason explain(Operation *op) {
  return TypeSwitch<Operation *, Reason>(op)
      .Case([](tosa::RescaleOp rescale) { return explainRescale(rescale); })
      .Case([](tosa::ClampOp) { return "it must be int8 with a static shape"; })
      .Case([](tosa::ReshapeOp) {
        return "the channels' padding to whole words changes, so bytes would have to move; keep "
               "the last dimension, "
               "or make it a multiple of 4";
      })
      .Case([](tosa::SliceOp) {
        return "only slices that drop the end of an axis in front of a convolution or max pooling "
               "are possible";
      })
      .Case([](tosa::MaxPool2dOp) { return "it must be int8 with a static shape and batch 1"; })
      .Case([](tosa::TableOp table) {
        Reason why;
        (void)matchTable(table, why);
        return why;
      })
      .Case([](tosa::GatherOp gather) {
        Reason why;
        ElementsAttr table;
        Value indices;
        (void)matchGather(gather, table, indices, why);
        return why;
      })
      .Case<tosa::MatMulOp, tosa::Conv2DOp, tosa::DepthwiseConv2DOp, tosa::AddOp, tosa::SubOp,
            tosa::MulOp, tosa::ReduceSumOp>(
          [](auto) { return "its int32 result is not rescaled to int8"; })
      .Case<tosa::ConstOp>([](auto) { return "constants can only be weights, biases and scales"; })
      .Default([](Operation *) {
        return "there is no kernel for it; there are kernels for conv2d, depthwise_conv2d, add, "
               "sub, mul, table, max_pool2d and the average over height and width, on int8";
      });
}

/// Whether `op` is only here since something that uses it could not be converted.
static bool isExcused(Operation *op) {
  return llvm::any_of(op->getUsers(), [&](Operation *user) {
    if (!isa<tosa::TosaDialect>(user->getDialect()))
      return false;
    bool activation =
        op->getNumResults() == 1 && getElementTypeOrSelf(op->getResult(0)).isSignlessInteger(8);
    return !activation || isa<tosa::ConstOp>(op);
  });
}

LogicalResult adfc::diagnoseLeftovers(adf::GraphOp graph) {
  bool clean = true;
  for (Operation &op : graph.getBody().getOps()) {
    if (isa<adf::ADFDialect>(op.getDialect()) || isExcused(&op))
      continue;
    clean = false;
    op.emitOpError() << "cannot be converted: " << explain(&op);
  }
  return success(clean);
}
