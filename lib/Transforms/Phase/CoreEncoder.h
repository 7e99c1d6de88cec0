//===- CoreEncoder.h - adf.core operations as core programs ---------------===//
#ifndef ADFC_TRANSFORMS_PHASE_COREENCODER_H
#define ADFC_TRANSFORMS_PHASE_COREENCODER_H

#include "ADF/ADFOps.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace adfc {

/// The words of a core program (spec/core_program.toml). `kernelId` numbers the kernels. The core's
/// windows and buffers must have been allocated. Fails with a diagnostic where a limit of core
/// programs is passed.
mlir::FailureOr<llvm::SmallVector<uint32_t>>
encodeCore(adf::CoreOp core, llvm::function_ref<uint32_t(llvm::StringRef)> kernelId);

} // namespace adfc

#endif // ADFC_TRANSFORMS_PHASE_COREENCODER_H
