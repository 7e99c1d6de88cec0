//===- KernelConfig.h - configurations of kernels, from their operations --===//
#ifndef ADFC_DIALECT_ADF_KERNELCONFIG_H
#define ADFC_DIALECT_ADF_KERNELCONFIG_H

#include "ADF/ADFOps.h"
#include "mlir/IR/Builders.h"

namespace adfc::adf {

/// Builds the `config` of `adf.kernel`.
class ConfigBuilder {
public:
  explicit ConfigBuilder(mlir::MLIRContext *context) : builder(context) {}
  ConfigBuilder &numbers(llvm::StringRef name, llvm::ArrayRef<int64_t> values) {
    attributes.push_back(builder.getNamedAttr(name, builder.getDenseI64ArrayAttr(values)));
    return *this;
  }
  ConfigBuilder &number(llvm::StringRef name, int64_t value) {
    attributes.push_back(builder.getNamedAttr(name, builder.getI64IntegerAttr(value)));
    return *this;
  }
  ConfigBuilder &flag(llvm::StringRef name, bool value) {
    attributes.push_back(builder.getNamedAttr(name, builder.getBoolAttr(value)));
    return *this;
  }
  ConfigBuilder &rescale(llvm::StringRef name, RescaleAttr value) {
    return numbers(name, {value.getMultiplier(), value.getShift()});
  }
  mlir::DictionaryAttr get() { return builder.getDictionaryAttr(attributes); }

private:
  mlir::Builder builder;
  llvm::SmallVector<mlir::NamedAttribute> attributes;
};

/// Output positions that read the input position of their own number.
inline AxisMap identityMap(int64_t size) {
  return {size, /*stride=*/1, /*span=*/1, /*padBefore=*/0};
}

} // namespace adfc::adf

#endif // ADFC_DIALECT_ADF_KERNELCONFIG_H
