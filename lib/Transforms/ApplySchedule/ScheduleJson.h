//===- ScheduleJson.h - the planner's schedule ----------------------------===//
#ifndef ADFC_TRANSFORMS_APPLYSCHEDULE_SCHEDULEJSON_H
#define ADFC_TRANSFORMS_APPLYSCHEDULE_SCHEDULEJSON_H

#include "ADF/ADFOps.h"
#include "llvm/ADT/MapVector.h"

namespace adfc {

/// A parsed schedule file.
struct ModuleSchedule {
  std::string device;
  int64_t tiles;
  llvm::SmallVector<int64_t> avoid; ///< column, row, column, row, ...
  adf::ResidentAttr resident;       ///< null: layer after layer through DDR
  std::optional<int64_t> batch;     ///< of a pipelined program
  llvm::MapVector<mlir::StringAttr, adf::ScheduleAttr> layers;
  llvm::DenseMap<mlir::StringAttr, adf::StageAttr> stages; ///< of a pipelined program's layers
};

/// Parses the JSON text. `emitError` starts the diagnostic.
mlir::FailureOr<ModuleSchedule>
parseSchedule(llvm::StringRef text, mlir::MLIRContext *context,
              llvm::function_ref<mlir::InFlightDiagnostic()> emitError);

} // namespace adfc

#endif // ADFC_TRANSFORMS_APPLYSCHEDULE_SCHEDULEJSON_H
