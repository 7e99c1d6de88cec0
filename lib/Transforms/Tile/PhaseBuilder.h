//===- PhaseBuilder.h - one phase of a tiled program ----------------------===//
#ifndef ADFC_TRANSFORMS_TILE_PHASEBUILDER_H
#define ADFC_TRANSFORMS_TILE_PHASEBUILDER_H

#include "Transforms/Tile/Descriptors.h"
#include "Transforms/Tile/LayerPlan.h"
#include "Transforms/Tile/TensorTable.h"
#include "mlir/IR/Builders.h"

struct adfc_device;

namespace adfc {

/// What a phase refers to in its program.
struct PhaseSymbols {
  mlir::StringAttr phase, kernel, weights;
  TensorPlace output;
  ViewSteps streamed{0, 0, 0}; ///< how `weights` lie where they are an activation
  llvm::SmallVector<TensorPlace, 2> inputs;
};

/// A core of the grid with its memory.
struct CoreMemory {
  mlir::Value tile;
  llvm::SmallVector<mlir::Value, 2> acts;
  mlir::Value weights, out, accumulator, between; ///< null: there is none
};

/// Makes the phase of one round of a layer.
class PhaseBuilder {
public:
  PhaseBuilder(mlir::OpBuilder builder, const LayerPlan &plan, const adfc_device &device,
               PhaseSymbols symbols, int64_t round);

  /// Fails, with an error on the kernel operation, where the device's DMA cannot do what is needed.
  mlir::LogicalResult build();

private:
  void makeCores();
  mlir::LogicalResult makeActivations();
  mlir::LogicalResult makeSlab(llvm::ArrayRef<SpatialGroup> groups, int64_t firstGroup,
                               int64_t slab);
  mlir::LogicalResult fillSlab(mlir::Value memory, llvm::ArrayRef<mlir::Value> slabs, int64_t index,
                               int64_t firstRow, int64_t words, int64_t waits);
  mlir::LogicalResult sendWindows(mlir::Value memory, llvm::ArrayRef<mlir::Value> slabs,
                                  int64_t slabRow, const SpatialGroup &group, int64_t firstChannel,
                                  mlir::StringAttr stream);
  mlir::LogicalResult receiveWindows(const CoreMemory &core, mlir::StringAttr stream);
  AccessPattern windowPattern(const SpatialTile &tile, int64_t slabRow, int64_t firstChannel) const;

  mlir::LogicalResult makeWeights();
  mlir::LogicalResult makeOutputs();
  mlir::LogicalResult makeJoin(int64_t firstCore, int64_t endCore, int64_t join);
  mlir::LogicalResult collectPart(const CoreMemory &core, mlir::Value memory, mlir::Value part,
                                  int64_t index);
  mlir::LogicalResult drainParts(mlir::Value memory, llvm::ArrayRef<mlir::Value> parts,
                                 int64_t firstCore, int64_t join);
  void makePrograms();

  mlir::InFlightDiagnostic refuse();
  mlir::Value makeTile(adf::TileKind kind);
  mlir::Value makeWindow(mlir::Value tile, int64_t depth, int64_t bytes);
  mlir::StringAttr makeStream(const llvm::Twine &name, mlir::Value from, mlir::ValueRange to);
  /// An adf.dma; its descriptors are added by addBD.
  adf::DMAOp makeTask(mlir::Value tile, adf::Direction direction, mlir::StringAttr stream,
                      int64_t repeat = 1, std::optional<int64_t> channel = std::nullopt,
                      bool token = false);
  mlir::LogicalResult addBD(adf::DMAOp task, mlir::Value window, AccessPattern pattern,
                            const Handshake &handshake);
  mlir::LogicalResult addBD(adf::DMAOp task, mlir::StringAttr ddr, AccessPattern pattern);
  mlir::LogicalResult createBD(adf::DMAOp task, mlir::Value window, mlir::StringAttr ddr,
                               AccessPattern pattern, const Handshake &handshake);
  adf::AcquireAttr atLeast(adf::LockKind lock, int64_t value);
  adf::ReleaseAttr add(adf::LockKind lock, int64_t value);

  const CoreMemory &core(int64_t group, int64_t channelGroup) const {
    return cores[group * plan.channelGroups.size() + channelGroup];
  }

  mlir::OpBuilder builder;
  const LayerPlan &plan;
  const adfc_device &device;
  PhaseSymbols symbols;
  llvm::ArrayRef<SpatialGroup> groups; ///< of this round
  mlir::Location loc;
  llvm::SmallVector<CoreMemory>
      cores; ///< of spatial group s and channel group c: s * number of c + c
};

} // namespace adfc

#endif // ADFC_TRANSFORMS_TILE_PHASEBUILDER_H
