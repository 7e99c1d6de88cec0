//===- SchedulePasses.h - adf-export-graph, adf-apply-schedule ------------===//
#ifndef ADFC_TRANSFORMS_APPLYSCHEDULE_SCHEDULEPASSES_H
#define ADFC_TRANSFORMS_APPLYSCHEDULE_SCHEDULEPASSES_H

#include "mlir/Pass/Pass.h"

namespace adfc {

#define GEN_PASS_DECL
#include "Transforms/ApplySchedule/SchedulePasses.h.inc"

#define GEN_PASS_REGISTRATION
#include "Transforms/ApplySchedule/SchedulePasses.h.inc"

} // namespace adfc

#endif // ADFC_TRANSFORMS_APPLYSCHEDULE_SCHEDULEPASSES_H
