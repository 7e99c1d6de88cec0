//===- RCBDialect.h - The rcb dialect -------------------------------------===//
#ifndef ADFC_RCB_RCBDIALECT_H
#define ADFC_RCB_RCBDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"

#include "RCB/RCBDialect.h.inc"
#include "RCB/RCBEnums.h.inc"

#define GET_OP_CLASSES
#include "RCB/RCBOps.h.inc"

#endif // ADFC_RCB_RCBDIALECT_H
