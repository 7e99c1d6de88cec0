//===- Custom.cpp - custom: a kernel that comes as text -------------------===//
#include "Kernels/KernelFamily.h"
#include "Kernels/Target.h"

#include "mlir/Conversion/VectorToSCF/VectorToSCF.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// Calls the function `entry` of a text in MLIR, one memref for each buffer; or is code in LLVM IR.
class Custom : public Kernel {
public:
  explicit Custom(ConfigReader &config)
      : in(config.integers("in", 4, 1, 1 << 20)), out(config.integers("out", 4, 1, 1 << 20)),
        inputs(config.integer("inputs", 1, 6)), constant(config.integer("constant", 0, 1 << 16)),
        scratch(config.integer("scratch", 0, 1 << 16)), language(config.text("language")),
        source(config.text("source")), entry(config.text("entry")) {
    config.text("defines");
    config.text("function");
    config.text("tiling");
    if (config.has("window"))
      config.integers("window", 4, 1, 1 << 20);
  }

  KernelInterface interface() const override {
    KernelInterface interface;
    for (int64_t i = 0; i < inputs; ++i)
      interface.buffers.push_back({"in" + std::to_string(i), in[0] * in[1] * in[2]});
    if (constant)
      interface.buffers.push_back({"constant", constant});
    interface.buffers.push_back({"out", out[0] * out[1] * out[2], true});
    if (scratch)
      interface.buffers.push_back({"scratch", scratch, true});
    return interface;
  }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange, const Target &) const override;

private:
  /// The function of the text, moved to where kernels are built; null after an error.
  func::FuncOp takeFunction(KernelBuilder &b) const;

  llvm::SmallVector<int64_t, 4> in, out;
  int64_t inputs, constant, scratch;
  std::string language, source, entry;
};
} // namespace

func::FuncOp Custom::takeFunction(KernelBuilder &b) const {
  if (language != "mlir") {
    emitError(b.getLoc(), "a kernel's text is in 'mlir' or 'llvm' here, not '") << language << "'";
    return {};
  }
  OwningOpRef<ModuleOp> text =
      parseSourceString<ModuleOp>(source, ParserConfig(b.getContext()), entry);
  if (!text)
    return {}; // the parser has said why
  auto function = text->lookupSymbol<func::FuncOp>(entry);
  if (!function || function.isExternal() ||
      std::distance(text->getOps().begin(), text->getOps().end()) != 1) {
    emitError(b.getLoc(), "the kernel's text must be one function, @") << entry;
    return {};
  }
  // Our own contractions are lowered by micro-kernels, a package's text by itself.
  PassManager passes(b.getContext());
  passes.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
  passes.addNestedPass<func::FuncOp>(createConvertVectorToSCFPass());
  if (failed(passes.run(*text)))
    return {};
  function->remove();
  auto parent = b.getBlock()->getParentOp()->getParentOfType<ModuleOp>();
  parent.push_back(function);
  // Names of kernels differ, so those of their functions do.
  auto caller = b.getBlock()->getParentOp();
  function.setSymName((cast<func::FuncOp>(caller).getSymName() + "$" + entry).str());
  function.setPrivate();
  function->setAttr("llvm.linkage",
                    LLVM::LinkageAttr::get(b.getContext(), LLVM::Linkage::Internal));
  return function;
}

void Custom::emit(KernelBuilder &b, ValueRange buffers, ValueRange, const Target &) const {
  func::FuncOp function = takeFunction(b);
  if (!function)
    return;
  if (function.getNumArguments() != buffers.size() || function.getNumResults() != 0) {
    emitError(b.getLoc(), "@") << entry << " must take " << buffers.size()
                               << " memrefs and return nothing";
    return;
  }
  SmallVector<Value> arguments;
  for (auto [index, buffer] : llvm::enumerate(buffers)) {
    auto type = dyn_cast<MemRefType>(function.getArgumentTypes()[index]);
    int64_t bytes = cast<MemRefType>(buffer.getType()).getNumElements();
    bool fits = type && type.hasStaticShape() && type.getLayout().isIdentity() &&
                type.getElementType().isIntOrFloat() &&
                type.getNumElements() * type.getElementTypeBitWidth() == 8 * bytes;
    if (!fits) {
      emitError(b.getLoc(), "argument ")
          << index << " of @" << entry << " must be a memref of " << bytes << " bytes, not "
          << function.getArgumentTypes()[index];
      return;
    }
    function.setArgAttr(index, LLVM::LLVMDialect::getNoAliasAttrName(), b.getUnitAttr());
    if (type == buffer.getType())
      arguments.push_back(buffer);
    else
      arguments.push_back(memref::ViewOp::create(b, type, buffer, b.index(0), ValueRange()));
  }
  func::CallOp::create(b, function, arguments);
}

std::unique_ptr<Kernel> makeCustom(ConfigReader &config) {
  return std::make_unique<Custom>(config);
}

} // namespace adfc::kernels
