//===- Contraction.cpp - The structured op at the heart of conv2d ---------===//
#include "Kernels/Contraction.h"
#include "Kernels/MicroKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace adfc::kernels {

/// Names the micro-kernel on the op.
static constexpr llvm::StringLiteral microKernelAttr = "adfc.micro_kernel";

/// Dimensions (y, x, n, ry, rx, k, j); maps of act, weights and acc.
static SmallVector<AffineMap, 3> contractionMaps(MLIRContext *context) {
  AffineExpr y, x, n, ry, rx, k, j;
  bindDims(context, y, x, n, ry, rx, k, j);
  return {AffineMap::get(7, 0, {y, x, ry, rx, k * 4 + j}, context),
          AffineMap::get(7, 0, {ry, rx, k, n, j}, context),
          AffineMap::get(7, 0, {y, x, n}, context)};
}

int64_t Contraction::stride(Value memory, unsigned dimension) {
  return cast<MemRefType>(memory.getType()).getStridesAndOffset().first[dimension];
}

Value emitUnpack(KernelBuilder &b, Value bytes) {
  auto type = cast<VectorType>(bytes.getType());
  Value four = b.splat(type, 4);
  Value low = arith::ShRSIOp::create(b, arith::ShLIOp::create(b, bytes, four), four);
  Value high = arith::ShRSIOp::create(b, bytes, four);
  SmallVector<int64_t> order;
  for (int64_t i = 0, count = type.getNumElements(); i < count; ++i)
    order.append({i, count + i});
  return vector::ShuffleOp::create(b, low, high, order);
}

void buildContraction(KernelBuilder &b, Value act, Value weights, Value acc,
                      const MicroKernel &microKernel) {
  using utils::IteratorType;
  SmallVector<IteratorType, 7> iterators(3, IteratorType::parallel);
  iterators.append(4, IteratorType::reduction);
  int64_t offset = microKernel.activationOffset();
  auto multiplyAdd = [&](OpBuilder &builder, Location loc, ValueRange args) {
    Type i32 = builder.getI32Type();
    Value a = arith::ExtSIOp::create(builder, loc, i32, args[0]);
    if (offset != 0)
      a = arith::AddIOp::create(builder, loc, a,
                                arith::ConstantIntOp::create(builder, loc, i32, offset));
    Value w = arith::ExtSIOp::create(builder, loc, i32, args[1]);
    Value product = arith::MulIOp::create(builder, loc, a, w);
    linalg::YieldOp::create(builder, loc,
                            ValueRange(arith::AddIOp::create(builder, loc, args[2], product)));
  };
  auto op = linalg::GenericOp::create(b, ValueRange{act, weights}, ValueRange{acc},
                                      contractionMaps(b.getContext()), iterators, multiplyAdd);
  op->setAttr(microKernelAttr, b.getStringAttr(microKernel.name()));
}

std::optional<std::pair<Contraction, StringRef>> matchContraction(linalg::GenericOp op) {
  auto name = op->getAttrOfType<StringAttr>(microKernelAttr);
  if (!name || op.getIndexingMapsArray() != contractionMaps(op.getContext()))
    return std::nullopt;
  Contraction contraction{op, op.getInputs()[0], op.getInputs()[1], op.getOutputs()[0], {}};
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  contraction.shape = {ranges[0], ranges[1], ranges[2], ranges[3], ranges[4], ranges[5]};
  return std::make_pair(contraction, name.getValue());
}

} // namespace adfc::kernels
