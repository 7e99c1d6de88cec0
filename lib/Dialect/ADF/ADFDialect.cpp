//===- ADFDialect.cpp - registration of the adf dialect -------------------===//
#include "ADF/ADFOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace adfc::adf;

#include "ADF/ADFDialect.cpp.inc"
#include "ADF/ADFOpInterfaces.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "ADF/ADFTypes.cpp.inc"

void ADFDialect::initialize() {
  registerAttributes();
  addTypes<
#define GET_TYPEDEF_LIST
#include "ADF/ADFTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ADF/ADFOps.cpp.inc"
      >();
}

Operation *ADFDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type,
                                           Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getShapedType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, type, elements);
}

Extent adfc::adf::getExtent(Type type) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(type).getShape();
  return {shape[1], shape[2], shape[3]};
}

std::optional<ArrayRef<char>> adfc::adf::getRawBytes(ElementsAttr attr) {
  if (auto dense = dyn_cast<DenseElementsAttr>(attr))
    return dense.getRawData();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr))
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      return blob->getData();
  return std::nullopt;
}
