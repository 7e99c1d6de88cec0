//===- BuildingExtension.h - Building.h as Python classes -----------------===//
#ifndef ADFC_PYTHON_BUILDINGEXTENSION_H
#define ADFC_PYTHON_BUILDINGEXTENSION_H

#include "Module.h"

#include <nanobind/nanobind.h>

namespace adfc::python {

/// Adds Location, Type, Attribute, Value, Operation, Block and Region to the extension, and to
/// Module what building needs.
void bindBuilding(nanobind::module_ &m, nanobind::class_<Module> &module);

} // namespace adfc::python

#endif // ADFC_PYTHON_BUILDINGEXTENSION_H
