//===- LowerToLLVM.cpp - From structured kernels to LLVM IR ---------------===//
#include "Kernels/LowerToLLVM.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/AMX/Transforms.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace adfc::kernels {

void registerKernelDialects(DialectRegistry &registry) {
  registry
      .insert<affine::AffineDialect, amx::AMXDialect, arith::ArithDialect, cf::ControlFlowDialect,
              func::FuncDialect, linalg::LinalgDialect, LLVM::LLVMDialect, memref::MemRefDialect,
              scf::SCFDialect, vector::VectorDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

namespace {
/// One conversion to the LLVM dialect, with bare pointers for memrefs.
struct ConvertKernelsToLLVM : PassWrapper<ConvertKernelsToLLVM, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ConvertKernelsToLLVM)

  StringRef getArgument() const override { return "adfc-convert-kernels-to-llvm"; }

  void runOnOperation() override {
    MLIRContext &context = getContext();
    LowerToLLVMOptions options(&context);
    options.useBarePtrCallConv = true;
    LLVMTypeConverter converter(&context, options);
    LLVMConversionTarget target(context);
    target.addLegalOp<ModuleOp>();
    configureAMXLegalizeForExportTarget(target);
    RewritePatternSet patterns(&context);
    vector::populateVectorBitCastLoweringPatterns(patterns);
    vector::populateVectorBroadcastLoweringPatterns(patterns);
    populateVectorToLLVMConversionPatterns(converter, patterns);
    populateAMXLegalizeForLLVMExportPatterns(converter, patterns);
    populateFinalizeMemRefToLLVMConversionPatterns(converter, patterns);
    arith::populateArithToLLVMConversionPatterns(converter, patterns);
    cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
    populateFuncToLLVMConversionPatterns(converter, patterns);
    if (failed(applyFullConversion(getOperation(), target, std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace

/// Adds `void NAME(ptr buffers, ptr immediates)`, which loads the arguments of NAME.body and calls
/// it.
static void addEntry(LLVM::LLVMFuncOp body) {
  ImplicitLocOpBuilder b(body.getLoc(), body);
  auto pointer = LLVM::LLVMPointerType::get(b.getContext());
  auto type =
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()), {pointer, pointer});
  StringRef name = body.getName();
  name.consume_back(bodySuffix);
  auto entry = LLVM::LLVMFuncOp::create(b, name, type);
  b.setInsertionPointToStart(entry.addEntryBlock(b));
  SmallVector<Value> arguments;
  int32_t counts[2] = {0, 0}; // buffers, immediates
  for (Type argument : body.getArgumentTypes()) {
    bool immediate = !isa<LLVM::LLVMPointerType>(argument);
    Value place = LLVM::GEPOp::create(b, pointer, argument, entry.getArgument(immediate),
                                      ArrayRef<LLVM::GEPArg>{counts[immediate]++});
    arguments.push_back(LLVM::LoadOp::create(b, argument, place));
  }
  LLVM::CallOp::create(b, body, arguments);
  LLVM::ReturnOp::create(b, ValueRange());
  body.setLinkage(LLVM::Linkage::Internal);
}

llvm::Expected<std::unique_ptr<llvm::Module>> lowerToLLVM(ModuleOp module,
                                                          llvm::LLVMContext &context) {
  PassManager passes(module.getContext());
  passes.addPass(memref::createExpandStridedMetadataPass());
  passes.addPass(createLowerAffinePass());
  passes.addPass(createSCFToControlFlowPass());
  passes.addPass(std::make_unique<ConvertKernelsToLLVM>());
  passes.addPass(createReconcileUnrealizedCastsPass());
  if (failed(passes.run(module)))
    return llvm::createStringError("the kernels could not be lowered to LLVM's dialect");
  SmallVector<LLVM::LLVMFuncOp> bodies(module.getOps<LLVM::LLVMFuncOp>());
  for (LLVM::LLVMFuncOp body : bodies)
    if (body.getName().ends_with(bodySuffix))
      addEntry(body);
  if (auto translated = translateModuleToLLVMIR(module, context, "kernels"))
    return translated;
  return llvm::createStringError("the kernels could not be translated to LLVM IR");
}

} // namespace adfc::kernels
