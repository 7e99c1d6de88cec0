//===- LayerPlan.cpp - a layer's loop nest and sizes ----------------------===//
#include "Transforms/Tile/LayerPlan.h"
#include "adfc/spec/devices.h"

using namespace mlir;
using namespace adfc;
using adf::ceilDiv;
using adf::roundUp;

namespace {

/// Windows start at multiples of this (the kernels' vector loads).
constexpr int64_t kAlignment = 64;

class Planner {
public:
  Planner(adf::KernelOpInterface op, const adfc_device &device, int64_t tiles,
          adf::MaxPool2DOp tail)
      : device(device), tiles(tiles) {
    plan.op = op;
    plan.tail = tail;
    plan.schedule = op.getScheduleAttr();
  }

  FailureOr<LayerPlan> run() {
    if (!plan.schedule)
      return refuse() << "has no schedule: run adf-apply-schedule before, or set 'schedule'";
    setShapes();
    if (failed(checkTail()) || failed(checkGrid()) || failed(splitChannels()) ||
        failed(setWindows()))
      return failure();
    splitRows();
    if (failed(checkGroups()) || failed(checkMemory()))
      return failure();
    return std::move(plan);
  }

private:
  InFlightDiagnostic refuse() {
    return plan.op->emitOpError() << "\"" << plan.op.getLayer() << "\" ";
  }

  void setShapes() {
    ArrayRef<int64_t> tile = plan.schedule.getTile();
    plan.tile = plan.kernelTile = {tile[0], tile[1], tile[2], tile[3]};
    plan.input = plan.op.getInputExtent();
    plan.output = plan.op.getOutputExtent();
    plan.rowMap = plan.op.getRowMap();
    if (plan.tail)
      addTail();
    plan.input.channels = adf::paddedChannels(plan.input.channels);
    plan.output.channels = adf::paddedChannels(plan.output.channels);
    plan.channelwise = plan.op.isChannelwise();
    plan.operands = plan.op.getNumActivations();
  }

  void addTail() {
    adf::KernelOpInterface tail = plan.tail;
    ArrayRef<int64_t> tile = tail.getScheduleAttr().getTile();
    plan.tile.rows = tile[0];
    plan.tile.cols = tile[1];
    plan.output = tail.getOutputExtent();
    plan.rowMap = plan.rowMap.through(tail.getRowMap());
  }

  /// What a call makes is what a call of the layer behind reads.
  LogicalResult checkTail() {
    if (!plan.tail)
      return success();
    adf::KernelOpInterface tail = plan.tail;
    if (plan.tile.cols != plan.output.cols)
      return refuse() << "has a layer chained to it, which must have tiles of all "
                      << plan.output.cols << " columns";
    int64_t rows = tail.getRowMap().windowSize(plan.tile.rows), cols = plan.between().count;
    int64_t channels = tail.getScheduleAttr().getTile()[2];
    const adf::KernelTile &own = plan.kernelTile;
    if (own.rows != rows || own.cols != cols || own.outChannels != channels)
      return refuse() << "has tiles of " << own.rows << " x " << own.cols << " x "
                      << own.outChannels << ", but the layer that is chained to it reads " << rows
                      << " x " << cols << " x " << channels;
    if (own.inChannels != plan.input.channels)
      return refuse() << "has a layer chained to it, so a call must see all " << plan.input.channels
                      << " input channels";
    return success();
  }

  LogicalResult checkGrid() {
    ArrayRef<int64_t> grid = plan.schedule.getGrid();
    if (grid[0] * grid[1] > tiles)
      return refuse() << "is scheduled on a grid of " << grid[0] << " x " << grid[1]
                      << " cores, but there are " << tiles;
    return success();
  }

  LogicalResult splitChannels() {
    adf::KernelTile &tile = plan.tile;
    int64_t multiple = plan.channelwise ? 4 : adf::kOutChannelMultiple;
    if (tile.outChannels % multiple)
      return refuse() << "has tiles of " << tile.outChannels
                      << " output channels, which must be a multiple of " << multiple;
    if (plan.channelwise && tile.inChannels != tile.outChannels)
      return refuse()
             << "works on each channel alone: the tile's input channels must be its output "
                "channels";
    if (!plan.channelwise && (tile.inChannels % 4 || plan.input.channels % tile.inChannels))
      return refuse() << "has tiles of " << tile.inChannels << " input channels, which must be a "
                      << "multiple of 4 that divides " << plan.input.channels;
    int64_t gridChannels = plan.schedule.getGrid()[1];
    plan.channelsPerGroup = roundUp(ceilDiv(plan.output.channels, gridChannels), tile.outChannels);
    plan.channelTiles = plan.channelsPerGroup / tile.outChannels;
    plan.chunks = plan.channelwise ? 1 : plan.input.channels / tile.inChannels;
    for (int64_t first = 0; first < plan.output.channels; first += plan.channelsPerGroup)
      plan.channelGroups.push_back(
          {first, std::min(plan.channelsPerGroup, plan.output.channels - first)});
    if (static_cast<int64_t>(plan.channelGroups.size()) != gridChannels)
      return refuse() << "has a grid of " << gridChannels << " channel groups, but tiles of "
                      << tile.outChannels << " fill only " << plan.channelGroups.size();
    if (plan.op.takesAllChannels() &&
        (tile.outChannels < plan.output.channels ||
         (!plan.channelwise && tile.inChannels < plan.input.channels)))
      return refuse() << "needs all channels in one call: tiles of " << plan.output.channels
                      << " output and " << plan.input.channels << " input channels";
    // A channelwise window past the last channel would read the next pixel's.
    if (plan.channelwise && plan.output.channels % plan.channelsPerGroup)
      return refuse() << "splits " << plan.output.channels << " channels into groups of "
                      << plan.channelsPerGroup << ", which must divide them";
    return success();
  }

  LogicalResult setWindows() {
    adf::KernelTile &tile = plan.tile;
    auto aligned = [](const adf::AxisMap &map, int64_t size, int64_t outputs) {
      return size >= outputs || size % map.period() == 0;
    };
    if (!aligned(plan.rowMap, tile.rows, plan.output.rows) ||
        !aligned(plan.op.getColumnMap(), tile.cols, plan.output.cols))
      return refuse() << "resamples: its tiles must be all of an axis, or multiples of "
                      << plan.rowMap.period() << " rows and " << plan.op.getColumnMap().period()
                      << " columns";
    plan.windowRows = plan.op.getRowMap().windowSize(plan.kernelTile.rows);
    plan.windowCols = plan.op.getColumnMap().windowSize(plan.kernelTile.cols);
    plan.windowChannels = plan.channelwise ? tile.outChannels : tile.inChannels;
    plan.actBytes = plan.windowRows * plan.windowCols * plan.windowChannels;
    plan.outBytes = tile.rows * tile.cols * tile.outChannels;
    plan.weightsBytes = plan.op.getWeightsBlockBytes(tile);
    plan.accBytes = plan.op.getAccumulatorBytes(plan.kernelTile);
    if (plan.tail)
      plan.betweenBytes = plan.kernelTile.rows * plan.kernelTile.cols * plan.kernelTile.outChannels;
    plan.paddedCols = roundUp(plan.output.cols, tile.cols);
    bool columnWeights = plan.op.hasColumnWeights();
    plan.weightStrips = columnWeights ? plan.output.cols : 1;
    if (columnWeights && tile.cols != 1)
      return refuse() << "has weights of their own for each column: tiles have 1 column, not "
                      << tile.cols;
    return success();
  }

  void splitRows() {
    int64_t groups = plan.schedule.getGrid()[0] * plan.schedule.getRounds();
    plan.groupsPerRound = plan.schedule.getGrid()[0];
    plan.rowsPerGroup = roundUp(ceilDiv(plan.output.rows, groups), plan.tile.rows);
    plan.spatialTiles = plan.rowsPerGroup / plan.tile.rows * (plan.paddedCols / plan.tile.cols);
    for (int64_t first = 0; first < plan.output.rows; first += plan.rowsPerGroup)
      plan.groups.push_back(makeGroup(first));
  }

  /// Every group of the grid has rows, in the last round at least one has.
  LogicalResult checkGroups() {
    int64_t grid = plan.schedule.getGrid()[0], rounds = plan.schedule.getRounds();
    int64_t groups = static_cast<int64_t>(plan.groups.size());
    if (groups <= grid * (rounds - 1) || (rounds == 1 && groups != grid))
      return refuse() << "is scheduled in " << rounds << " rounds of " << grid
                      << " row groups, but tiles of " << plan.tile.rows << " rows fill only "
                      << groups << " groups";
    return success();
  }

  SpatialGroup makeGroup(int64_t firstRow) {
    SpatialGroup group{
        firstRow, std::min(plan.rowsPerGroup, plan.output.rows - firstRow), plan.input.rows, 0, {}};
    for (int64_t col = 0; col < plan.paddedCols; col += plan.tile.cols)
      for (int64_t row = 0; row < plan.rowsPerGroup; row += plan.tile.rows) {
        // A tile without a valid row computes garbage that is dropped: from the last valid tile's
        // input.
        int64_t lastValid = (group.validRows - 1) / plan.tile.rows * plan.tile.rows;
        int64_t out = firstRow + std::min(row, lastValid);
        SpatialTile tile = plan.tileAt(out, col);
        group.inputBegin = std::min(group.inputBegin, tile.rows.first);
        group.inputEnd = std::max(group.inputEnd, tile.rows.end());
        group.tiles.push_back(tile);
      }
    return group;
  }

  /// Whether sums go on to another core, and are in no buffer.
  bool handsOn() const {
    auto stage = plan.op->getAttrOfType<adf::StageAttr>(adf::kStageAttrName);
    return stage && stage.getCascade() > 1 && !stage.getHandover();
  }

  LogicalResult checkMemory() {
    for (const SpatialGroup &group : plan.groups)
      for (const SpatialTile &tile : group.tiles)
        if (tile.rows.count < 1 || tile.cols.count < 1)
          return refuse()
                 << "has a tile that reads nothing but padding: make its rows or columns more";
    int64_t needed = plan.depth(0) * plan.operands * roundUp(plan.actBytes, kAlignment) +
                     plan.depth(1) * roundUp(plan.weightsBytes, kAlignment) +
                     plan.depth(2) * roundUp(plan.outBytes, kAlignment) +
                     roundUp(handsOn() ? 0 : plan.accBytes, kAlignment) +
                     roundUp(plan.betweenBytes, kAlignment);
    int64_t given = device.tiles[AIEML_TILE_CORE].data_bytes;
    if (needed > given)
      return refuse() << "needs " << needed << " bytes of a core tile's " << given << ", "
                      << needed - given << " bytes over: make 'tile' or 'depth' smaller";
    return success();
  }

  const adfc_device &device;
  int64_t tiles;
  LayerPlan plan{};
};

} // namespace

AxisSlice adfc::sliceOf(const adf::AxisMap &map, int64_t out, int64_t outs) {
  int64_t start = map.first(out), size = map.windowSize(outs), step = map.windowStep();
  AxisSlice slice{0, 0, 0, 0, step};
  slice.before = std::min(size, start < 0 ? ceilDiv(-start, step) : 0);
  slice.first = start + slice.before * step;
  slice.count = std::clamp<int64_t>(ceilDiv(map.size - slice.first, step), 0, size - slice.before);
  slice.after = size - slice.before - slice.count;
  return slice;
}

AxisSlice LayerPlan::between() const {
  adf::KernelOpInterface next = tail;
  return sliceOf(next.getColumnMap(), 0, tile.cols);
}

SpatialTile LayerPlan::tileAt(int64_t row, int64_t col) const {
  adf::KernelOpInterface first = op, next = tail;
  AxisSlice rows = sliceOf(rowMap, row, tile.rows);
  if (!next)
    return {rows, sliceOf(first.getColumnMap(), col, tile.cols), {}};
  SpatialTile made{rows, sliceOf(first.getColumnMap(), between().first, kernelTile.cols), {}};
  AxisSlice tailRows = sliceOf(next.getRowMap(), row, tile.rows);
  made.tailPads = {static_cast<int32_t>(tailRows.before), static_cast<int32_t>(tailRows.after), 0,
                   0};
  return made;
}

Value LayerPlan::result() const {
  return (tail ? adf::KernelOpInterface(tail) : adf::KernelOpInterface(op))->getResult(0);
}

int64_t LayerPlan::macs() const {
  adf::KernelOpInterface first = op, next = tail;
  return first.getMacs() + (next ? next.getMacs() : 0);
}

FailureOr<LayerPlan> adfc::planLayer(adf::KernelOpInterface op, const adfc_device &device,
                                     int64_t tiles, adf::MaxPool2DOp tail) {
  return Planner(op, device, tiles, tail).run();
}
