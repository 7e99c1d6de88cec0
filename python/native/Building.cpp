//===- Building.cpp -------------------------------------------------------===//
#include "Building.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/IR/Verifier.h"

using namespace adfc::python;

ModulePtr adfc::python::makeModule(ContextPtr context, const LocationHandle &location) {
  mlir::OwningOpRef<mlir::ModuleOp> module(mlir::ModuleOp::create(location.value));
  return std::make_shared<Module>(std::move(context), std::move(module));
}

OperationHandle
adfc::python::makeOperation(const BlockHandle &block, const std::string &name,
                            const std::vector<ValueHandle> &operands,
                            const std::vector<TypeHandle> &results,
                            const std::vector<std::pair<std::string, AttributeHandle>> &attributes,
                            unsigned regions, const LocationHandle &location) {
  DiagnosticCollector collector(location.value.getContext());
  location.value.getContext()->loadAllAvailableDialects();
  mlir::OperationState state(location.value, name);
  if (!state.name.isRegistered())
    throw MLIRError("there is no operation '" + name + "'", {});
  for (const ValueHandle &operand : operands)
    state.operands.push_back(operand.get());
  for (const TypeHandle &type : results)
    state.types.push_back(type.value);
  for (const auto &[key, attribute] : attributes)
    state.addAttribute(key, attribute.value);
  for (unsigned i = 0; i < regions; ++i)
    state.addRegion();
  mlir::Operation *operation = mlir::Operation::create(state);
  for (mlir::Region &region : operation->getRegions())
    region.emplaceBlock();
  block.get()->push_back(operation);
  return block.with(operation);
}

TypeHandle adfc::python::parseType(ContextPtr context, const std::string &text) {
  DiagnosticCollector collector(context->get());
  context->get()->loadAllAvailableDialects();
  if (mlir::Type type = mlir::parseType(text, context->get()))
    return {std::move(context), type};
  throw MLIRError("no type: " + text, collector.take());
}

AttributeHandle adfc::python::parseAttribute(ContextPtr context, const std::string &text) {
  DiagnosticCollector collector(context->get());
  context->get()->loadAllAvailableDialects();
  if (mlir::Attribute attribute = mlir::parseAttribute(text, context->get()))
    return {std::move(context), attribute};
  throw MLIRError("no attribute: " + text, collector.take());
}

void adfc::python::verifyModule(Module &module) {
  DiagnosticCollector collector(module.getContext());
  if (mlir::failed(mlir::verify(module.get())))
    throw MLIRError("", collector.take());
}
