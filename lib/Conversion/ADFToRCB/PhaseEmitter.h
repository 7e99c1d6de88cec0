//===- PhaseEmitter.h - The instructions of one phase ---------------------===//
#ifndef ADFC_CONVERSION_ADFTORCB_PHASEEMITTER_H
#define ADFC_CONVERSION_ADFTORCB_PHASEEMITTER_H

#include "Conversion/ADFToRCB/CorePrograms.h"
#include "Conversion/ADFToRCB/InstructionBuilder.h"
#include "Conversion/ADFToRCB/SwitchState.h"
#include "Conversion/ADFToRCB/TaskSchedule.h"
#include "Transforms/Phase/PhaseModel.h"

#include "llvm/ADT/StringMap.h"

namespace adfc {

/// Flattens one phase after the other, and remembers in between what stands in the array.
class PhaseEmitter {
public:
  /// `symbols` are the program's.
  PhaseEmitter(const DeviceModel &device, InstructionBuilder instructions,
               const mlir::SymbolTable &symbols, const llvm::StringMap<uint32_t> &kernelIds)
      : device(device), out(instructions), symbols(symbols), kernelIds(kernelIds),
        switches(device) {}

  /// Clears the switches of all tiles that the program routes through, and joins the shims' DMA
  /// channels to them.
  void emitStart(adf::ProgramOp program);
  /// A phase, and before it those that only load: while they wait for DDR, its cores are set up.
  /// `id` is the first one's. Fails with a diagnostic where a phase is not completely placed.
  mlir::LogicalResult emit(llvm::ArrayRef<adf::PhaseOp> phases, uint32_t id);
  /// What is emitted from here on goes there.
  void emitTo(InstructionBuilder instructions) { out = instructions; }
  /// The same for a resident phase: what stays goes where all else goes, its steps to `run`.
  mlir::LogicalResult emitResident(adf::PhaseOp phase, InstructionBuilder run);

  const CorePrograms &corePrograms() const { return programs; }

private:
  class Resident;
  /// Which tiles something is done for.
  using Where = llvm::function_ref<bool(TileCoord)>;

  static mlir::LogicalResult checkPlaced(PhaseModel &model);
  void emitRoutes(PhaseModel &model, Where where);
  void emitLocks(PhaseModel &model, Where where);
  void bind(TileCoord tile, adf::BDOp bd, InstructionBuilder &to) const;
  void emitCascades(PhaseModel &model, Where where);
  mlir::LogicalResult emitTask(PhaseModel &model, const ChannelTasks &tasks, adf::DMAOp task);
  mlir::LogicalResult emitCores(PhaseModel &model, Where where);
  void emitPush(PhaseModel &model, QueueAction &action);
  mlir::LogicalResult configure(PhaseModel &model, Where where);
  /// All of a phase; `meanwhile`: when its tasks are at work. Tiles that are not `where` are ready.
  mlir::LogicalResult emitPhase(PhaseModel &model, uint32_t id, Where where,
                                llvm::function_ref<mlir::LogicalResult()> meanwhile);
  mlir::LogicalResult setUpAhead(PhaseModel &model, llvm::ArrayRef<TileCoord> tiles);
  void resetEndless(PhaseModel &model);
  using Channel = std::tuple<TileCoord, Direction, int>;
  static Channel channelOf(PhaseModel &model, const ChannelTasks &tasks);

  const DeviceModel &device;
  InstructionBuilder out;
  const mlir::SymbolTable &symbols;
  const llvm::StringMap<uint32_t> &kernelIds;
  SwitchState switches;
  CorePrograms programs;
  /// Channels that cannot have tasks.
  std::set<Channel> inReset;
  /// Values of locks, where they are known.
  std::map<std::pair<TileCoord, int>, uint32_t> locks;
};

} // namespace adfc

#endif // ADFC_CONVERSION_ADFTORCB_PHASEEMITTER_H
