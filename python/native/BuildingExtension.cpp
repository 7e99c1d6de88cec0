//===- BuildingExtension.cpp ----------------------------------------------===//
#include "BuildingExtension.h"

#include "Building.h"

#include "ADF/ADFOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/raw_ostream.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace nb = nanobind;
using namespace nb::literals;
using namespace adfc::python;

template <typename T> static std::string textOf(const T &printable) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  printable.print(stream);
  return text;
}

static void bindLocation(nb::module_ &m) {
  nb::class_<LocationHandle>(m, "Location")
      .def_static("unknown",
                  [](ContextPtr context) {
                    mlir::MLIRContext *c = context->get();
                    return LocationHandle{std::move(context), mlir::UnknownLoc::get(c)};
                  })
      .def_static("file",
                  [](ContextPtr context, const std::string &file, unsigned line, unsigned column) {
                    mlir::MLIRContext *c = context->get();
                    return LocationHandle{std::move(context),
                                          mlir::FileLineColLoc::get(c, file, line, column)};
                  })
      .def_static("name",
                  [](const std::string &name, const LocationHandle &child) {
                    auto string = mlir::StringAttr::get(child.value.getContext(), name);
                    return LocationHandle{child.context, mlir::NameLoc::get(string, child.value)};
                  })
      .def_prop_ro("context", [](const LocationHandle &self) { return self.context; })
      .def("__str__", [](const LocationHandle &self) { return textOf(self.value); });
}

static void bindType(nb::module_ &m) {
  nb::class_<TypeHandle>(m, "Type")
      .def_static("parse", &parseType, "context"_a, "text"_a)
      .def_prop_ro("context", [](const TypeHandle &self) { return self.context; })
      .def("__eq__", [](const TypeHandle &self,
                        const TypeHandle &other) { return self.value == other.value; })
      .def("__hash__", [](const TypeHandle &self) { return size_t(mlir::hash_value(self.value)); })
      .def("__str__", [](const TypeHandle &self) { return textOf(self.value); });
}

/// An attribute that `make(builder)` makes.
template <typename Make> static AttributeHandle build(ContextPtr context, Make make) {
  context->get()->loadAllAvailableDialects();
  mlir::Builder builder(context->get());
  mlir::Attribute attribute = make(builder);
  return {std::move(context), attribute};
}

/// Bytes as tensor<Nxi8>, under a resource's name.
static AttributeHandle bytesAttribute(ContextPtr context, const std::string &name,
                                      nb::bytes bytes) {
  return build(std::move(context), [&](mlir::Builder &b) -> mlir::Attribute {
    auto type = mlir::RankedTensorType::get({int64_t(bytes.size())}, b.getI8Type());
    llvm::ArrayRef<char> data(bytes.c_str(), bytes.size());
    return mlir::DenseI8ResourceElementsAttr::get(
        type, name, mlir::HeapAsmResourceBlob::allocateAndCopyWithAlign(data, /*align=*/64));
  });
}

using NamedAttributes = std::vector<std::pair<std::string, AttributeHandle>>;

static AttributeHandle dictionary(ContextPtr context, const NamedAttributes &entries) {
  return build(std::move(context), [&](mlir::Builder &b) -> mlir::Attribute {
    llvm::SmallVector<mlir::NamedAttribute> list;
    for (const auto &[key, entry] : entries)
      list.push_back(b.getNamedAttr(key, entry.value));
    return b.getDictionaryAttr(list);
  });
}

/// Numbers, strings, lists and dictionaries as Python has them; None for anything else.
static nb::object pythonOf(mlir::Attribute attribute) {
  if (auto boolean =
          mlir::dyn_cast<mlir::BoolAttr>(attribute)) // before integers, of which it is one
    return nb::bool_(boolean.getValue());
  if (auto integer = mlir::dyn_cast<mlir::IntegerAttr>(attribute))
    return nb::int_(integer.getInt());
  if (auto real = mlir::dyn_cast<mlir::FloatAttr>(attribute))
    return nb::float_(real.getValueAsDouble());
  if (auto string = mlir::dyn_cast<mlir::StringAttr>(attribute))
    return nb::str(string.getValue().data(), string.getValue().size());
  nb::list list;
  if (auto numbers = mlir::dyn_cast<mlir::DenseI64ArrayAttr>(attribute)) {
    for (int64_t number : numbers.asArrayRef())
      list.append(number);
    return list;
  }
  if (auto entries = mlir::dyn_cast<mlir::ArrayAttr>(attribute)) {
    for (mlir::Attribute entry : entries)
      list.append(pythonOf(entry));
    return list;
  }
  auto entries = mlir::dyn_cast<mlir::DictionaryAttr>(attribute);
  if (!entries)
    return nb::none();
  nb::dict dictionary;
  for (mlir::NamedAttribute entry : entries) {
    llvm::StringRef name = entry.getName();
    dictionary[nb::str(name.data(), name.size())] = pythonOf(entry.getValue());
  }
  return dictionary;
}

static void bindAttribute(nb::module_ &m) {
  nb::class_<AttributeHandle>(m, "Attribute")
      .def_static("parse", &parseAttribute, "context"_a, "text"_a)
      .def_static("string",
                  [](ContextPtr c, const std::string &text) {
                    return build(std::move(c), [&](auto &b) { return b.getStringAttr(text); });
                  })
      .def_static("symbol",
                  [](ContextPtr c, const std::string &name) {
                    return build(std::move(c), [&](auto &b) {
                      return mlir::FlatSymbolRefAttr::get(b.getContext(), name);
                    });
                  })
      .def_static("integer",
                  [](ContextPtr c, int64_t value, unsigned bits) {
                    return build(std::move(c), [&](auto &b) {
                      return b.getIntegerAttr(b.getIntegerType(bits), value);
                    });
                  })
      .def_static("boolean",
                  [](ContextPtr c, bool value) {
                    return build(std::move(c), [&](auto &b) { return b.getBoolAttr(value); });
                  })
      .def_static("unit",
                  [](ContextPtr c) {
                    return build(std::move(c), [&](auto &b) { return b.getUnitAttr(); });
                  })
      .def_static("i64_list",
                  [](ContextPtr c, const std::vector<int64_t> &values) {
                    return build(std::move(c),
                                 [&](auto &b) { return b.getDenseI64ArrayAttr(values); });
                  })
      .def_static("i32_list",
                  [](ContextPtr c, const std::vector<int32_t> &values) {
                    return build(std::move(c),
                                 [&](auto &b) { return b.getDenseI32ArrayAttr(values); });
                  })
      .def_static("array",
                  [](ContextPtr c, const std::vector<AttributeHandle> &entries) {
                    return build(std::move(c), [&](auto &b) {
                      llvm::SmallVector<mlir::Attribute> list;
                      for (const AttributeHandle &entry : entries)
                        list.push_back(entry.value);
                      return b.getArrayAttr(list);
                    });
                  })
      .def_static("acquire",
                  [](ContextPtr c, int lock, bool equal, int64_t value) {
                    return build(std::move(c), [&](auto &b) {
                      auto kind = static_cast<adfc::adf::LockKind>(lock);
                      return adfc::adf::AcquireAttr::get(b.getContext(), kind, equal, value);
                    });
                  })
      .def_static("release",
                  [](ContextPtr c, int lock, int64_t value) {
                    return build(std::move(c), [&](auto &b) {
                      auto kind = static_cast<adfc::adf::LockKind>(lock);
                      return adfc::adf::ReleaseAttr::get(b.getContext(), kind, value);
                    });
                  })
      .def_static("dictionary", &dictionary)
      .def_static("bytes", &bytesAttribute)
      .def_prop_ro("value", [](const AttributeHandle &self) { return pythonOf(self.value); })
      .def_prop_ro("context", [](const AttributeHandle &self) { return self.context; })
      .def("__eq__", [](const AttributeHandle &self,
                        const AttributeHandle &other) { return self.value == other.value; })
      .def("__hash__",
           [](const AttributeHandle &self) { return size_t(mlir::hash_value(self.value)); })
      .def("__str__", [](const AttributeHandle &self) { return textOf(self.value); });
}

static void bindValue(nb::module_ &m) {
  nb::class_<ValueHandle>(m, "Value")
      .def_prop_ro("type",
                   [](const ValueHandle &self) {
                     return TypeHandle{self.getModule()->getContextPtr(), self.get().getType()};
                   })
      .def_prop_ro("owner", [](const ValueHandle &self) -> std::optional<OperationHandle> {
        if (mlir::Operation *owner = self.get().getDefiningOp())
          return self.with(owner);
        return std::nullopt;
      });
}

static std::vector<ValueHandle> valuesOf(const OperationHandle &self, mlir::ValueRange values) {
  std::vector<ValueHandle> list;
  for (mlir::Value value : values)
    list.push_back(self.with(value));
  return list;
}

static std::optional<AttributeHandle> attributeOf(const OperationHandle &self,
                                                  const std::string &name) {
  if (mlir::Attribute attribute = self.get()->getAttr(name))
    return AttributeHandle{self.getModule()->getContextPtr(), attribute};
  return std::nullopt;
}

static void bindOperation(nb::module_ &m) {
  nb::class_<OperationHandle>(m, "Operation")
      .def_static("create", &makeOperation, "block"_a, "name"_a, "operands"_a, "results"_a,
                  "attributes"_a, "regions"_a, "location"_a)
      .def_prop_ro(
          "name",
          [](const OperationHandle &self) { return self.get()->getName().getStringRef().str(); })
      .def_prop_ro(
          "operands",
          [](const OperationHandle &self) { return valuesOf(self, self.get()->getOperands()); })
      .def_prop_ro(
          "results",
          [](const OperationHandle &self) { return valuesOf(self, self.get()->getResults()); })
      .def_prop_ro("regions",
                   [](const OperationHandle &self) {
                     std::vector<RegionHandle> list;
                     for (mlir::Region &region : self.get()->getRegions())
                       list.push_back(self.with(&region));
                     return list;
                   })
      .def("attribute", &attributeOf, "name"_a)
      .def("set_attribute",
           [](const OperationHandle &self, const std::string &name, const AttributeHandle &value) {
             self.get()->setAttr(name, value.value);
           })
      .def("remove_attribute", [](const OperationHandle &self,
                                  const std::string &name) { self.get()->removeAttr(name); })
      .def_prop_ro("location",
                   [](const OperationHandle &self) {
                     return LocationHandle{self.getModule()->getContextPtr(), self.get()->getLoc()};
                   })
      .def_prop_ro("context",
                   [](const OperationHandle &self) { return self.getModule()->getContextPtr(); })
      .def("__str__", [](const OperationHandle &self) {
        std::string text;
        llvm::raw_string_ostream stream(text);
        self.get()->print(stream);
        return text;
      });
}

void adfc::python::bindBuilding(nb::module_ &m, nb::class_<Module> &module) {
  bindLocation(m);
  bindType(m);
  bindAttribute(m);
  bindValue(m);
  bindOperation(m);
  nb::class_<BlockHandle>(m, "Block")
      .def_prop_ro("operations",
                   [](const BlockHandle &self) {
                     std::vector<OperationHandle> list;
                     for (mlir::Operation &operation : *self.get())
                       list.push_back(self.with(&operation));
                     return list;
                   })
      .def_prop_ro("context",
                   [](const BlockHandle &self) { return self.getModule()->getContextPtr(); });
  nb::class_<RegionHandle>(m, "Region").def_prop_ro("blocks", [](const RegionHandle &self) {
    std::vector<BlockHandle> list;
    for (mlir::Block &block : *self.get())
      list.push_back(self.with(&block));
    return list;
  });
  module
      .def_static(
          "empty",
          [](const LocationHandle &location) { return makeModule(location.context, location); })
      .def_prop_ro("body",
                   [](ModulePtr self) {
                     mlir::Block *block = self->get().getBody();
                     return BlockHandle(std::move(self), block);
                   })
      .def("verify", &verifyModule);
}
