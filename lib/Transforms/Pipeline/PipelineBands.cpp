//===- PipelineBands.cpp - an operand that comes band by band -------------===//
#include "Transforms/Pipeline/PipelineBands.h"

using namespace mlir;
using namespace adfc;

namespace {

/// Whether each band is read as the first one is, and no window reads rows of two. All of them are
/// then of so many tiles of each group.
bool isRing(const StagePlan &stage, const Bands &bands, const Lane &lane,
            const adf::Extent &tensor) {
  const LayerPlan &layer = stage.layer;
  const Message &last = lane.messages.back();
  if (bands.count * bands.rows != tensor.rows || last.row + last.rows != tensor.rows ||
      layer.spatialTiles % bands.count)
    return false;
  int64_t each = layer.spatialTiles / bands.count;
  for (const SpatialGroup &group : layer.groups)
    for (auto [i, tile] : llvm::enumerate(group.tiles)) {
      int64_t band = static_cast<int64_t>(i) / each, top = band * bands.rows;
      const AxisSlice &rows = tile.rows, &like = group.tiles[i % each].rows;
      if (rows.before || rows.after || rows.first < top || rows.end() > top + bands.rows ||
          rows.first - top != like.first || rows.count != like.count)
        return false;
    }
  return true;
}

bool isAlike(const SpatialTile &a, const SpatialTile &b) {
  return a.rows.count == b.rows.count && a.rows.before == b.rows.before &&
         a.rows.after == b.rows.after;
}

} // namespace

FailureOr<Bands> adfc::planBands(const StagePlan &stage, unsigned operand, const Lane &lane,
                                 const adf::Extent &tensor) {
  const LayerPlan &layer = stage.layer;
  int64_t count = stage.stage.bandsOf(operand);
  if (count == 1)
    return Bands{1, tensor.rows, false};
  auto refuse = [&] {
    return layer.op->emitOpError() << "\"" << adf::KernelOpInterface(layer.op).getLayer() << "\" ";
  };
  if (layer.input.rows != tensor.rows || layer.input.cols != tensor.cols)
    return refuse() << "reads a tensor in another shape, which cannot come in bands";
  int64_t message = lane.messages.front().rows;
  Bands bands{count, adf::roundUp(llvm::divideCeil(tensor.rows, count), message), false};
  if (static_cast<int64_t>(llvm::divideCeil(tensor.rows, bands.rows)) != count)
    return refuse() << "cannot have " << count << " bands of " << tensor.rows
                    << " rows, which come " << message << " at a time";
  bands.ring = isRing(stage, bands, lane, tensor);
  int64_t depth = stage.stage.getDepths()[operand];
  if (!bands.ring && depth % count)
    return refuse() << "has windows that are not alike in each band: its depth of " << depth
                    << " must be whole images of " << count << " bands";
  return bands;
}

Lane adfc::laneOfBand(const Lane &lane, const Bands &bands, int64_t band) {
  Lane part;
  part.cores = lane.cores;
  for (const Message &message : lane.messages)
    if (std::min(message.row / bands.rows, bands.count - 1) == band)
      part.messages.push_back(message);
  return part;
}

std::vector<Send> adfc::sendsOf(const StagePlan &stage, ArrayRef<SpatialTile> tiles,
                                const Bands &bands) {
  if (bands.windows) {
    std::vector<Send> each;
    for (size_t i = 0; i < tiles.size(); ++i)
      each.push_back({i, i + 1, 1, 1, 0});
    return each;
  }
  if (bands.ring)
    tiles = tiles.take_front(tiles.size() / bands.count);
  auto firstBand = [&](size_t i) { return tiles[i].rows.first / bands.rows; };
  auto lastBand = [&](size_t i) { return (tiles[i].rows.end() - 1) / bands.rows; };
  int64_t all = bands.chains(), taken = 0, given = 0;
  auto needed = [&](size_t i) {
    return bands.count == 1 ? 1 : std::max<int64_t>(taken, lastBand(i) + 1);
  };
  auto over = [&](size_t i) {
    return i + 1 == tiles.size() ? all : bands.count == 1 ? 0 : firstBand(i + 1);
  };
  std::vector<Send> sends;
  for (size_t i = 0; i < tiles.size();) {
    size_t end = i + 1;
    int64_t apart = end < tiles.size() ? tiles[end].rows.first - tiles[i].rows.first : 0;
    int64_t acquires = needed(i) - taken;
    taken += acquires;
    while (stage.chunksPerCore() == 1 && apart > 0 && end < tiles.size() &&
           isAlike(tiles[end], tiles[i]) &&
           tiles[end].rows.first - tiles[end - 1].rows.first == apart && needed(end) == taken &&
           over(end - 1) <= given)
      ++end;
    int64_t releases = std::max<int64_t>(over(end - 1) - given, 0);
    given += releases;
    sends.push_back({i, end, acquires, releases, apart});
    i = end;
  }
  return sends;
}
