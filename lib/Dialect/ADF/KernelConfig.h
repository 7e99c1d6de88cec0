//===- KernelConfig.h - what the kernel operations' sources share ---------===//
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
  /// Entries for what is set alone, so that other kernels' configurations stay as they are.
  ConfigBuilder &setFlag(llvm::StringRef name, bool value) {
    return value ? flag(name, true) : *this;
  }
  ConfigBuilder &rescale(llvm::StringRef name, RescaleAttr value) {
    return numbers(name, {value.getMultiplier(), value.getShift()});
  }
  mlir::DictionaryAttr get() { return builder.getDictionaryAttr(attributes); }

private:
  mlir::Builder builder;
  llvm::SmallVector<mlir::NamedAttribute> attributes;
};

inline AxisMap identityMap(int64_t size) {
  return {size, /*stride=*/1, /*span=*/1, /*padBefore=*/0};
}

/// Whether the second operand of an elementwise operation is one pixel that holds for all.
template <typename BinaryOp> bool broadcastsPixel(BinaryOp op) {
  return op.getLhs().getType() != op.getRhs().getType();
}

/// The start of an elementwise operation's configuration: `count`, and `channels` where a pixel
/// holds for all.
template <typename BinaryOp> ConfigBuilder binaryConfig(BinaryOp op, KernelTile tile) {
  ConfigBuilder config(op.getContext());
  config.number("count", tile.rows * tile.cols * tile.outChannels);
  if (broadcastsPixel(op))
    config.number("channels", tile.outChannels);
  return config;
}

/// Batch 1 and static shapes.
mlir::LogicalResult verifyActivation(mlir::Operation *op, mlir::Type type);
/// [low, high] within int8, or int16 for elements of two bytes.
mlir::LogicalResult verifyClamp(mlir::Operation *op, llvm::ArrayRef<int64_t> clamp,
                                int64_t elementBytes = 1);
/// Two channels for each element of two bytes.
mlir::LogicalResult verifyElements(mlir::Operation *op, ElementBytes bytes);
/// `count` numbers, none below `least`.
mlir::LogicalResult verifyNumbers(mlir::Operation *op, llvm::StringRef name,
                                  llvm::ArrayRef<int64_t> values, size_t count, int64_t least);

/// Two activations and a result of one shape, or a second one of one pixel.
template <typename BinaryOp> mlir::LogicalResult verifyBinary(BinaryOp op) {
  ElementBytes bytes = op.getElementBytes();
  if (failed(verifyActivation(op, op.getOutput().getType())) ||
      failed(verifyClamp(op, op.getClamp(), bytes.output)) || failed(verifyElements(op, bytes)))
    return mlir::failure();
  mlir::Type type = op.getOutput().getType();
  Extent pixel = getExtent(op.getRhs().getType());
  bool isPixel =
      pixel.rows == 1 && pixel.cols == 1 && pixel.channels == op.getOutputExtent().channels;
  if (op.getLhs().getType() != type || (op.getRhs().getType() != type && !isPixel))
    return op.emitOpError("operands and result must have one shape, or the second operand be one "
                          "pixel: broadcast before");
  return mlir::success();
}

} // namespace adfc::adf

#endif // ADFC_DIALECT_ADF_KERNELCONFIG_H
