//===- LegalizeViewsPass.h - adf-legalize-views ---------------------------===//
#ifndef ADFC_TRANSFORMS_LEGALIZEVIEWS_LEGALIZEVIEWSPASS_H
#define ADFC_TRANSFORMS_LEGALIZEVIEWS_LEGALIZEVIEWSPASS_H

#include "mlir/Pass/Pass.h"

namespace adfc {

#define GEN_PASS_DECL
#include "Transforms/LegalizeViews/LegalizeViewsPasses.h.inc"

#define GEN_PASS_REGISTRATION
#include "Transforms/LegalizeViews/LegalizeViewsPasses.h.inc"

} // namespace adfc

#endif // ADFC_TRANSFORMS_LEGALIZEVIEWS_LEGALIZEVIEWSPASS_H
