//===- PipelineTensors.cpp - from stage to stage --------------------------===//
#include "Transforms/Pipeline/PipelineBuilder.h"
#include "adfc/spec/devices.h"

using namespace mlir;
using namespace adfc;
using adf::LockKind;

namespace {

std::string nameOf(const StagePlan &stage) {
  return adf::KernelOpInterface(stage.layer.op).getLayer().str();
}

/// Rows and channels that part `number` of an operand has, in the maker's shape.
TensorPart partOf(const StagePlan &stage, size_t number, const adf::Extent &tensor) {
  const LayerPlan &layer = stage.layer;
  if (layer.input.rows != tensor.rows || layer.input.cols != tensor.cols)
    return {0, tensor.rows, 0, tensor.channels};
  size_t perGroup = stage.slabsPerGroup();
  const SpatialGroup &group = layer.groups[number / perGroup];
  TensorPart part{group.inputBegin, group.inputEnd, 0, tensor.channels};
  if (size_t cascade = stage.cascade(); cascade > 1) {
    int64_t channels = tensor.channels / static_cast<int64_t>(cascade);
    part.firstChannel = static_cast<int64_t>(number % cascade) * channels;
    part.endChannel = part.firstChannel + channels;
  } else if (perGroup > 1) {
    part.firstChannel = layer.channelGroups[number % perGroup].firstChannel;
    part.endChannel = part.firstChannel + layer.channelsPerGroup;
  }
  return part;
}

/// What of band `band` of a lane's messages a slab keeps.
StorePlan storeOf(const PipelineTensor &tensor, const Slab &slab, int64_t band) {
  Lane lane = laneOfBand(tensor.lanes[slab.lane], slab.bands, band);
  int64_t pixel = slab.part.channels() / 4;
  StorePlan store =
      storeMessages(lane, slab.part, tensor.extent, 0, pixel, tensor.extent.cols * pixel);
  if (store.failure.empty() &&
      llvm::none_of(store.runs, [](const StoreRun &run) { return run.kept; }))
    store.failure = "its operand comes in bands of which it needs nothing: use fewer 'bands'";
  return store;
}

/// The lane that brings a part of a tensor: all of it must come in one.
FailureOr<size_t> laneOf(const PipelineTensor &tensor, const StagePlan &stage,
                         const TensorPart &part) {
  SmallVector<size_t> bringers;
  for (auto [l, lane] : llvm::enumerate(tensor.lanes))
    if (llvm::any_of(lane.messages, [&](const Message &message) {
          return message.channel < part.endChannel &&
                 message.channel + message.channels > part.firstChannel;
        }))
      bringers.push_back(l);
  if (bringers.size() != 1)
    return stage.layer.op->emitOpError()
           << "\"" << nameOf(stage) << "\" reads channels that come in " << bringers.size()
           << " lanes, but can take one: use fewer 'lanes' for what makes them";
  return bringers.front();
}

} // namespace

//===- slabs --------------------------------------------------------------===//

LogicalResult PipelineBuilder::makeSlabs() {
  for (const PipelineTensor &tensor : plan.tensors)
    for (TensorReader reader : tensor.readers)
      for (int64_t i = 0; i < plan.stages[reader.stage].slabs(); ++i)
        if (failed(makeSlab(tensor, reader, i)))
          return failure();
  return success();
}

LogicalResult PipelineBuilder::makeSlab(const PipelineTensor &tensor, TensorReader reader,
                                        size_t number) {
  const StagePlan &stage = plan.stages[reader.stage];
  TensorPart part = partOf(stage, number, tensor.extent);
  if (stage.cascade() > 1 &&
      part.channels() * static_cast<int64_t>(stage.cascade()) != stage.layer.input.channels)
    return stage.layer.op->emitOpError()
           << "\"" << nameOf(stage)
           << "\" reads a tensor in another shape, of which the cores of "
              "a cascade cannot have parts";
  Slab slab;
  FailureOr<size_t> bringer = laneOf(tensor, stage, part);
  if (failed(bringer))
    return failure();
  slab.lane = *bringer;
  const Lane &lane = tensor.lanes[slab.lane];
  FailureOr<Bands> bands = planBands(stage, reader.operand, lane, tensor.extent);
  if (failed(bands))
    return failure();
  slab.bands = *bands;
  const SpatialGroup &group = stage.layer.groups[number / stage.slabsPerGroup()];
  slab.tiles = group.tiles;
  if (slab.bands.ring) {
    part.endRow = group.tiles[group.tiles.size() / slab.bands.count - 1].rows.end();
  }
  slab.part = wholeMessages(part, lane, tensor.extent);
  int64_t scrapBytes = 0;
  for (int64_t band = 0; band < slab.bands.chains(); ++band) {
    StorePlan store = storeOf(tensor, slab, band);
    if (!store.failure.empty())
      return stage.layer.op->emitOpError() << "\"" << nameOf(stage) << "\": " << store.failure;
    scrapBytes = std::max(scrapBytes, store.scrapBytes);
  }
  size_t place = reader.operand * stage.slabs() + number;
  slab.tile = makeTile(adf::TileKind::Mem, pairAt(stage.stage.getSlabs(), place));
  int64_t bytes = slab.part.rows() * tensor.extent.cols * slab.part.channels();
  int64_t depth = stage.stage.getDepths()[reader.operand], each = bytes;
  if (slab.bands.chains() > 1)
    each = bandBytes(bytes, slab.bands);
  slab.window = makeWindow(slab.tile, depth, each, /*packed=*/slab.bands.chains() > 1);
  size_t relay = stage.stage.firstRelay(reader.operand, number, stage.slabs());
  for (int64_t i = 0; i < stage.stage.relaysOf(reader.operand); ++i) {
    Value tile = makeTile(adf::TileKind::Mem, pairAt(stage.stage.getRelayTiles(), relay + i));
    slab.relays.push_back({tile, makeWindow(tile, slab.bands.ring ? depth : 2, bytes)});
  }
  if (!slab.relays.empty() && slab.bands.chains() > 1)
    return stage.layer.op->emitOpError() << "\"" << nameOf(stage)
                                         << "\" has 'relays' for an operand whose bands are not "
                                            "read alike: they hold whole images";
  if (scrapBytes)
    slab.scrap = makeWindow(slab.entryTile(), 1, scrapBytes);
  stages[reader.stage].slabs[reader.operand].push_back(slab);
  return success();
}

//===- lanes --------------------------------------------------------------===//

LogicalResult PipelineBuilder::carry(const PipelineTensor &tensor, size_t index) {
  const Lane &lane = tensor.lanes[index];
  std::string name = tensor.maker ? nameOf(plan.stages[*tensor.maker]) : "input";
  name += ".lane" + std::to_string(index);
  FailureOr<Source> source = makeSource(tensor, index, name);
  if (failed(source))
    return failure();
  SmallVector<Value> targets;
  SmallVector<const Slab *> slabs;
  for (TensorReader reader : tensor.readers)
    for (const Slab &slab : stages[reader.stage].slabs[reader.operand])
      if (slab.lane == index) {
        targets.push_back(slab.entryTile());
        slabs.push_back(&slab);
      }
  Value shim = tensor.given ? makeTile(adf::TileKind::Shim) : Value();
  if (shim)
    targets.push_back(shim);
  makeStream(source->stream.getValue(), source->tile, targets);
  for (const Slab *slab : slabs)
    if (failed(store(tensor, *slab, source->stream)) || failed(relay(*slab, name)))
      return failure();
  return shim ? drain(tensor, lane, shim, source->stream) : success();
}

/// What of a lane's messages a slab keeps. Nothing waits for what comes behind that but the end of
/// a segment, which must not leave it on its way.
LogicalResult PipelineBuilder::store(const PipelineTensor &tensor, const Slab &slab,
                                     StringAttr stream) {
  SmallVector<StorePlan> stores;
  for (int64_t band = 0; band < slab.bands.chains(); ++band)
    stores.push_back(storeOf(tensor, slab, band));
  bool dropsLast = !stores.back().runs.back().kept;
  adf::DMAOp task =
      makeTask(slab.entryTile(), adf::Direction::S2MM, stream, plan.batch * slab.bands.runs(),
               std::nullopt, /*token=*/dropsLast && !plan.stays());
  for (const StorePlan &store : stores)
    if (failed(storeBand(task, slab, store)))
      return failure();
  return success();
}

LogicalResult PipelineBuilder::storeBand(adf::DMAOp task, const Slab &slab,
                                         const StorePlan &store) {
  auto kept = [](const StoreRun &run) { return run.kept; };
  auto first = llvm::find_if(store.runs, kept);
  auto last = std::find_if(store.runs.rbegin(), store.runs.rend(), kept).base() - 1;
  for (auto run = store.runs.begin(); run != store.runs.end(); ++run) {
    Handshake handshake{run == first ? acquire(LockKind::Empty) : nullptr,
                        run == last ? release(LockKind::Full) : nullptr,
                        run->kept ? imagesOf(slab) : SmallVector<int64_t, 2>()};
    if (failed(addBD(task, run->kept ? slab.entryWindow() : slab.scrap, nullptr, run->pattern,
                     handshake)))
      return failure();
  }
  return success();
}

/// From one memory tile on the way to the next, image by image or band by band.
LogicalResult PipelineBuilder::relay(const Slab &slab, StringRef name) {
  SmallVector<std::pair<Value, Value>> way(slab.relays.begin(), slab.relays.end());
  way.push_back({slab.tile, slab.window});
  for (size_t i = 0; i + 1 < way.size(); ++i) {
    auto [from, sent] = way[i];
    auto [to, taken] = way[i + 1];
    int64_t words = static_cast<int64_t>(sent.getDefiningOp<adf::WindowOp>().getBytes()) / 4;
    StringAttr stream = makeStream(table.unique((name + ".relay").str()).getValue(), from, to);
    AccessPattern whole = AccessPattern(0).dim(words, 1);
    int64_t times = plan.batch * slab.bands.runs();
    if (failed(addBD(makeTask(from, adf::Direction::MM2S, stream, times), sent, nullptr, whole,
                     {acquire(LockKind::Full), release(LockKind::Empty), {}})) ||
        failed(addBD(makeTask(to, adf::Direction::S2MM, stream, times), taken, nullptr, whole,
                     {acquire(LockKind::Empty), release(LockKind::Full), {}})))
      return failure();
  }
  return success();
}

/// The tile from which a lane leaves, and its stream's name; all that leads there.
FailureOr<PipelineBuilder::Source> PipelineBuilder::makeSource(const PipelineTensor &tensor,
                                                               size_t index, StringRef name) {
  StringAttr stream = table.unique(name);
  if (!tensor.maker) {
    Value shim = makeTile(adf::TileKind::Shim);
    int64_t pixels = tensor.extent.rows * tensor.extent.cols, pixel = tensor.extent.channels / 4;
    const Message &first = tensor.lanes[index].messages.front();
    AccessPattern pattern(first.channel / 4);
    pattern.dim(first.channels / 4, 1).dim(pixels, pixel);
    if (failed(addImages(shim, adf::Direction::MM2S, stream, table.lookup(tensor.value), pattern,
                         pixels * pixel)))
      return failure();
    return Source{shim, stream};
  }
  const StagePlan &stage = plan.stages[*tensor.maker];
  const Stage &made = stages[*tensor.maker];
  const Lane &lane = tensor.lanes[index];
  if (!stage.stage.getJoins().empty())
    return joinCores(stage, made, lane, stream.getValue());
  if (failed(sendOutputs(stage, made, lane.cores, stream)))
    return failure();
  return Source{made.cores[stage.lastOf(lane.cores.front())].tile, stream};
}

/// The first core's task that sends what is valid of each tile of these cores, in turn.
LogicalResult PipelineBuilder::sendOutputs(const StagePlan &stage, const Stage &made,
                                           ArrayRef<size_t> cores, StringAttr stream) {
  const LayerPlan &layer = stage.layer;
  Value sender = made.cores[stage.lastOf(cores.front())].tile;
  adf::DMAOp task = makeTask(sender, adf::Direction::MM2S, stream, plan.batch * layer.spatialTiles,
                             /*channel=*/0);
  for (size_t core : cores) {
    const ChannelGroup &group = layer.channelGroups[core % layer.channelGroups.size()];
    int64_t channels = layer.tile.outChannels / 4;
    AccessPattern pattern(0);
    int64_t message = std::min(stage.messageChannels, group.validChannels);
    pattern.dim(message / 4, 1)
        .dim(layer.tile.rows * layer.tile.cols, channels)
        .dim(group.validChannels / message, message / 4);
    if (failed(addBD(task, made.cores[stage.lastOf(core)].out, nullptr, pattern,
                     {acquire(LockKind::Full), release(LockKind::Empty), {}})))
      return failure();
  }
  return success();
}

/// Each join hands on what came from the one before it, then what its own cores send.
FailureOr<PipelineBuilder::Source> PipelineBuilder::joinCores(const StagePlan &stage,
                                                              const Stage &made, const Lane &lane,
                                                              StringRef name) {
  Source last{};
  int64_t words = 0;
  for (size_t first = 0, end = 0; first < lane.cores.size(); first = end) {
    TileCoord at = pairAt(stage.stage.getJoins(), lane.cores[first]);
    for (end = first + 1;
         end < lane.cores.size() && pairAt(stage.stage.getJoins(), lane.cores[end]) == at;)
      ++end;
    Source next{makeTile(adf::TileKind::Mem, at), end == lane.cores.size()
                                                      ? builder.getStringAttr(name)
                                                      : table.unique((name + ".join").str())};
    SmallVector<JoinPart> parts;
    if (last.tile) {
      makeStream(last.stream.getValue(), last.tile, next.tile);
      parts.push_back({last.stream, words});
    }
    for (size_t at = first; at < end; at += stage.together()) {
      ArrayRef<size_t> cores = ArrayRef(lane.cores).slice(at, stage.together());
      StringAttr stream = table.unique(nameOf(stage) + ".out" + std::to_string(cores.front()));
      makeStream(stream.getValue(), made.cores[stage.lastOf(cores.front())].tile, next.tile);
      if (failed(sendOutputs(stage, made, cores, stream)))
        return failure();
      parts.push_back({stream, 0});
      for (size_t core : cores)
        parts.back().words += stage.messageWords(core);
      words += parts.back().words;
    }
    if (failed(gather(parts, next, plan.batch * stage.layer.spatialTiles)))
      return failure();
    last = next;
  }
  return last;
}

/// What comes in parts goes out in turn, `times` times.
LogicalResult PipelineBuilder::gather(ArrayRef<JoinPart> parts, const Source &to, int64_t times) {
  adf::DMAOp send = makeTask(to.tile, adf::Direction::MM2S, to.stream, times);
  for (const JoinPart &part : parts) {
    Value window = makeWindow(to.tile, /*depth=*/2, 4 * part.words);
    // The window stands before the task that was made for all parts.
    window.getDefiningOp()->moveBefore(send);
    adf::DMAOp receive = makeTask(to.tile, adf::Direction::S2MM, part.stream, times);
    AccessPattern whole = AccessPattern(0).dim(part.words, 1);
    if (failed(addBD(receive, window, nullptr, whole,
                     {acquire(LockKind::Empty), release(LockKind::Full), {}})) ||
        failed(addBD(send, window, nullptr, whole,
                     {acquire(LockKind::Full), release(LockKind::Empty), {}})))
      return failure();
  }
  return success();
}

/// The shim's task that writes a lane to an output of the program.
LogicalResult PipelineBuilder::drain(const PipelineTensor &tensor, const Lane &lane, Value shim,
                                     StringAttr stream) {
  const adf::Extent &extent = tensor.extent;
  const StagePlan &stage = plan.stages[*tensor.maker];
  for (const Message &message : lane.messages)
    if (message.row + message.rows > extent.rows)
      return stage.layer.op->emitOpError()
             << "\"" << nameOf(stage) << "\" makes an output: its tiles must make up all of its "
             << extent.rows << " rows, and no more";
  int64_t pixel = extent.channels / 4, row = extent.cols * pixel;
  StorePlan store =
      storeMessages(lane, {0, extent.rows, 0, extent.channels}, extent, 0, pixel, row);
  auto patterns = llvm::map_to_vector(store.runs, [](const StoreRun &run) { return run.pattern; });
  return addImages(shim, adf::Direction::S2MM, stream, table.lookup(tensor.value), patterns,
                   extent.rows * row);
}
