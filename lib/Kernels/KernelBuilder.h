//===- KernelBuilder.h - Short words for building kernels -----------------===//
#ifndef ADFC_KERNELS_KERNELBUILDER_H
#define ADFC_KERNELS_KERNELBUILDER_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace adfc::kernels {

/// An OpBuilder with what every kernel needs: index arithmetic that folds, counted loops, views of
/// flat byte buffers and vectors in memory.
class KernelBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;
  using Value = mlir::Value;
  using Values = llvm::SmallVector<mlir::Value>;

  Value index(int64_t value);
  Value add(Value a, Value b);
  Value add(Value a, int64_t b) { return b == 0 ? a : add(a, index(b)); }
  Value mul(Value a, int64_t b);

  mlir::VectorType vectorType(int64_t lanes, mlir::Type element) {
    return mlir::VectorType::get({lanes}, element);
  }
  /// A constant vector with `value` in each lane.
  Value splat(mlir::VectorType type, int64_t value);

  /// Loops iv = 0, step, ... below `extent`; a single iteration becomes straight code.
  void forEach(int64_t extent, int64_t step, llvm::function_ref<void(Value iv)> body);
  /// The same for loops over tiles, which LLVM neither unrolls nor hoists out of: it would prepare
  /// the constants of all tiles in advance, and keep them on the stack.
  void forEachTile(int64_t extent, int64_t step, llvm::function_ref<void(Value iv)> body);
  /// Loops iv = low ... high - 1, both known only when the kernel runs.
  void forEach(Value low, Value high, llvm::function_ref<void(Value iv)> body);
  /// A loop that carries values: `body` takes them and returns the next ones. LLVM does not unroll
  /// it, lest what it loads stay live for later loops over the same memory.
  Values reduce(int64_t extent, mlir::ValueRange initial,
                llvm::function_ref<Values(Value iv, mlir::ValueRange carried)> body);
  Values reduce(Value low, Value high, mlir::ValueRange initial,
                llvm::function_ref<Values(Value iv, mlir::ValueRange carried)> body);
  /// Covers `count` elements by vectors of `widest` lanes (a power of two), the rest by ever
  /// shorter ones, so that nothing beyond the last element is touched.
  void forEachVector(int64_t count, int64_t widest,
                     llvm::function_ref<void(Value first, int64_t lanes)> body);

  /// A strided view into a flat buffer; offset and strides in elements.
  Value view(Value buffer, Value offset, llvm::ArrayRef<int64_t> sizes,
             llvm::ArrayRef<int64_t> strides);
  /// Bytes of a flat buffer, from `byteOffset`, as `count` elements of another type.
  Value typed(Value bytes, int64_t byteOffset, mlir::Type element, int64_t count);
  /// A buffer of the function's stack frame (allocated on entry, wherever the builder stands).
  Value stackBuffer(mlir::Type element, int64_t count);

  Value load(int64_t lanes, Value memory, mlir::ValueRange indices);
  void store(Value vector, Value memory, mlir::ValueRange indices);
};

} // namespace adfc::kernels

#endif // ADFC_KERNELS_KERNELBUILDER_H
