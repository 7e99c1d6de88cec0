//===- Views.cpp - which tensor lies in which -----------------------------===//
#include "Transforms/LegalizeViews/Views.h"

using namespace mlir;
using namespace adfc;

OpOperand *adfc::placeOf(Value value) {
  if (!isa_and_nonnull<adf::KernelOpInterface, adf::AssembleOp>(value.getDefiningOp()))
    return nullptr;
  OpOperand *place = nullptr;
  for (OpOperand &use : value.getUses()) {
    // These need a tensor without gaps.
    if (isa<adf::ReshapeOp, adf::OutputOp>(use.getOwner()))
      return nullptr;
    if (!isa<adf::AssembleOp>(use.getOwner()))
      continue;
    bool earlier = place && (use.getOwner() == place->getOwner()
                                 ? use.getOperandNumber() < place->getOperandNumber()
                                 : use.getOwner()->isBeforeInBlock(place->getOwner()));
    if (!place || earlier)
      place = &use;
  }
  return place;
}

ViewSteps ViewSteps::whole(Type type) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(type).getShape();
  int64_t pixel = adf::paddedChannels(shape.back()) / 4;
  return {0, pixel, shape.size() == 4 ? shape[2] * pixel : pixel};
}

ViewSteps ViewSteps::sliced(adf::SliceOp slice) const {
  ArrayRef<int64_t> at = slice.getOffset(), step = slice.getStep();
  ViewSteps steps{offset + at[0] * row + at[1] * pixel + at[2] / 4, step[1] * pixel, step[0] * row};
  if (slice.getTransposed())
    std::swap(steps.pixel, steps.row);
  return steps;
}

ViewSteps ViewSteps::placed(adf::AssembleOp assemble, unsigned part) const {
  ArrayRef<int64_t> at = assemble.getPlaces().slice(5 * part, 5);
  return {offset + at[0] * row + at[1] * pixel + at[2] / 4, at[4] * pixel, at[3] * row};
}
