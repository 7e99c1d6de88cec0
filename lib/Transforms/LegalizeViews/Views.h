//===- Views.h - which tensor lies in which -------------------------------===//
#ifndef ADFC_TRANSFORMS_LEGALIZEVIEWS_VIEWS_H
#define ADFC_TRANSFORMS_LEGALIZEVIEWS_VIEWS_H

#include "ADF/ADFOps.h"

namespace adfc {

/// The operand of an adf.assemble whose place in its result `value` is made in; null if `value` is
/// a tensor of its own. Where several adf.assembles take `value`, the first one in the block has
/// it.
mlir::OpOperand *placeOf(mlir::Value value);

/// Words of a tensor: the first one, from one pixel to the next, from one row to the next.
struct ViewSteps {
  int64_t offset, pixel, row;

  /// Of a tensor that has DDR of its own. Those of other ranks than 4 count as one row of pixels.
  static ViewSteps whole(mlir::Type type);
  /// Of what `slice` reads from such a tensor.
  ViewSteps sliced(adf::SliceOp slice) const;
  /// Of part number `part`, where this is the result of `assemble`.
  ViewSteps placed(adf::AssembleOp assemble, unsigned part) const;
};

} // namespace adfc

#endif // ADFC_TRANSFORMS_LEGALIZEVIEWS_VIEWS_H
