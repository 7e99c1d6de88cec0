//===- PipelineInputs.cpp - inputs that come window by window -------------===//
#include "Transforms/Pipeline/PipelineBuilder.h"

using namespace mlir;
using namespace adfc;
using adf::LockKind;

namespace {

/// Rows from the first to the last, those that a window skips included.
int64_t rowsOf(const AxisSlice &slice) { return slice.end() - slice.first; }

/// Windows with as many rows, at equal distances: one descriptor brings them.
struct WindowRun {
  int64_t firstRow, rows, count = 1, apart = 0;

  bool append(const AxisSlice &next) {
    int64_t distance = next.first - (firstRow + (count - 1) * apart);
    if (rowsOf(next) != rows || distance < 1 || (count > 1 && distance != apart))
      return false;
    apart = distance;
    ++count;
    return true;
  }
};

SmallVector<WindowRun> runsOf(ArrayRef<SpatialTile> tiles) {
  SmallVector<WindowRun> runs;
  for (const SpatialTile &tile : tiles)
    if (runs.empty() || !runs.back().append(tile.rows))
      runs.push_back({tile.rows.first, rowsOf(tile.rows)});
  return runs;
}

} // namespace

LogicalResult PipelineBuilder::gatherInputs() {
  for (const GatheredInput &input : plan.gathered)
    for (size_t group = 0; group < plan.stages[input.reader.stage].layer.groups.size(); ++group)
      if (failed(gatherInput(input, group)))
        return failure();
  return success();
}

/// A slab in which the windows of a group lie one behind the other, and the stream that fills it.
LogicalResult PipelineBuilder::gatherInput(const GatheredInput &input, size_t group) {
  const StagePlan &stage = plan.stages[input.reader.stage];
  const LayerPlan &layer = stage.layer;
  ArrayRef<SpatialTile> tiles = layer.groups[group].tiles;
  Slab slab;
  slab.bands = {static_cast<int64_t>(tiles.size()), 0, /*ring=*/false, /*windows=*/true};
  slab.part = {0, 0, 0, layer.input.channels};
  for (SpatialTile tile : tiles) {
    tile.rows.first = slab.part.endRow;
    slab.part.endRow += rowsOf(tile.rows);
    slab.tiles.push_back(tile);
  }
  size_t place = input.reader.operand * stage.slabs() + group;
  slab.tile = makeTile(adf::TileKind::Mem, pairAt(stage.stage.getSlabs(), place));
  int64_t bytes = slab.part.rows() * layer.input.cols * layer.input.channels;
  slab.window = makeWindow(slab.tile, stage.stage.getDepths()[input.reader.operand],
                           bandBytes(bytes, slab.bands), /*packed=*/true);
  stages[input.reader.stage].slabs[input.reader.operand].push_back(slab);
  return bringWindows(input, slab, tiles);
}

/// From DDR to a slab, window by window of each image.
LogicalResult PipelineBuilder::bringWindows(const GatheredInput &input, const Slab &slab,
                                            ArrayRef<SpatialTile> tiles) {
  const LayerPlan &layer = plan.stages[input.reader.stage].layer;
  int64_t row = layer.input.cols * layer.input.channels / 4, image = layer.input.rows * row;
  Value shim = makeTile(adf::TileKind::Shim);
  std::string name = adf::KernelOpInterface(layer.op).getLayer().str() + ".rows";
  StringAttr stream = makeStream(table.unique(name).getValue(), shim, slab.tile);
  auto patterns = llvm::map_to_vector(runsOf(tiles), [&](const WindowRun &run) {
    AccessPattern pattern(run.firstRow * row);
    return pattern.dim(run.rows * row, 1).dim(run.count, run.apart * row);
  });
  if (failed(addImages(shim, adf::Direction::MM2S, stream, table.lookup(input.value), patterns,
                       image)))
    return failure();
  adf::DMAOp receive = makeTask(slab.tile, adf::Direction::S2MM, stream, plan.batch);
  for (const SpatialTile &tile : slab.tiles) {
    AccessPattern pattern(tile.rows.first * row);
    pattern.dim(rowsOf(tile.rows) * row, 1);
    if (failed(addBD(receive, slab.window, nullptr, pattern,
                     {acquire(LockKind::Empty), release(LockKind::Full), imagesOf(slab)})))
      return failure();
  }
  return success();
}
