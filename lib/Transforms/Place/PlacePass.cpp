//===- PlacePass.cpp - adf-place ------------------------------------------===//
#include "Transforms/Phase/PhaseModel.h"
#include "Transforms/Phase/PlacedPasses.h"
#include "Transforms/Place/CascadeSites.h"
#include "Transforms/Place/CoreSites.h"
#include "Transforms/Place/Placer.h"
#include "Transforms/Route/Router.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace adfc;

namespace adfc {
#define GEN_PASS_DEF_ADFPLACE
#include "Transforms/Phase/PlacedPasses.h.inc"
} // namespace adfc

namespace {

/// A phase as the placer sees it.
struct PlaceRequest {
  std::vector<TileNeed> tiles;
  std::vector<Link> links;
  /// Cores that follow each other on the cascade.
  std::vector<std::vector<int>> chains;
};

int64_t memoryBytesOf(Operation *op) {
  if (auto window = dyn_cast<adf::WindowOp>(op))
    return window.getBytes() * window.getDepth();
  return cast<adf::BufferOp>(op).getBytes();
}

/// What a window or buffer takes: its own, or where addresses and locks are given, as far as they
/// reach.
void addMemory(Operation *op, TileNeed &need) {
  auto window = dyn_cast<adf::WindowOp>(op);
  if (window && window.getAddress()) {
    int64_t end = static_cast<int64_t>(
        *window.getAddress() + (window.getDepth() - 1) * *window.getStride() + window.getBytes());
    need.bytes = std::max(need.bytes, end);
    ArrayRef<int64_t> locks = *window.getLocks();
    for (int64_t lock : locks)
      need.locks = std::max(need.locks, static_cast<int>(lock) + 1);
  } else if (auto buffer = dyn_cast<adf::BufferOp>(op); buffer && buffer.getAddress()) {
    need.bytes =
        std::max(need.bytes, static_cast<int64_t>(*buffer.getAddress() + buffer.getBytes()));
  } else {
    need.bytes += memoryBytesOf(op);
    need.locks += window ? 2 : 0;
  }
}

/// Descriptors of a channel that are in use at a time: those of two neighbouring steps, and of what
/// is endless; all where there are no steps.
int bdsOf(ChannelTasks &tasks) {
  std::map<int64_t, int> bySteps;
  int always = 0, most = 0;
  for (adf::DMAOp task : tasks.tasks) {
    int bds = static_cast<int>(llvm::range_size(task.getBody().getOps<adf::BDOp>()));
    (task.getStep() ? bySteps[static_cast<int64_t>(*task.getStep())] : always) += bds;
  }
  for (auto [step, bds] : bySteps) {
    auto next = bySteps.find(step + 1);
    most = std::max(most, bds + (next == bySteps.end() ? 0 : next->second));
  }
  return always + most;
}

PlaceRequest requestOf(PhaseModel &model) {
  PlaceRequest request;
  for (auto [i, tile] : llvm::enumerate(model.tiles)) {
    TileNeed need;
    need.kind = model.kind(static_cast<int>(i));
    for (Operation *op : model.memory[i])
      addMemory(op, need);
    if (tile.getCol())
      need.fixed = model.coord(static_cast<int>(i));
    request.tiles.push_back(std::move(need));
  }
  for (ChannelTasks &tasks : model.channels) {
    ChannelNeed need{tasks.direction, bdsOf(tasks), std::nullopt};
    if (int channel = tasks.channel(); channel >= 0)
      need.fixed = channel;
    request.tiles[tasks.tile].channels.push_back(need);
  }
  // Where all channels are given there is nothing to choose: adf-allocate, which knows what steps
  // share, tells whether there are enough descriptors.
  for (TileNeed &tile : request.tiles)
    if (llvm::all_of(tile.channels, [](const ChannelNeed &need) { return need.fixed; }))
      for (ChannelNeed &need : tile.channels)
        need.bds = 0;
  for (adf::StreamOp stream : model.streams)
    for (Value target : stream.getTargets())
      request.links.push_back({model.tileIndex(stream.getSource()), model.tileIndex(target)});
  std::vector<std::pair<int, int>> cascades;
  for (auto cascade : model.phase.getBody().getOps<adf::CascadeOp>())
    cascades.emplace_back(model.tileIndex(cascade.getSource()),
                          model.tileIndex(cascade.getTarget()));
  request.chains = cascadeChains(cascades);
  return request;
}

/// The nets that a placement leads to; streams without tasks at both ends are left for later passes
/// to report.
std::vector<Net> netsOf(PhaseModel &model, const Placement &placement, const DeviceModel &device) {
  std::vector<int> next(model.tiles.size(), 0);
  std::map<std::tuple<int, Direction, StringRef>, TilePort> ports;
  for (ChannelTasks &tasks : model.channels) {
    int channel = placement.channels[tasks.tile][next[tasks.tile]++];
    ports[{tasks.tile, tasks.direction, tasks.stream.getValue()}] = {
        placement.tiles[tasks.tile],
        device.dmaPort(model.kind(tasks.tile), tasks.direction, channel)};
  }
  std::vector<Net> nets;
  for (adf::StreamOp stream : model.streams) {
    StringRef name = stream.getSymName();
    auto source = ports.find({model.tileIndex(stream.getSource()), Direction::MM2S, name});
    if (source == ports.end())
      continue;
    Net net{source->second, {}};
    for (Value target : stream.getTargets())
      if (auto sink = ports.find({model.tileIndex(target), Direction::S2MM, name});
          sink != ports.end())
        net.sinks.push_back(sink->second);
    nets.push_back(std::move(net));
  }
  return nets;
}

class PhasePlacer {
public:
  PhasePlacer(adf::ProgramOp program, const DeviceModel &device, int coresPerColumn)
      : device(device), avoid(avoidedTiles(program)), router(device, avoid) {
    int count = static_cast<int>(program.getTiles());
    for (int n = coresPerColumn; n >= 1; --n)
      addSites(count, n);
    for (int n = coresPerColumn + 1; n <= device.rowCount(TileKind::Core); ++n)
      addSites(count, n);
  }

  LogicalResult place(adf::PhaseOp phase);

private:
  void addSites(int count, int perColumn) {
    std::vector<TileCoord> sites = chooseCoreSites(device, avoid, count, perColumn);
    if (!llvm::is_contained(candidates, sites))
      candidates.push_back(std::move(sites));
  }
  void apply(PhaseModel &model, const Placement &placement);
  LogicalResult report(PhaseModel &model, const Placement &placement);
  static LogicalResult reportUnroutable(adf::PhaseOp phase, StringRef reason);

  const DeviceModel &device;
  std::vector<TileCoord> avoid;
  Router router;
  /// Core tiles in the order of use, for each way of sharing columns.
  std::vector<std::vector<TileCoord>> candidates;
};

LogicalResult PhasePlacer::report(PhaseModel &model, const Placement &placement) {
  adf::TileOp tile = model.tiles[placement.failedTile];
  InFlightDiagnostic diagnostic =
      tile.emitError() << "phase " << model.phase.getSymNameAttr() << ": this "
                       << adf::stringifyTileKind(tile.getKind()) << " tile cannot be placed on "
                       << device.name() << ": " << placement.failure;
  return diagnostic;
}

void PhasePlacer::apply(PhaseModel &model, const Placement &placement) {
  for (auto [tile, coord] : llvm::zip_equal(model.tiles, placement.tiles)) {
    tile.setCol(coord.col);
    tile.setRow(coord.row);
  }
  std::vector<int> next(model.tiles.size(), 0);
  for (ChannelTasks &tasks : model.channels)
    tasks.setChannel(placement.channels[tasks.tile][next[tasks.tile]++]);
}

LogicalResult PhasePlacer::place(adf::PhaseOp phase) {
  PhaseModel model(phase);
  PlaceRequest request = requestOf(model);
  std::string routeFailure;
  for (const std::vector<TileCoord> &sites : candidates) {
    std::vector<TileNeed> tiles = request.tiles;
    if (int tile = fixCascades(device, avoid, sites, request.chains, tiles); tile >= 0)
      return model.tiles[tile].emitError()
             << "phase " << phase.getSymNameAttr() << ": there is no place on " << device.name()
             << " for the cascade that begins at this core: each next core must be the southern or "
                "the eastern neighbour of the one before";
    Placement placement = Placer(device, avoid, sites).place(tiles, request.links);
    if (!placement.failure.empty()) {
      // Other core sites hardly help where a tile's own resources run out.
      if (&sites == &candidates.front())
        return report(model, placement);
      continue;
    }
    RouteResult routes = router.route(netsOf(model, placement, device));
    if (routes.failure.empty()) {
      apply(model, placement);
      return success();
    }
    if (routeFailure.empty())
      routeFailure = routes.failure;
    if (llvm::all_of(request.tiles, [](const TileNeed &need) {
          return need.kind != TileKind::Core || need.fixed.has_value();
        }))
      break; // there are no other sites
  }
  return reportUnroutable(phase, routeFailure);
}

/// Who asked can plan anew, so that the error says for programs, too, what it is and of which
/// segment (python/native/Diagnostics.h).
LogicalResult PhasePlacer::reportUnroutable(adf::PhaseOp phase, StringRef reason) {
  InFlightDiagnostic error = phase.emitOpError()
                             << "@" << phase.getSymName()
                             << " has no placement whose streams can be routed: with the "
                                "preferred one, "
                             << reason << "; use fewer tiles or avoid fewer";
  Builder builder(phase.getContext());
  NamedAttrList about;
  about.append("code", builder.getStringAttr("unroutable"));
  if (IntegerAttr segment = phase.getSegmentAttr())
    about.append("segment", segment);
  error.getUnderlyingDiagnostic()->getMetadata().emplace_back(
      about.getDictionary(phase.getContext()));
  return error;
}

struct PlacePass : adfc::impl::ADFPlaceBase<PlacePass> {
  using ADFPlaceBase::ADFPlaceBase;

  void runOnOperation() override {
    for (auto program : getOperation().getOps<adf::ProgramOp>())
      if (failed(place(program)))
        return signalPassFailure();
  }

  LogicalResult checkProgram(adf::ProgramOp program, const DeviceModel &device) {
    std::vector<TileCoord> avoid = avoidedTiles(program);
    for (TileCoord tile : avoid)
      if (!device.contains(tile))
        return program.emitOpError("avoids tile (")
               << tile.col << ", " << tile.row << "), which " << device.name()
               << " does not have: it has " << device.columns() << " columns and " << device.rows()
               << " rows";
    size_t usable = usableCores(device, avoid).size();
    if (program.getTiles() > usable)
      return program.emitOpError("asks for ")
             << program.getTiles() << " core tiles, but " << device.name() << " has " << usable
             << (avoid.empty() ? "" : " besides those to avoid") << ": ask for fewer";
    return success();
  }

  LogicalResult checkFixed(adf::PhaseOp phase, const DeviceModel &device) {
    for (auto tile : phase.getBody().getOps<adf::TileOp>()) {
      if (!tile.getCol())
        continue;
      TileCoord at{static_cast<int>(*tile.getCol()), static_cast<int>(*tile.getRow())};
      if (!device.contains(at) || device.kind(at) != toModel(tile.getKind()))
        return tile.emitOpError("is placed at (")
               << at.col << ", " << at.row << "), where " << device.name() << " has no "
               << adf::stringifyTileKind(tile.getKind()) << " tile";
    }
    return success();
  }

  LogicalResult place(adf::ProgramOp program) {
    const DeviceModel *device = deviceOf(program);
    if (!device || failed(checkProgram(program, *device)))
      return failure();
    PhasePlacer placer(program, *device, static_cast<int>(coresPerColumn));
    for (auto phase : program.getBody().getOps<adf::PhaseOp>())
      if (failed(checkFixed(phase, *device)) || failed(placer.place(phase)))
        return failure();
    return success();
  }
};

} // namespace
