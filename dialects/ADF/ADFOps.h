//===- ADFOps.h - operations of the adf dialect ---------------------------===//
#ifndef ADFC_ADF_OPS_H
#define ADFC_ADF_OPS_H

#include "ADF/ADFDialect.h"
#include "ADF/KernelModel.h"
#include "ADF/PixelGroups.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "ADF/ADFOpInterfaces.h.inc"

#define GET_OP_CLASSES
#include "ADF/ADFOps.h.inc"

namespace adfc::adf {

/// The attribute of a kernel operation that says where a pipelined program has it: a StageAttr.
inline constexpr llvm::StringLiteral kStageAttrName = "adf.stage";

/// The little-endian bytes of a dense or dense resource attribute; none where it is of another
/// kind. A splat's bytes are one element's.
std::optional<llvm::ArrayRef<char>> getRawBytes(mlir::ElementsAttr attr);

} // namespace adfc::adf

#endif // ADFC_ADF_OPS_H
