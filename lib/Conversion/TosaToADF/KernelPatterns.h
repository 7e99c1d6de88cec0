//===- KernelPatterns.h - rewrites of TOSA into kernel operations ---------===//
#ifndef ADFC_CONVERSION_TOSATOADF_KERNELPATTERNS_H
#define ADFC_CONVERSION_TOSATOADF_KERNELPATTERNS_H

#include "mlir/IR/PatternMatch.h"

namespace adfc {

void populateTosaToADFPatterns(mlir::RewritePatternSet &patterns);

} // namespace adfc

#endif // ADFC_CONVERSION_TOSATOADF_KERNELPATTERNS_H
