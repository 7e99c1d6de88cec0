//===- KernelBuilder.cpp - Short words for building kernels ---------------===//
#include "Kernels/KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;

namespace adfc::kernels {

Value KernelBuilder::index(int64_t value) { return arith::ConstantIndexOp::create(*this, value); }

Value KernelBuilder::add(Value a, Value b) { return createOrFold<arith::AddIOp>(a, b); }

Value KernelBuilder::mul(Value a, int64_t b) {
  return b == 1 ? a : createOrFold<arith::MulIOp>(a, index(b));
}

Value KernelBuilder::splat(VectorType type, int64_t value) {
  auto element = getIntegerAttr(type.getElementType(), value);
  return arith::ConstantOp::create(*this, DenseElementsAttr::get(type, element));
}

/// The loop, or nothing where one straight iteration was built instead.
static scf::ForOp buildCountedLoop(KernelBuilder &b, int64_t extent, int64_t step,
                                   function_ref<void(Value)> body) {
  if (extent <= step) {
    if (extent > 0)
      body(b.index(0));
    return {};
  }
  auto loop = scf::ForOp::create(b, b.index(0), b.index(extent), b.index(step));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
  return loop;
}

void KernelBuilder::forEach(int64_t extent, int64_t step, function_ref<void(Value)> body) {
  buildCountedLoop(*this, extent, step, body);
}

/// Notes on a loop what LLVM shall not do to it, under the name that scf-to-cf and cf-to-llvm pass
/// on to the branch.
static void annotate(scf::ForOp loop, bool hoist) {
  MLIRContext *context = loop.getContext();
  auto yes = BoolAttr::get(context, true);
  auto licm = hoist ? LLVM::LoopLICMAttr()
                    : LLVM::LoopLICMAttr::get(context, yes, /*versioningDisable=*/{});
  auto unroll = LLVM::LoopUnrollAttr::get(context, yes, {}, {}, {}, {}, {}, {});
  loop->setAttr("loop_annotation",
                LLVM::LoopAnnotationAttr::get(context, {}, {}, {}, unroll, {}, licm, {}, {}, {}, {},
                                              {}, {}, {}, {}, {}));
}

void KernelBuilder::forEachTile(int64_t extent, int64_t step, function_ref<void(Value)> body) {
  if (scf::ForOp loop = buildCountedLoop(*this, extent, step, body))
    annotate(loop, /*hoist=*/false);
}

void KernelBuilder::forEach(Value low, Value high, function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(*this, low, high, index(1));
  InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

KernelBuilder::Values KernelBuilder::reduce(int64_t extent, ValueRange initial,
                                            function_ref<Values(Value, ValueRange)> body) {
  if (extent == 1)
    return body(index(0), initial);
  return reduce(index(0), index(extent), initial, body);
}

KernelBuilder::Values KernelBuilder::reduce(Value low, Value high, ValueRange initial,
                                            function_ref<Values(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(*this, low, high, index(1), initial);
  InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  annotate(loop, /*hoist=*/true);
  Values next = body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(*this, next);
  return Values(loop.getResults());
}

void KernelBuilder::forEachVector(int64_t count, int64_t widest,
                                  function_ref<void(Value, int64_t)> body) {
  int64_t covered = count / widest * widest;
  if (covered > 0)
    forEach(covered, widest, [&](Value first) { body(first, widest); });
  for (int64_t lanes = widest / 2; lanes > 0; lanes /= 2)
    if (covered + lanes <= count) {
      body(index(covered), lanes);
      covered += lanes;
    }
}

Value KernelBuilder::view(Value buffer, Value offset, ArrayRef<int64_t> sizes,
                          ArrayRef<int64_t> strides) {
  auto source = cast<MemRefType>(buffer.getType());
  auto layout = StridedLayoutAttr::get(getContext(), ShapedType::kDynamic, strides);
  auto type = MemRefType::get(sizes, source.getElementType(), layout);
  return memref::ReinterpretCastOp::create(*this, type, buffer, offset, ValueRange(), ValueRange(),
                                           ArrayRef<int64_t>{ShapedType::kDynamic}, sizes, strides);
}

Value KernelBuilder::typed(Value bytes, int64_t byteOffset, Type element, int64_t count) {
  auto type = MemRefType::get({count}, element);
  return memref::ViewOp::create(*this, type, bytes, index(byteOffset), ValueRange());
}

Value KernelBuilder::stackBuffer(Type element, int64_t count) {
  InsertionGuard guard(*this);
  auto function = getBlock()->getParent()->getParentOfType<FunctionOpInterface>();
  setInsertionPointToStart(&function.getFunctionBody().front());
  return memref::AllocaOp::create(*this, MemRefType::get({count}, element), getI64IntegerAttr(64));
}

Value KernelBuilder::load(int64_t lanes, Value memory, ValueRange indices) {
  Type element = cast<MemRefType>(memory.getType()).getElementType();
  return vector::LoadOp::create(*this, vectorType(lanes, element), memory, indices);
}

void KernelBuilder::store(Value vector, Value memory, ValueRange indices) {
  vector::StoreOp::create(*this, vector, memory, indices);
}

} // namespace adfc::kernels
