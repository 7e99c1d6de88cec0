//===- TosaToADF.h - the pass convert-tosa-to-adf -------------------------===//
#ifndef ADFC_CONVERSION_TOSATOADF_H
#define ADFC_CONVERSION_TOSATOADF_H

#include "mlir/Pass/Pass.h"

namespace adfc {

#define GEN_PASS_DECL
#include "Conversion/TosaToADF/TosaToADFPasses.h.inc"

#define GEN_PASS_REGISTRATION
#include "Conversion/TosaToADF/TosaToADFPasses.h.inc"

} // namespace adfc

#endif // ADFC_CONVERSION_TOSATOADF_H
