//===- ApplySchedule.cpp - the pass adf-apply-schedule --------------------===//
#include "ADF/ADFOps.h"
#include "Transforms/ApplySchedule/ScheduleJson.h"
#include "Transforms/ApplySchedule/SchedulePasses.h"
#include "mlir/IR/Builders.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace adfc;

namespace adfc {
#define GEN_PASS_DEF_ADFAPPLYSCHEDULE
#include "Transforms/ApplySchedule/SchedulePasses.h.inc"
} // namespace adfc

namespace {

struct ApplySchedulePass : adfc::impl::ADFApplyScheduleBase<ApplySchedulePass> {
  using ADFApplyScheduleBase::ADFApplyScheduleBase;

  void runOnOperation() override {
    if (failed(apply(getOperation())))
      signalPassFailure();
  }

private:
  LogicalResult apply(ModuleOp module) {
    auto emitError = [&] { return module.emitError(); };
    FailureOr<std::string> text = readText(module);
    if (failed(text))
      return failure();
    FailureOr<ModuleSchedule> parsed = parseSchedule(*text, &getContext(), emitError);
    if (failed(parsed))
      return failure();
    for (auto graph : module.getOps<adf::GraphOp>())
      if (failed(applyTo(graph, *parsed)))
        return failure();
    for (auto &[name, schedule] : parsed->layers)
      return emitError() << "schedule: there is no layer " << name << " in the graph";
    return success();
  }

  FailureOr<std::string> readText(ModuleOp module) {
    if (schedule.empty() == file.empty())
      return module.emitError("adf-apply-schedule needs either 'schedule' or 'file'");
    if (!schedule.empty())
      return std::string(schedule);
    std::string error;
    auto buffer = openInputFile(file, &error);
    if (!buffer)
      return module.emitError() << "schedule: " << error;
    return buffer->getBuffer().str();
  }

  /// Takes what it uses out of `schedule`.
  LogicalResult applyTo(adf::GraphOp graph, ModuleSchedule &schedule) {
    Builder builder(&getContext());
    graph.setDevice(schedule.device);
    graph.setTiles(schedule.tiles);
    graph.setResidentAttr(schedule.resident);
    if (schedule.batch)
      graph.setBatch(*schedule.batch);
    graph.setAvoidAttr(builder.getDenseI64ArrayAttr(schedule.avoid));
    for (auto kernel : graph.getBody().getOps<adf::KernelOpInterface>()) {
      auto entry = schedule.layers.find(builder.getStringAttr(kernel.getLayer()));
      if (entry == schedule.layers.end())
        return kernel.emitOpError()
               << "\"" << kernel.getLayer() << "\" has no entry in the schedule";
      kernel.setScheduleAttr(entry->second);
      if (adf::StageAttr stage = schedule.stages.lookup(entry->first))
        kernel->setAttr(adf::kStageAttrName, stage);
      schedule.layers.erase(entry);
    }
    return success();
  }
};

} // namespace
