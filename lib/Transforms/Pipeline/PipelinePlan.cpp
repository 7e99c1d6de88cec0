//===- PipelinePlan.cpp - the stages of a pipelined program ---------------===//
#include "Transforms/Pipeline/PipelinePlan.h"
#include "Transforms/Resident/ResidentPlan.h"
#include "Transforms/Tile/Descriptors.h"
#include "adfc/spec/core_program.h"

using namespace mlir;
using namespace adfc;

namespace {

bool isChained(adf::KernelOpInterface op) {
  return op.getScheduleAttr() && op.getScheduleAttr().getChained();
}

/// The layer that makes what `op` reads and is not chained itself, or null.
adf::KernelOpInterface headOf(adf::KernelOpInterface op) {
  auto head = op->getOperand(0).getDefiningOp<adf::KernelOpInterface>();
  return head && !isChained(head) ? head : adf::KernelOpInterface();
}

/// The stage of a layer, or of the one that it is chained to.
adf::StageAttr stageOf(adf::KernelOpInterface op) {
  if (isChained(op))
    if (adf::KernelOpInterface head = headOf(op))
      return stageOf(head);
  return op->getAttrOfType<adf::StageAttr>(adf::kStageAttrName);
}

/// The segment of a layer; 0 where it has no stage.
int64_t segmentOf(adf::KernelOpInterface op) {
  adf::StageAttr stage = stageOf(op);
  return stage ? stage.getSegment() : 0;
}

class Planner {
public:
  Planner(adf::GraphOp graph, const adfc_device &device, int64_t segment)
      : graph(graph), device(device), segment(segment) {
    plan.graph = graph;
    plan.batch = static_cast<int64_t>(*graph.getBatch());
    if (countSegments(graph) > 1)
      plan.segment = Builder(graph.getContext()).getI64IntegerAttr(segment);
  }

  FailureOr<PipelinePlan> run() {
    if (plan.batch < 1 || plan.batch > kMostBatch)
      return graph.emitOpError("has a 'batch' of ")
             << plan.batch << ": must be 1 to " << kMostBatch;
    for (auto op : graph.getBody().getOps<adf::KernelOpInterface>())
      if (isChained(op) && !headOf(op))
        return refuse(op) << "is chained, but not to a layer that has a stage";
    for (auto op : graph.getBody().getOps<adf::KernelOpInterface>())
      if (!isChained(op) && segmentOf(op) == segment && failed(addStage(op)))
        return failure();
    for (BlockArgument input : graph.getArguments())
      if (failed(addInput(input)))
        return failure();
    for (auto [i, made] : llvm::enumerate(plan.stages))
      if (made.stage.getGathered() &&
          llvm::none_of(plan.gathered, [&, stage = i](const GatheredInput &input) {
            return input.reader.stage == stage;
          }))
        return refuse(made.layer.op) << "has 'gathered', but reads no input of the network";
    for (auto op : resultsBetween(graph)) {
      if (segmentOf(op) < segment && failed(addEarlier(op)))
        return failure();
      if (segmentOf(op) == segment)
        readLater.insert(op->getResult(0));
    }
    for (size_t i = 0; i < plan.stages.size(); ++i)
      if (failed(addResult(i)))
        return failure();
    return std::move(plan);
  }

private:
  static InFlightDiagnostic refuse(adf::KernelOpInterface op) {
    return op->emitOpError() << "\"" << op.getLayer() << "\" ";
  }

  LogicalResult addStage(adf::KernelOpInterface op) {
    adf::StageAttr stage = stageOf(op);
    if (!stage)
      return refuse(op) << "has no '" << adf::kStageAttrName
                        << "', which a graph with 'batch' needs for each layer";
    FailureOr<adf::MaxPool2DOp> tail = chainedTo(op);
    if (failed(tail))
      return failure();
    FailureOr<LayerPlan> layer = planLayer(op, device, *graph.getTiles(), *tail);
    if (failed(layer) || failed(checkKind(op, *layer)) || failed(checkTiles(op, *layer)))
      return failure();
    int64_t channels = layer->channelsPerGroup;
    StagePlan made{std::move(*layer), stage, channels};
    dealRows(made.layer);
    if (failed(checkCascade(op, made)) || failed(checkPlaces(op, made)))
      return failure();
    plan.stages.push_back(std::move(made));
    return success();
  }

  /// Tiles of rows are dealt out to the groups in turn, so that a tensor comes row by row.
  static void dealRows(LayerPlan &layer) {
    int64_t count = layer.groups.size(), rows = layer.tile.rows;
    int64_t lastValid = (layer.output.rows - 1) / rows * rows;
    for (auto [g, group] : llvm::enumerate(layer.groups)) {
      group = {static_cast<int64_t>(g) * rows, layer.output.rows, layer.input.rows, 0, {}};
      for (int64_t tile = 0; tile < layer.spatialTiles; ++tile) {
        // Below the last row nothing is computed that anyone takes.
        int64_t out = std::min(group.firstRow + tile * count * rows, lastValid);
        SpatialTile slice = layer.tileAt(out, 0);
        group.inputBegin = std::min(group.inputBegin, slice.rows.first);
        group.inputEnd = std::max(group.inputEnd, slice.rows.end());
        group.tiles.push_back(slice);
      }
    }
  }

  /// Whether its windows have all positions between the first and the last, each once.
  static bool keepsRows(adf::KernelOpInterface op) {
    return llvm::all_of(llvm::ArrayRef{op.getRowMap(), op.getColumnMap()},
                        [](const adf::AxisMap &map) { return !map.skips() && map.upsample == 1; });
  }

  /// The pooling that is chained to `op`, or null.
  static FailureOr<adf::MaxPool2DOp> chainedTo(adf::KernelOpInterface op) {
    auto users = op->getResult(0).getUsers();
    auto found = llvm::find_if(users, [](Operation *user) {
      auto next = dyn_cast<adf::KernelOpInterface>(user);
      return next && isChained(next);
    });
    if (found == users.end())
      return adf::MaxPool2DOp();
    auto tail = cast<adf::KernelOpInterface>(*found);
    if (!isa<adf::MaxPool2DOp>(*found) || !op->getResult(0).hasOneUse() || !keepsRows(op) ||
        !keepsRows(tail))
      return refuse(tail) << "cannot be chained in a pipelined program: it must be a max pooling, "
                             "the only one that reads the layer before it, and neither may "
                             "resample or skip positions";
    adf::ScheduleAttr own = tail.getScheduleAttr();
    if ((*found)->hasAttr(adf::kStageAttrName) || own.getGrid() != op.getScheduleAttr().getGrid() ||
        own.getRounds() != 1)
      return refuse(tail) << "is chained, so it has the cores of the layer before it: its 'grid' "
                             "is that one's, it has one round and no 'stage'";
    if (stageOf(op) && stageOf(op).getCascade() > 1)
      return refuse(op) << "has a layer chained to it, so its sums cannot go over a cascade";
    return cast<adf::MaxPool2DOp>(*found);
  }

  static LogicalResult checkKind(adf::KernelOpInterface op, const LayerPlan &layer) {
    if (op.getStreamedOperand() || layer.weightStrips > 1)
      return refuse(op) << "multiplies two activations, which a pipelined program cannot do";
    if (layer.operands > 2 || (layer.operands == 2 && layer.weightsBytes))
      return refuse(op) << "reads more than the two channels of a core can bring";
    return success();
  }

  static LogicalResult checkTiles(adf::KernelOpInterface op, const LayerPlan &layer) {
    if (layer.schedule.getRounds() != 1 || layer.channelTiles != 1)
      return refuse(op) << "must be done in one round, and all channels of a core in one call";
    if (layer.tile.cols != layer.output.cols)
      return refuse(op) << "must have tiles of all " << layer.output.cols << " columns";
    return success();
  }

  /// Sums of the cores of a cascade add up, and a call hands all of them on.
  static LogicalResult checkCascade(adf::KernelOpInterface op, const StagePlan &made) {
    const LayerPlan &layer = made.layer;
    int64_t cascade = made.stage.getCascade();
    if (cascade == 1)
      return success();
    if (!layer.weightsBytes || !layer.accBytes || layer.chunks % cascade)
      return refuse(op) << "has " << layer.chunks << " chunks of input channels, which " << cascade
                        << " cores of a cascade cannot share evenly";
    if (layer.accBytes > CORE_PROGRAM_CASCADE_BYTES)
      return refuse(op) << "has " << layer.accBytes << " bytes of sums in a call, but at most "
                        << CORE_PROGRAM_CASCADE_BYTES
                        << " go over the cascade: make its tiles smaller";
    if ((made.chunksPerCore() > 1 || cascade > 2) && !made.stage.getHandover())
      return refuse(op) << "needs 'handover' cycles: where a cascade has more than two cores, or a "
                           "core of it several chunks, sums are in memory";
    return success();
  }

  /// What two cores make goes to one join, if any.
  static LogicalResult checkPairs(adf::KernelOpInterface op, const StagePlan &made) {
    DenseI64ArrayAttr joins = made.stage.getJoins();
    size_t inLane = made.cores() / made.cascade() / static_cast<size_t>(made.stage.getLanes());
    if (inLane % made.together())
      return refuse(op) << "has 'paired', but lanes of " << inLane << " cores";
    for (auto [core, sender] : llvm::enumerate(made.senders()))
      if (!joins.empty() && pairAt(joins, core) != pairAt(joins, sender))
        return refuse(op) << "has 'paired', but core " << core << " of its grid has another join "
                          << "than core " << sender << ", which sends for it";
    return success();
  }

  static LogicalResult checkPlaces(adf::KernelOpInterface op, const StagePlan &made) {
    auto tiles = [](DenseI64ArrayAttr pairs) { return static_cast<size_t>(pairs.size() / 2); };
    const LayerPlan &layer = made.layer;
    size_t channelGroups = layer.channelGroups.size();
    size_t cores = layer.groups.size() * channelGroups, lanes = made.stage.getLanes();
    if (tiles(made.stage.getCores()) != made.cores())
      return refuse(op) << "has " << made.cores() << " cores, but " << tiles(made.stage.getCores())
                        << " tiles for them";
    size_t senders = cores / made.together();
    if (channelGroups % lanes || (tiles(made.stage.getJoins()) == 0 && senders != lanes))
      return refuse(op) << "cannot send the results of " << cores << " cores in " << lanes
                        << " lanes: they must share the groups of channels evenly, and lanes of "
                           "more than one core that sends need 'joins'";
    if (failed(checkPairs(op, made)))
      return failure();
    size_t slabs = made.slabs() * layer.operands;
    if (tiles(made.stage.getSlabs()) != slabs ||
        static_cast<size_t>(made.stage.getDepths().size()) != layer.operands)
      return refuse(op) << "needs " << slabs << " 'slabs', and " << layer.operands << " 'depths'";
    DenseI64ArrayAttr relays = made.stage.getRelays();
    if (relays && static_cast<size_t>(relays.size()) != layer.operands)
      return refuse(op) << "has " << layer.operands << " operands, but " << relays.size()
                        << " numbers as 'relays'";
    size_t hops = made.stage.firstRelay(layer.operands, 0, made.slabs());
    DenseI64ArrayAttr hopTiles = made.stage.getRelayTiles();
    if ((hopTiles ? tiles(hopTiles) : 0) != hops)
      return refuse(op) << "needs " << hops << " tiles as 'relay_tiles'";
    size_t weights = layer.weightsBytes ? channelGroups : 0;
    if (tiles(made.stage.getWeights()) != weights)
      return refuse(op) << "needs " << weights
                        << " tiles as 'weights', one for each group of "
                           "channels that has some";
    return success();
  }

  /// Who reads `value`, or a reshape of it, and whether it is an output.
  void addReaders(PipelineTensor &tensor) {
    for (auto [i, stage] : llvm::enumerate(plan.stages))
      for (unsigned operand = 0; operand < stage.layer.operands; ++operand)
        if (behindReshapes(stage.layer.op->getOperand(operand)) == tensor.value)
          tensor.readers.push_back({i, operand});
    auto output = cast<adf::OutputOp>(graph.getBody().front().getTerminator());
    tensor.given = readLater.contains(tensor.value) ||
                   llvm::any_of(output.getValues(),
                                [&](Value value) { return behindReshapes(value) == tensor.value; });
  }

  /// Every operand must be an input or a result as a whole.
  LogicalResult checkReaders(const PipelineTensor &tensor) {
    int64_t bytes = tensor.extent.rows * tensor.extent.cols * tensor.extent.channels;
    for (TensorReader reader : tensor.readers) {
      const LayerPlan &layer = plan.stages[reader.stage].layer;
      if (layer.input.rows * layer.input.cols * layer.input.channels != bytes)
        return refuse(layer.op) << "reads a tensor in another shape, in which channels are not "
                                   "whole words";
    }
    return success();
  }

  /// An image comes row by row.
  LogicalResult addInput(BlockArgument input) {
    PipelineTensor tensor{input, {}, std::nullopt, {}, {}, false};
    addReaders(tensor);
    if (failed(gather(tensor)))
      return failure();
    if (tensor.readers.empty())
      return success();
    tensor.extent = plan.stages[tensor.readers.front().stage].layer.input;
    return addRows(std::move(tensor), 1);
  }

  /// Takes readers out of `tensor` that get their windows in streams of their own.
  LogicalResult gather(PipelineTensor &tensor) {
    for (TensorReader reader : tensor.readers) {
      const StagePlan &made = plan.stages[reader.stage];
      const LayerPlan &layer = made.layer;
      if (!made.stage.getGathered())
        continue;
      adf::Extent input = adf::getExtent(tensor.value.getType());
      int64_t bytes = input.rows * input.cols * adf::paddedChannels(input.channels);
      if (made.slabsPerGroup() > 1 ||
          bytes != layer.input.rows * layer.input.cols * layer.input.channels)
        return refuse(layer.op) << "has 'gathered', so its cores must read all channels of the "
                                   "input, and in a shape with as many bytes";
      int64_t bands = made.stage.bandsOf(reader.operand);
      if (bands != layer.spatialTiles || made.stage.getDepths()[reader.operand] % bands)
        return refuse(layer.op) << "has 'gathered' and " << layer.spatialTiles
                                << " windows for each group of rows: it needs as many 'bands', and "
                                   "'depths' of whole images";
      plan.gathered.push_back({tensor.value, reader});
    }
    llvm::erase_if(tensor.readers, [&](TensorReader reader) {
      return plan.stages[reader.stage].stage.getGathered();
    });
    return success();
  }

  /// What an earlier segment made comes again in as many lanes, each with as many channels.
  LogicalResult addEarlier(adf::KernelOpInterface op) {
    PipelineTensor tensor{op->getResult(0), {}, std::nullopt, {}, {}, false};
    addReaders(tensor);
    if (tensor.readers.empty())
      return success();
    tensor.given = false;
    tensor.extent = adf::getExtent(op->getResult(0).getType());
    tensor.extent.channels = adf::paddedChannels(tensor.extent.channels);
    int64_t lanes = stageOf(op).getLanes();
    if (tensor.extent.channels % (4 * lanes))
      return refuse(op) << "is read by a later segment, for which its " << lanes
                        << " lanes must have as many channels, in whole words";
    return addRows(std::move(tensor), lanes);
  }

  /// A tensor from DDR comes row by row.
  LogicalResult addRows(PipelineTensor tensor, int64_t lanes) {
    int64_t channels = tensor.extent.channels / lanes;
    for (int64_t first = 0; first < tensor.extent.channels; first += channels) {
      Lane lane;
      for (int64_t row = 0; row < tensor.extent.rows; ++row)
        lane.messages.push_back({row, 1, first, channels});
      tensor.lanes.push_back(std::move(lane));
    }
    if (failed(checkReaders(tensor)))
      return failure();
    plan.tensors.push_back(std::move(tensor));
    return success();
  }

  /// Where a core makes what several read, each a part of the channels, it sends the parts one
  /// behind the other, so that each reader can keep its own.
  void divideMessages(StagePlan &maker, const PipelineTensor &tensor) {
    int64_t least = maker.messageChannels;
    for (TensorReader reader : tensor.readers)
      least = std::min(least, plan.stages[reader.stage].partChannels());
    if (maker.messageChannels % least == 0 && maker.layer.output.channels % least == 0)
      maker.messageChannels = least;
  }

  LogicalResult addResult(size_t index) {
    const LayerPlan &layer = plan.stages[index].layer;
    PipelineTensor tensor{layer.result(), layer.output, index, {}, {}, false};
    addReaders(tensor);
    divideMessages(plan.stages[index], tensor);
    tensor.lanes = plan.stages[index].lanes();
    if (failed(checkReaders(tensor)))
      return failure();
    for (unsigned operand = 0; operand < layer.operands; ++operand) {
      Value root = behindReshapes(layer.op->getOperand(operand));
      auto isRoot = [&](const auto &made) { return made.value == root; };
      bool known = llvm::any_of(plan.tensors, isRoot) || llvm::any_of(plan.gathered, isRoot);
      if (!known)
        return refuse(layer.op)
               << "reads a constant, a part of a tensor, or what a later segment makes, which a "
                  "pipelined program cannot do";
    }
    if (!tensor.given && tensor.readers.empty())
      return refuse(layer.op) << "has a result that only a part of is read, which a pipelined "
                                 "program cannot do";
    plan.tensors.push_back(std::move(tensor));
    return success();
  }

  adf::GraphOp graph;
  const adfc_device &device;
  int64_t segment;
  llvm::DenseSet<Value> readLater;
  PipelinePlan plan;
};

} // namespace

std::vector<Lane> StagePlan::lanes() const {
  size_t channelGroups = layer.channelGroups.size(), count = stage.getLanes();
  size_t perLane = channelGroups / count;
  std::vector<Lane> lanes(count);
  for (auto [l, lane] : llvm::enumerate(lanes)) {
    for (size_t s = 0; s < layer.groups.size(); ++s)
      for (size_t c = 0; c < perLane; ++c)
        lane.cores.push_back(s * channelGroups + l * perLane + c);
    for (int64_t tile = 0; tile < layer.spatialTiles; ++tile)
      for (size_t core : lane.cores) {
        const ChannelGroup &channels = layer.channelGroups[core % channelGroups];
        int64_t row = (tile * static_cast<int64_t>(layer.groups.size()) +
                       static_cast<int64_t>(core / channelGroups)) *
                      layer.tile.rows;
        for (int64_t done = 0; done < channels.validChannels; done += messageChannels)
          lane.messages.push_back({row, layer.tile.rows, channels.firstChannel + done,
                                   std::min(messageChannels, channels.validChannels - done)});
      }
  }
  return lanes;
}

SmallVector<size_t> StagePlan::senders() const {
  SmallVector<size_t> found = llvm::to_vector(llvm::seq<size_t>(cores() / cascade()));
  if (together() == 1)
    return found;
  for (const Lane &lane : lanes())
    for (auto [i, core] : llvm::enumerate(lane.cores))
      found[core] = lane.cores[i - i % together()];
  return found;
}

int64_t StagePlan::partChannels() const {
  return layer.channelwise ? layer.channelsPerGroup : layer.input.channels / stage.getCascade();
}

int64_t StagePlan::messageWords(size_t core) const {
  const ChannelGroup &group = layer.channelGroups[core % layer.channelGroups.size()];
  return layer.tile.rows * layer.tile.cols * group.validChannels / 4;
}

TileCoord adfc::pairAt(DenseI64ArrayAttr pairs, size_t index) {
  return {static_cast<int>(pairs[2 * index]), static_cast<int>(pairs[2 * index + 1])};
}

int64_t adfc::countSegments(adf::GraphOp graph) {
  int64_t count = 1;
  for (auto op : graph.getBody().getOps<adf::KernelOpInterface>())
    count = std::max(count, segmentOf(op) + 1);
  return count;
}

SmallVector<adf::KernelOpInterface> adfc::resultsBetween(adf::GraphOp graph) {
  SmallVector<adf::KernelOpInterface> found;
  for (auto maker : graph.getBody().getOps<adf::KernelOpInterface>())
    if (llvm::any_of(graph.getBody().getOps<adf::KernelOpInterface>(), [&](auto reader) {
          return segmentOf(reader) > segmentOf(maker) &&
                 llvm::any_of(reader->getOperands(), [&](Value value) {
                   return behindReshapes(value) == maker->getResult(0);
                 });
        }))
      found.push_back(maker);
  return found;
}

FailureOr<PipelinePlan> adfc::planPipeline(adf::GraphOp graph, const adfc_device &device,
                                           int64_t segment) {
  return Planner(graph, device, segment).run();
}
