//===- ADFDialect.h - the adf dialect, its types and attributes -----------===//
#ifndef ADFC_ADF_DIALECT_H
#define ADFC_ADF_DIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"

#include "ADF/ADFDialect.h.inc"
#include "ADF/ADFEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "ADF/ADFAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "ADF/ADFTypes.h.inc"

#endif // ADFC_ADF_DIALECT_H
