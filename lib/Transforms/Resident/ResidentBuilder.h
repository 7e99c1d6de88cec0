//===- ResidentBuilder.h - a resident program's phases --------------------===//
//
// Data moves in a fixed circle of circuit-switched streams:
//
//   hub --act--> cores of a set --out--> join of the set --relay--> hub
//
// Weights come to each core from memory tiles of its own. Inputs enter through the joins, outputs
// leave there. What a core, a join or a weights tile does is set up once and never ends; only the
// hub's tasks, and the lengths of the outputs, belong to a step.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_TRANSFORMS_RESIDENT_RESIDENTBUILDER_H
#define ADFC_TRANSFORMS_RESIDENT_RESIDENTBUILDER_H

#include "Transforms/Resident/Floorplan.h"
#include "Transforms/Resident/HubMemory.h"
#include "Transforms/Resident/ResidentPlan.h"
#include "Transforms/Resident/StreamedTape.h"
#include "Transforms/Tile/Descriptors.h"
#include "Transforms/Tile/KernelTable.h"
#include "Transforms/Tile/TensorTable.h"
#include "mlir/IR/Builders.h"

namespace adfc {

/// One descriptor of a task.
struct Transfer {
  mlir::Value window;
  mlir::StringAttr ddr; ///< in place of a window
  AccessPattern pattern;
  Handshake handshake;
};

/// Options of a task.
struct TaskKind {
  int64_t channel; ///< -1: any
  int64_t repeat = 1;
  std::optional<int64_t> step = std::nullopt; ///< none: endless
  bool token = false, packets = false;
  std::optional<adf::Await> awaits = std::nullopt; ///< what of the step before
};

/// A core with its memory, at addresses that all its programs share.
struct ResidentCore {
  mlir::Value tile, activations, weights, out;
  mlir::Value cascade; ///< from or to the core beside it that shares input channels; or null
  int64_t scratch = 0; ///< the first byte behind the windows
};

/// A join: a window for the messages of each of its cores.
struct Join {
  mlir::Value tile;
  int64_t helps = 0; ///< streams that it receives for a hub beside it, on its first channels
  llvm::SmallVector<mlir::Value> parts;
  mlir::Value input; ///< null: no inputs come through it
};

/// Through which inputs come to a join. `packets`: they say where a piece ends, as inputs have
/// pieces of different lengths.
struct InputBuffers {
  int64_t words = 0, depth = 2;
  bool packets = false;
};

/// Where a streamed tape goes round.
struct Ring {
  mlir::Value tile, window;
  int64_t unitBytes;
};

class ResidentBuilder {
public:
  ResidentBuilder(mlir::OpBuilder builder, const ResidentPlan &plan, const adfc_device &device,
                  Floorplan floor, HubLayout layout, TensorTable &table, KernelTable &kernels);

  mlir::LogicalResult build();

private:
  // LoadPhases.cpp
  mlir::LogicalResult makeLoadPhases();
  mlir::LogicalResult makeLoadPhase(size_t index,
                                    llvm::ArrayRef<std::pair<TileCoord, mlir::StringAttr>> parts);
  /// The DDR pieces of a core's tape: one, or a second for the extension.
  llvm::SmallVector<mlir::StringAttr, 2> tapePieces(const WeightTape &tape);

  // ResidentBuilder.cpp
  void makeTiles();
  void makeSteps();
  void makeStreams();
  mlir::LogicalResult makeEndlessTasks();
  mlir::LogicalResult makeEndlessTasks(int64_t set, int64_t i);
  mlir::LogicalResult makeWeights(int64_t core);
  mlir::LogicalResult streamWeights(int64_t core, mlir::Value head, mlir::StringAttr stream);
  mlir::LogicalResult sendRing(const RingTask &task, const TaskKind &kind, const Ring &ring,
                               mlir::StringAttr stream);
  mlir::LogicalResult playWeights(int64_t core, mlir::Value head, mlir::StringAttr stream);

  // ResidentTransfers.cpp
  mlir::LogicalResult makeInputs();
  mlir::LogicalResult makeInputWindow(int64_t j, const InputBuffers &buffers);
  mlir::LogicalResult makeInput(mlir::Value input, const InputBuffers &buffers);
  Transfer passInput(int64_t j, const HubTensor &tensor, int64_t words);
  mlir::LogicalResult makeOrderedInput(mlir::Value input, const InputOrder &order);
  bool isUsed(int64_t set, int64_t i = -1) const;
  /// Whether core `i` of `set` sends results in any step.
  bool sends(int64_t set, int64_t i) const;
  mlir::StringAttr relay(int64_t set);
  /// The memory tile that receives for `hub` what `set` relays, and its channel: the hub, or a join
  /// beside it.
  std::pair<mlir::Value, int64_t> receiver(int64_t hub, int64_t set) const;
  /// The same of what sends windows to `set`.
  std::pair<mlir::Value, int64_t> sender(int64_t set) const;
  mlir::LogicalResult makeStep(const StepPlan &step, int64_t index);
  mlir::LogicalResult sendWindows(const StepPlan &step, int64_t index, int64_t set);
  llvm::SmallVector<Transfer> windowChain(const StepPlan &step, int64_t set, int64_t tile,
                                          int64_t chunk, bool skip);
  llvm::SmallVector<Transfer> windowChain(const StepPlan &step, int64_t set, AlikeTiles tiles);
  mlir::LogicalResult sendChunks(const StepPlan &step, int64_t set, int64_t tile, TaskKind kind);
  mlir::LogicalResult sendOutputs(const StepPlan &step, int64_t index, int64_t set);
  /// The tasks of a hub that take what `set` relays: rows that it keeps into its part of the
  /// tensor, those before and behind into its scrap.
  mlir::LogicalResult storeInHub(const StepPlan &step, int64_t index, int64_t set, int64_t hub);
  mlir::LogicalResult storeOutputs(const StepPlan &step, int64_t index, int64_t set);
  mlir::LogicalResult drainOutputs(const StepPlan &step, int64_t index, int64_t set);

  // ResidentCore.cpp
  void makeCascades();
  void makeProgram(int64_t set, int64_t core);

  // building blocks
  mlir::Value makeTile(adf::TileKind kind, TileCoord at);
  mlir::Value makeWindow(mlir::Value tile, int64_t depth, int64_t bytes, int64_t address,
                         int64_t lock, llvm::ArrayRef<int64_t> live = {});
  mlir::StringAttr makeStream(const llvm::Twine &name, mlir::Value from, mlir::ValueRange to);
  mlir::LogicalResult makeTask(mlir::Value tile, adf::Direction direction, mlir::StringAttr stream,
                               const TaskKind &kind, llvm::MutableArrayRef<Transfer> transfers);
  adf::AcquireAttr atLeast(adf::LockKind lock, int64_t value);
  adf::AcquireAttr equal(adf::LockKind lock, int64_t value);
  adf::ReleaseAttr add(adf::LockKind lock, int64_t value);
  const ResidentCore &core(int64_t set, int64_t i) const {
    return cores[set * plan.coresPerSet() + i];
  }

  mlir::OpBuilder builder;
  const ResidentPlan &plan;
  const adfc_device &device;
  Floorplan floor;
  HubLayout layout;
  TensorTable &table;
  KernelTable &kernels;
  mlir::Location loc;

  std::vector<WeightTape> tapes;
  /// DDR pieces of tapes by their key.
  std::map<llvm::SmallVector<int64_t>, llvm::SmallVector<mlir::StringAttr, 2>> pieces;
  llvm::SmallVector<ResidentCore> cores;
  llvm::SmallVector<Join> joins;
  llvm::SmallVector<mlir::Value> hubs;
  llvm::SmallVector<mlir::Value> scraps; ///< one for each hub, if any
  /// By tensor, for each hub.
  llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::Value, 3>> hubWindows;
  /// Streams by set or, for weights and outputs, by core.
  llvm::SmallVector<mlir::StringAttr> acts, weights, outs, relays, ins, drains;
  llvm::SmallVector<mlir::Value> inShims, outShims;
};

} // namespace adfc

#endif // ADFC_TRANSFORMS_RESIDENT_RESIDENTBUILDER_H
