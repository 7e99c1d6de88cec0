//===- Diagnose.cpp - errors for what could not be converted --------------===//
#include "Conversion/TosaToADF/Diagnose.h"
#include "Conversion/TosaToADF/CustomPatterns.h"
#include "Conversion/TosaToADF/SequencePatterns.h"
#include "Conversion/TosaToADF/WideTensors.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace adfc;

template <typename Match> static void explainBatch(const FailureOr<Match> &match, Reason &why) {
  if (succeeded(match))
    why = "it broadcasts a batch, or tensors of more than 4 axes";
}

/// Of the kernels that end in a rescale, the reason of the one that it was meant to be.
static Reason explainRescale(tosa::RescaleOp op) {
  Reason why;
  if (isWide(op.getInput().getType()))
    (void)matchWideRescale(op, why);
  else if (getElementTypeOrSelf(op.getInput()).isSignlessInteger(8) &&
           getElementTypeOrSelf(op.getOutput()).isSignlessInteger(8))
    (void)matchLevelRescale(op, why);
  else if (op.getInput().getDefiningOp<tosa::AddOp>())
    explainBatch(matchSum<tosa::AddOp>(op, why), why);
  else if (op.getInput().getDefiningOp<tosa::SubOp>())
    explainBatch(matchSum<tosa::SubOp>(op, why), why);
  else if (op.getInput().getDefiningOp<tosa::MulOp>())
    explainBatch(matchMul(op, why), why);
  else if (op.getInput().getDefiningOp<tosa::ReduceSumOp>())
    (void)matchMean(op, why);
  else if (op.getInput().getDefiningOp<tosa::MatMulOp>())
    (void)matchMatmul(op, why);
  else if (op.getInput().getDefiningOp<tosa::DepthwiseConv2DOp>() &&
           succeeded(matchConv<tosa::DepthwiseConv2DOp>(op, why)))
    why = "the convolution's batch is not 1";
  else if (op.getInput().getDefiningOp<tosa::MaximumOp>())
    explainBatch(matchExtremum<tosa::MaximumOp>(op, why), why);
  else if (op.getInput().getDefiningOp<tosa::MinimumOp>())
    explainBatch(matchExtremum<tosa::MinimumOp>(op, why), why);
  else if (op.getInput().getDefiningOp<tosa::TransposeConv2DOp>()) {
    if (succeeded(matchConv<tosa::TransposeConv2DOp>(op, why)))
      why = "the convolution's batch is not 1";
  } else if (op.getInput().getDefiningOp<tosa::ResizeOp>()) {
    if (succeeded(matchResize(op, why)))
      why = "the image's batch is not 1";
  } else if (why.empty() && succeeded(matchConv<tosa::Conv2DOp>(op, why)))
    why = "the convolution's batch is not 1";
  else if (op.getInput().getDefiningOp() && !op.getInput().getDefiningOp<tosa::Conv2DOp>())
    (void)matchRowwise(op, why);
  return why;
}

static Reason explain(Operation *op) {
  return TypeSwitch<Operation *, Reason>(op)
      .Case([](tosa::RescaleOp rescale) { return explainRescale(rescale); })
      .Case([](tosa::ArgMaxOp) {
        return "it must be over the last axis of int8 of static shape, and an output";
      })
      .Case([](tosa::ClampOp) { return "it must be int8 with a static shape"; })
      .Case<tosa::ReshapeOp, tosa::TransposeOp>(
          [](auto) { return "it must be int8 with a static shape"; })
      .Case([](tosa::SliceOp) {
        return "it must be int8 with a static shape, from a constant start";
      })
      .Case([](tosa::PadOp) { return "it must be int8 with a static shape, by a constant value"; })
      .Case([](tosa::ConcatOp) { return "it must be int8 with a static shape"; })
      .Case([](tosa::MaxPool2dOp) { return "it must be int8 with a static shape and batch 1"; })
      .Case([](tosa::TableOp table) {
        Reason why;
        (void)matchTable(table, why);
        return why;
      })
      .Case([](tosa::CustomOp custom) {
        Reason why;
        (void)matchCustom(custom, why);
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
            tosa::MulOp, tosa::ReduceSumOp, tosa::MaximumOp, tosa::MinimumOp,
            tosa::TransposeConv2DOp>(
          [](auto) { return "its int32 result is not rescaled to int8"; })
      .Case<tosa::ConstOp>([](auto) { return "constants can only be weights, biases and scales"; })
      .Default([](Operation *) {
        return "there is no kernel for it; docs/operators.md lists what there is";
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
    // A cast between int16 and its bytes stands where the other side could not be converted.
    bool isCast = isa<UnrealizedConversionCastOp>(op) &&
                  (isWide(op.getOperand(0).getType()) || isWide(op.getResult(0).getType()));
    if (isa<adf::ADFDialect>(op.getDialect()) || isCast || isExcused(&op))
      continue;
    clean = false;
    op.emitOpError() << "cannot be converted: " << explain(&op);
  }
  return success(clean);
}
