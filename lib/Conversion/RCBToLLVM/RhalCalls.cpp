//===- RhalCalls.cpp ------------------------------------------------------===//
#include "Conversion/RCBToLLVM/RhalCalls.h"

#include "llvm/ADT/Twine.h"

using namespace mlir;
using namespace adfc;

RhalCalls::RhalCalls(ModuleOp module, OpBuilder &builder) : module(module), builder(builder) {}

LLVM::LLVMFuncOp RhalCalls::begin(Location location, StringRef name, bool isPublic,
                                  ArrayRef<Type> parameters) {
  builder.setInsertionPointToEnd(module.getBody());
  auto type = LLVM::LLVMFunctionType::get(i32(), parameters);
  auto function = LLVM::LLVMFuncOp::create(
      builder, location, name, type, isPublic ? LLVM::Linkage::External : LLVM::Linkage::Internal);
  Block *entry = function.addEntryBlock(builder);
  failure = builder.createBlock(&function.getBody(), function.getBody().end(), {i32()}, {location});
  LLVM::ReturnOp::create(builder, location, failure->getArgument(0));
  builder.setInsertionPointToEnd(entry);
  return function;
}

void RhalCalls::end(Location location) {
  LLVM::ReturnOp::create(builder, location, word(location, 0));
  if (failure->hasNoPredecessors())
    failure->erase();
}

void RhalCalls::declare(Location location, StringRef name, Type result, ValueRange arguments) {
  if (module.lookupSymbol(name))
    return;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(module.getBody());
  auto type = LLVM::LLVMFunctionType::get(result, llvm::to_vector_of<Type>(arguments.getTypes()));
  LLVM::LLVMFuncOp::create(builder, location, name, type);
}

Value RhalCalls::call(Location location, StringRef name, Type result, ValueRange arguments) {
  declare(location, name, result, arguments);
  bool isVoid = isa<LLVM::LLVMVoidType>(result);
  auto call = LLVM::CallOp::create(builder, location, isVoid ? TypeRange() : TypeRange(result),
                                   name, arguments);
  return isVoid ? Value() : call.getResult();
}

void RhalCalls::checked(Location location, StringRef name, ValueRange arguments) {
  Value status = call(location, name, i32(), arguments);
  Value failed =
      LLVM::ICmpOp::create(builder, location, LLVM::ICmpPredicate::ne, status, word(location, 0));
  Block *current = builder.getInsertionBlock();
  Block *next = builder.createBlock(failure);
  builder.setInsertionPointToEnd(current);
  LLVM::CondBrOp::create(builder, location, failed, failure, ValueRange{status}, next,
                         ValueRange{});
  builder.setInsertionPointToEnd(next);
}

Value RhalCalls::word(Location location, uint32_t value) {
  return LLVM::ConstantOp::create(builder, location,
                                  builder.getI32IntegerAttr(static_cast<int32_t>(value)));
}

Value RhalCalls::wide(Location location, uint64_t value) {
  return LLVM::ConstantOp::create(builder, location,
                                  builder.getI64IntegerAttr(static_cast<int64_t>(value)));
}

Value RhalCalls::slot(Location location, Type type) {
  return LLVM::AllocaOp::create(builder, location, pointer(), type, word(location, 1));
}

void RhalCalls::addGlobal(Location location, StringRef name, ArrayRef<int32_t> values) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(module.getBody());
  auto type = LLVM::LLVMArrayType::get(i32(), values.size());
  auto shape = RankedTensorType::get({static_cast<int64_t>(values.size())}, i32());
  LLVM::GlobalOp::create(builder, location, type, /*isConstant=*/true, LLVM::Linkage::Internal,
                         name, DenseIntElementsAttr::get(shape, values));
}

Value RhalCalls::words(Location location, ArrayRef<int32_t> values) {
  std::string &name = globals[builder.getDenseI32ArrayAttr(values)];
  if (name.empty()) {
    name = ("adfc_native_words_" + llvm::Twine(globals.size() - 1)).str();
    addGlobal(location, name, values);
  }
  return LLVM::AddressOfOp::create(builder, location, pointer(), name);
}

Value RhalCalls::element(Location location, StringRef name, int64_t count, int64_t index) {
  Value base = LLVM::AddressOfOp::create(builder, location, pointer(), name);
  if (index == 0)
    return base;
  auto array = LLVM::LLVMArrayType::get(i32(), count);
  return LLVM::GEPOp::create(builder, location, pointer(), array, base,
                             ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(index)});
}
