//===- Building.h - Making IR operation by operation ----------------------===//
//
// What Python's operation classes (generated from TableGen by mlir-tblgen -gen-python-op-bindings)
// stand on: locations, types, attributes, values, operations, blocks and regions.
//
// A handle keeps its context, or its module, alive. Handles on operations, values, blocks and
// regions are for building: once a pass has run over the module they are refused.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_PYTHON_BUILDING_H
#define ADFC_PYTHON_BUILDING_H

#include "Module.h"

#include "mlir/IR/Operation.h"

#include <utility>

namespace adfc::python {

using ContextPtr = std::shared_ptr<Context>;
using ModulePtr = std::shared_ptr<Module>;

/// A location, type or attribute, with the context that owns it.
template <typename T> struct InContext {
  ContextPtr context;
  T value;
};
using LocationHandle = InContext<mlir::Location>;
using TypeHandle = InContext<mlir::Type>;
using AttributeHandle = InContext<mlir::Attribute>;

/// A value, operation, block or region, with the module that it is in.
template <typename T> class InModule {
public:
  InModule(ModulePtr module, T value)
      : module(std::move(module)), value(std::move(value)), age(this->module->age()) {}

  /// Throws where a pass may have removed it.
  T get() const {
    if (module->age() != age)
      throw MLIRError("a pass has run over this IR since it was built: build it anew", {});
    return value;
  }
  template <typename U> InModule<U> with(U other) const { return {module, std::move(other)}; }
  const ModulePtr &getModule() const { return module; }

private:
  ModulePtr module;
  T value;
  int age;
};
using ValueHandle = InModule<mlir::Value>;
using OperationHandle = InModule<mlir::Operation *>;
using BlockHandle = InModule<mlir::Block *>;
using RegionHandle = InModule<mlir::Region *>;

/// An empty module.
ModulePtr makeModule(ContextPtr context, const LocationHandle &location);

/// An operation at the end of `block`. Each of its regions has one block. Throws MLIRError for a
/// name that no dialect registers.
OperationHandle
makeOperation(const BlockHandle &block, const std::string &name,
              const std::vector<ValueHandle> &operands, const std::vector<TypeHandle> &results,
              const std::vector<std::pair<std::string, AttributeHandle>> &attributes,
              unsigned regions, const LocationHandle &location);

/// Parses a type or an attribute; throws MLIRError.
TypeHandle parseType(ContextPtr context, const std::string &text);
AttributeHandle parseAttribute(ContextPtr context, const std::string &text);

/// Throws MLIRError with the diagnostics where the module is invalid.
void verifyModule(Module &module);

} // namespace adfc::python

#endif // ADFC_PYTHON_BUILDING_H
