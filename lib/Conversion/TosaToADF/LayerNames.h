//===- LayerNames.h - names of layers from locations ----------------------===//
#ifndef ADFC_CONVERSION_TOSATOADF_LAYERNAMES_H
#define ADFC_CONVERSION_TOSATOADF_LAYERNAMES_H

#include "ADF/ADFOps.h"

namespace adfc {

/// The first name in the operation's location; without one, the operation's name ("conv2d").
mlir::StringAttr layerName(mlir::Operation *op);

/// Appends "_1", "_2", ... to names that earlier layers have.
void makeLayerNamesUnique(adf::GraphOp graph);

} // namespace adfc

#endif // ADFC_CONVERSION_TOSATOADF_LAYERNAMES_H
