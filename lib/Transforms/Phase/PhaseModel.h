//===- PhaseModel.h - One phase's tiles, channels and streams as tables ---===//
//
// What place, route, allocate and their verifier all ask of an adf.phase, collected once.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_TRANSFORMS_PHASE_PHASEMODEL_H
#define ADFC_TRANSFORMS_PHASE_PHASEMODEL_H

#include "ADF/ADFOps.h"
#include "Target/DeviceModel.h"
#include "Transforms/Route/Router.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallVector.h"

namespace adfc {

/// All tasks of one DMA channel: those of one tile, direction and stream, in program order.
struct ChannelTasks {
  int tile = -1;
  Direction direction = Direction::S2MM;
  mlir::StringAttr stream;
  llvm::SmallVector<adf::DMAOp, 1> tasks;

  /// The channel's number, or -1.
  int channel() const;
  void setChannel(int channel);
  /// Buffer descriptors of all tasks.
  int bds() const;
};

/// The memory operations (adf.window, adf.buffer) of a tile, in program order.
using TileMemoryOps = llvm::SmallVector<mlir::Operation *, 4>;

/// Whether such an operation says where all its bytes lie.
bool hasAddress(mlir::Operation *op);

struct PhaseModel {
  explicit PhaseModel(adf::PhaseOp phase);

  adf::PhaseOp phase;
  llvm::SmallVector<adf::TileOp> tiles;
  llvm::SmallVector<TileMemoryOps> memory;
  llvm::SmallVector<ChannelTasks> channels;
  llvm::SmallVector<adf::StreamOp> streams;

  int tileIndex(mlir::Value tile) const { return tileIndices.lookup(tile); }
  TileKind kind(int tile) const;
  /// Where the tile is placed; (-1, -1) where it is not.
  TileCoord coord(int tile) const;
  /// The channel that feeds (MM2S) or drains (S2MM) `stream` on `tile`; nullptr where there is
  /// none.
  ChannelTasks *channelOf(int tile, Direction direction, mlir::StringAttr stream);

private:
  llvm::DenseMap<mlir::Value, int> tileIndices;
};

/// The net of a stream whose tiles are placed and whose tasks have channels; fails with a
/// diagnostic otherwise.
mlir::FailureOr<Net> streamNet(PhaseModel &model, adf::StreamOp stream, const DeviceModel &device);

/// The program's device; null with a diagnostic where it is unknown.
const DeviceModel *deviceOf(adf::ProgramOp program);
/// The program's tiles to avoid.
std::vector<TileCoord> avoidedTiles(adf::ProgramOp program);

inline TileKind toModel(adf::TileKind kind) { return static_cast<TileKind>(kind); }
inline Direction toModel(adf::Direction direction) { return static_cast<Direction>(direction); }
inline PortKind toModel(adf::PortKind kind) { return static_cast<PortKind>(kind); }
inline adf::PortKind toOp(PortKind kind) { return static_cast<adf::PortKind>(kind); }

} // namespace adfc

#endif // ADFC_TRANSFORMS_PHASE_PHASEMODEL_H
