//===- CustomPatterns.h - operators of packages ---------------------------===//
#ifndef ADFC_CONVERSION_TOSATOADF_CUSTOMPATTERNS_H
#define ADFC_CONVERSION_TOSATOADF_CUSTOMPATTERNS_H

#include "Conversion/TosaToADF/Matchers.h"

namespace adfc {

/// What `implementation_attrs` of a tosa.custom of domain "adfc" says, as JSON.
struct CustomMatch {
  llvm::SmallVector<mlir::Value> inputs;
  mlir::ElementsAttr constant; ///< null: there is none
  adf::Tiling tiling;
  llvm::SmallVector<int64_t> window; ///< empty: there is none
  int64_t scratch;
  mlir::DictionaryAttr code, cost;
};
mlir::FailureOr<CustomMatch> matchCustom(mlir::tosa::CustomOp op, Reason &why);

} // namespace adfc

#endif // ADFC_CONVERSION_TOSATOADF_CUSTOMPATTERNS_H
