//===- LayerPlan.h - a layer's loop nest and sizes ------------------------===//
//
// What follows from a kernel operation and its schedule, before any operation is made.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_TRANSFORMS_TILE_LAYERPLAN_H
#define ADFC_TRANSFORMS_TILE_LAYERPLAN_H

#include "ADF/ADFOps.h"
#include <array>

struct adfc_device;

namespace adfc {

/// A window's part of one input axis: `before` zeros, `count` positions from `first`, `step` apart,
/// `after` zeros.
struct AxisSlice {
  int64_t first, count, before, after, step;
  int64_t end() const { return first + (count - 1) * step + 1; }
};

/// The positions that `outs` outputs from `out` read, cut to the axis.
AxisSlice sliceOf(const adf::AxisMap &map, int64_t out, int64_t outs);

/// What one kernel call reads of the input image.
struct SpatialTile {
  AxisSlice rows, cols;
  /// The window's padding: top, bottom, left, right.
  std::array<int32_t, 4> pads() const {
    return {static_cast<int32_t>(rows.before), static_cast<int32_t>(rows.after),
            static_cast<int32_t>(cols.before), static_cast<int32_t>(cols.after)};
  }
  /// Of a chained layer's window in what the layer before it makes, which has no columns of
  /// padding.
  std::array<int32_t, 4> tailPads{};
};

/// The output rows of a row of the core grid.
struct SpatialGroup {
  int64_t firstRow, validRows;          ///< output rows
  int64_t inputBegin, inputEnd;         ///< input rows that its tiles read
  llvm::SmallVector<SpatialTile> tiles; ///< in order: column strips, rows in each
};

/// The output channels of a column of the core grid.
struct ChannelGroup {
  int64_t firstChannel, validChannels; ///< in DDR: whole words
};

struct LayerPlan {
  adf::KernelOpInterface op;
  adf::MaxPool2DOp tail; ///< chained to `op`: the same cores go on with it; or null
  adf::ScheduleAttr schedule;
  adf::KernelTile tile;       ///< of what leaves a core
  adf::KernelTile kernelTile; ///< of a call of `op`
  adf::AxisMap rowMap;        ///< how what leaves reads the input
  adf::Extent input, output;  ///< channels padded to whole words
  bool channelwise;
  unsigned operands; ///< activations that a call reads

  int64_t channelTiles; ///< trips of the outer loop
  int64_t spatialTiles; ///< trips of the middle loop
  int64_t chunks;       ///< trips of the inner loop: parts of the input channels

  /// Strips of output columns that have weights of their own; 1: all share them.
  int64_t weightStrips;

  int64_t rowsPerGroup, paddedCols, channelsPerGroup;
  int64_t windowRows, windowCols, windowChannels;
  int64_t actBytes, weightsBytes, outBytes, accBytes; ///< of one window or buffer; 0: there is none
  int64_t betweenBytes; ///< what `op` makes for `tail`; 0: there is none

  llvm::SmallVector<SpatialGroup> groups; ///< of all rounds
  llvm::SmallVector<ChannelGroup> channelGroups;
  int64_t groupsPerRound;

  /// Activation streams that a spatial group needs: one for all its cores, or one for each.
  int64_t streamsPerGroup() const { return channelwise ? channelGroups.size() : 1; }
  int64_t depth(unsigned which) const { return schedule.getDepth()[which]; }
  /// The columns that a call of `op` makes for `tail`, which are all that are in no padding.
  AxisSlice between() const;
  /// What a call reads for the tile of what leaves that begins at `row` and `col`.
  SpatialTile tileAt(int64_t row, int64_t col) const;
  /// What leaves.
  mlir::Value result() const;
  int64_t macs() const;
};

/// Works the plan out; an error on the operation says what in the schedule does not fit. `tail`
/// reads nothing but what `op` makes.
mlir::FailureOr<LayerPlan> planLayer(adf::KernelOpInterface op, const adfc_device &device,
                                     int64_t tiles, adf::MaxPool2DOp tail = {});

} // namespace adfc

#endif // ADFC_TRANSFORMS_TILE_LAYERPLAN_H
