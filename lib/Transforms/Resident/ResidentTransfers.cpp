//===- ResidentTransfers.cpp - what the hub, joins and shims do in each step ===//
#include "Transforms/Resident/ResidentBuilder.h"
#include "adfc/spec/devices.h"
#include <algorithm>
#include <limits>
#include <numeric>

using namespace mlir;
using namespace adfc;
using adf::LockKind;

namespace {

/// Of a join: S2MM for inputs, MM2S to the hub and to DDR. Odd ones have half of the descriptors.
constexpr int64_t kInChannel = 5, kRelayChannel = 1, kDrainChannel = 3, kOutChannel = 0;
/// Streams that bring one input; more do not raise DDR's rate (15.6 GB/s, 4 bytes a cycle each).
constexpr int64_t kInputStreams = 4;
/// Bytes of one piece of input on its way through a join.
constexpr int64_t kInputPieceBytes = 16 * 1024;
/// Descriptors of one task for windows; beyond, chunks are counted by a descriptor's iteration.
constexpr int64_t kMaxChain = 5;

/// Pieces of all inputs in all streams, at most: locks count messages in 6 bits (AM020).
constexpr int64_t kMostPieces = 60;

/// How an input is cut: into pieces of `words` words, of which each stream brings some that follow
/// each other.
struct InputCut {
  int64_t words;
  SmallVector<int64_t, kInputStreams> pieces;

  int64_t messages() const { return std::accumulate(pieces.begin(), pieces.end(), int64_t(0)); }
};

/// Control's cycles to start what a shim reads: a descriptor of 8 words, the 2 of its address
/// again.
int64_t startCycles(const adfc_timing &timing) {
  return 2 * timing.control_write_cycles + 7 * timing.control_block_word_cycles +
         timing.control_mask_write_cycles + timing.control_push_cold_cycles;
}

/// Shares out `count` pieces over `streams` streams, so that all end at about the same time:
/// control starts one shim after the other, and all share DDR's rate. Also tells the cycles until
/// the last piece is through its join.
std::pair<InputCut, int64_t> shareOut(int64_t words, int64_t count, int64_t streams,
                                      const adfc_device &device) {
  int64_t piece = words / count, together = count % 2 ? 1 : 2; // a join has two buffers
  int64_t bytesInMicrosecond =
      std::min<int64_t>(4 * streams * device.timing.clock_mhz, device.timing.ddr_mbytes_per_second);
  int64_t turn = device.timing.dma_start_cycles + device.timing.bd_chain_cycles +
                 2 * device.timing.lock_cycles;
  int64_t cycles = 4 * piece * streams * device.timing.clock_mhz / bytesInMicrosecond + turn;
  InputCut cut{piece, {}};
  SmallVector<int64_t, kInputStreams> ends;
  for (int64_t j = 1; j <= streams; ++j) {
    cut.pieces.push_back(together);
    ends.push_back(j * startCycles(device.timing) + together * cycles);
  }
  for (int64_t left = count - streams * together; left > 0; left -= together) {
    auto first = std::min_element(ends.begin(), ends.end());
    *first += together * cycles;
    cut.pieces[first - ends.begin()] += together;
  }
  return {cut, *std::max_element(ends.begin(), ends.end()) + piece};
}

/// Equal pieces of whole words, an even number of them where that is possible, in as many streams
/// as take least time.
InputCut cutInput(int64_t words, int64_t mostStreams, const adfc_device &device) {
  std::pair<InputCut, int64_t> best{{words / (words % 2 ? 1 : 2), {words % 2 ? 1 : 2}},
                                    std::numeric_limits<int64_t>::max()};
  for (int64_t count = 2; count <= kMostPieces; count += 2)
    if (words % count == 0 && words / count * 4 <= kInputPieceBytes)
      for (int64_t streams = std::min({kInputStreams, mostStreams, count / 2}); streams >= 1;
           --streams)
        if (auto cut = shareOut(words, count, streams, device); cut.second < best.second)
          best = cut;
  return best.first;
}

bool sameShape(const AxisSlice &a, const AxisSlice &b) {
  return a.count == b.count && a.before == b.before && a.after == b.after && a.step == b.step;
}

} // namespace

//===- inputs -------------------------------------------------------------===//

/// Streams from DDR that bring inputs: streamed weights take one for each tape.
int64_t ResidentBuilder::mostInputs() const {
  DeviceModel model(device);
  int64_t channels = 0;
  for (int col = 0; col < model.columns(); ++col)
    if (model.hasShimDma(col))
      channels += model.channels(TileKind::Shim);
  int64_t left = channels - (plan.streamed() ? static_cast<int64_t>(tapes.size()) : 0);
  return std::clamp<int64_t>(left, 1, plan.sets());
}

LogicalResult ResidentBuilder::makeInputs() {
  ins.resize(plan.sets());
  inShims.resize(plan.sets());
  InputBuffers buffers;
  for (BlockArgument input : adf::GraphOp(plan.graph).getArguments()) {
    auto found = layout.tensors.find(input);
    if (found == layout.tensors.end())
      continue;
    int64_t words = found->second.dataBytes() / 4;
    InputCut cut = cutInput(words, mostInputs(), device);
    buffers.packets |= buffers.words && buffers.words != cut.words;
    buffers.words = std::max(buffers.words, cut.words);
    if (cut.messages() % 2)
      buffers.depth = 1;
  }
  for (auto &[value, tensor] : layout.tensors)
    if (isa<BlockArgument>(value) && failed(makeInput(value, buffers)))
      return failure();
  return success();
}

/// The window through which inputs come to join `j`, and what fills it.
LogicalResult ResidentBuilder::makeInputWindow(int64_t j, const InputBuffers &buffers) {
  Join &join = joins[j];
  if (join.input)
    return success();
  int64_t behind = plan.coresPerSet() * adf::roundUp(plan.resident.getOutput(), kResidentAlignment);
  join.input =
      makeWindow(join.tile, buffers.depth, adf::roundUp(4 * buffers.words, kResidentAlignment),
                 behind, 2 * plan.coresPerSet());
  inShims[j] = makeTile(adf::TileKind::Shim, {});
  ins[j] = makeStream("in" + Twine(j), inShims[j], join.tile);
  TaskKind kind{kInChannel};
  kind.packets = buffers.packets;
  Transfer fill{join.input,
                nullptr,
                AccessPattern(0).dim(buffers.words, 1),
                {atLeast(LockKind::Empty, 1), add(LockKind::Full, 1), {}}};
  return makeTask(join.tile, adf::Direction::S2MM, ins[j], kind, fill);
}

/// Brings `input` to the hubs, in pieces that fit `buffers`.
LogicalResult ResidentBuilder::makeInput(Value input, const InputBuffers &buffers) {
  HubTensor &tensor = layout.tensors[input];
  int64_t words = tensor.dataBytes() / 4;
  InputCut cut = cutInput(words, mostInputs(), device);
  int64_t piece = cut.words, first = 0;
  for (HubPart &part : tensor.parts)
    part.messages = cut.messages();
  for (auto [i, count] : llvm::enumerate(cut.pieces)) {
    auto j = static_cast<int64_t>(i);
    if (failed(makeInputWindow(j, buffers)))
      return failure();
    SmallVector<int64_t, 2> pieces{count, piece};
    if (count == 1)
      pieces.clear();
    // Where no packets say how long pieces are, in one run: DDR takes its time to answer each.
    Transfer read{nullptr, table.lookup(input), AccessPattern(first).dim(count * piece, 1), {}};
    if (buffers.packets)
      read = {nullptr,
              table.lookup(input),
              AccessPattern(first).dim(piece, 1),
              {nullptr, nullptr, pieces}};
    Transfer pass{joins[j].input,
                  nullptr,
                  AccessPattern(0).dim(piece, 1),
                  {atLeast(LockKind::Full, 1), add(LockKind::Empty, 1), {}}};
    TaskKind kind{-1, count, /*step=*/0};
    TaskKind relay = kind, last = kind;
    relay.channel = kRelayChannel;
    last.token = true;
    last.channel = j;
    for (auto [hub, window] : llvm::zip_equal(hubs, hubWindows[input])) {
      Transfer store{window,
                     nullptr,
                     AccessPattern(first).dim(piece, 1),
                     {nullptr, add(LockKind::Full, 1), pieces}};
      if (failed(makeTask(hub, adf::Direction::S2MM, this->relay(j), last, store)))
        return failure();
    }
    kind.repeat = buffers.packets ? count : 1;
    if (failed(makeTask(joins[j].tile, adf::Direction::MM2S, this->relay(j), relay, pass)) ||
        failed(makeTask(inShims[j], adf::Direction::MM2S, ins[j], kind, read)))
      return failure();
    first += count * piece;
  }
  return success();
}

//===- windows ------------------------------------------------------------===//

/// Whether any step has work for core `i` of `set`; -1: for any of its cores.
bool ResidentBuilder::isUsed(int64_t set, int64_t i) const {
  return llvm::any_of(plan.steps, [&](const StepPlan &step) {
    SetRole role = step.role(set);
    return role.active && i < role.cores;
  });
}

LogicalResult ResidentBuilder::makeStep(const StepPlan &step, int64_t index) {
  for (int64_t set = 0; set < plan.sets(); ++set)
    if (step.role(set).active &&
        (failed(sendWindows(step, index, set)) || failed(sendOutputs(step, index, set))))
      return failure();
  return success();
}

/// The messages of one tile: the other operand of the tail, which exists long before and can come
/// while the step before is at work; the head's windows, its pixel. `chunk` -1: all chunks.
SmallVector<Transfer> ResidentBuilder::windowChain(const StepPlan &step, int64_t set, int64_t tile,
                                                   int64_t chunk, bool skip) {
  SetRole role = step.role(set);
  SmallVector<Transfer> chain;
  auto window = [&](Value value, const SpatialTile &at, int64_t channel, int64_t channels) {
    Value root = behindReshapes(value);
    const HubTensor &tensor = layout.tensors[root];
    const HubPart &part = tensor.parts[plan.hubOf(set)];
    // Under another shape the same bytes are without gaps.
    adf::Extent seen = adf::getExtent(value.getType());
    int64_t pixel = (tensor.dense() ? adf::paddedChannels(seen.channels) : tensor.pitch) / 4;
    int64_t row = seen.cols * pixel;
    AccessPattern pattern((at.rows.first - part.firstRow) * row + at.cols.first * pixel +
                          channel / 4);
    pattern.dim(channels / 4, 1)
        .padded(at.cols.count, at.cols.step * pixel, at.cols.before, at.cols.after)
        .padded(at.rows.count, at.rows.step * row, at.rows.before, at.rows.after);
    chain.push_back({hubWindows[root][plan.hubOf(set)],
                     nullptr,
                     pattern,
                     {equal(LockKind::Full, part.messages), nullptr, {}}});
  };
  SpatialTile at = step.window(role.group, tile);
  adf::KernelOpInterface head = step.head;
  if (skip)
    window(step.skip, step.skipWindow(role.group, tile), role.firstChannel, role.channels);
  for (unsigned operand = 0; operand < step.operands; ++operand)
    for (int64_t c = std::max<int64_t>(chunk, 0), e = chunk < 0 ? step.chunks : chunk + 1; c < e;
         ++c)
      if (step.channelwise)
        window(head->getOperand(operand), at, role.firstChannel, role.channels);
      else
        window(head->getOperand(operand), at, c * step.headTile.inChannels,
               step.headTile.inChannels);
  if (step.pixel) {
    AxisSlice one = sliceOf({1, 1, 1, 0}, 0, 1);
    window(step.pixel, {one, one}, role.firstChannel, role.channels);
  }
  return chain;
}

LogicalResult ResidentBuilder::sendWindows(const StepPlan &step, int64_t index, int64_t set) {
  SetRole role = step.role(set);
  Value hub = hubs[plan.hubOf(set)];
  // The channels of a hub, even and odd ones in turn: each kind has its half of the descriptors.
  TaskKind kind{set - plan.firstSetOf(plan.hubOf(set)), 1, index};
  bool longChain = step.messages() > kMaxChain;
  int64_t tiles = step.rowTiles(role.group);
  for (int64_t tile = 0; tile < tiles;) {
    if (longChain) {
      SmallVector<Transfer> chain = windowChain(step, set, tile, 0, step.skip != nullptr);
      MutableArrayRef<Transfer> all(chain);
      kind.repeat = step.chunks;
      kind.repeat = 1;
      if (step.skip &&
          failed(makeTask(hub, adf::Direction::MM2S, acts[set], kind, all.take_front(1))))
        return failure();
      kind.repeat = step.chunks;
      all.back().handshake.iteration = {step.chunks, step.headTile.inChannels / 4};
      if (failed(makeTask(hub, adf::Direction::MM2S, acts[set], kind, all.take_back(1))))
        return failure();
      ++tile;
      continue;
    }
    // Neighbouring tiles that differ by their rows alone are one task.
    int64_t end = tile + 1;
    SpatialTile first = step.window(role.group, tile),
                firstSkip = step.skipWindow(role.group, tile);
    while (end < tiles && sameShape(first.rows, step.window(role.group, end).rows) &&
           (!step.skip || sameShape(firstSkip.rows, step.skipWindow(role.group, end).rows)))
      ++end;
    SmallVector<Transfer> chain = windowChain(step, set, tile, -1, step.skip != nullptr);
    kind.repeat = end - tile;
    if (kind.repeat > 1) {
      SmallVector<Transfer> next = windowChain(step, set, tile + 1, -1, step.skip != nullptr);
      for (auto [transfer, following] : llvm::zip_equal(chain, next))
        if (int64_t by = following.pattern.getOffset() - transfer.pattern.getOffset())
          transfer.handshake.iteration = {kind.repeat, by};
    }
    if (failed(makeTask(hub, adf::Direction::MM2S, acts[set], kind, chain)))
      return failure();
    tile = end;
  }
  return success();
}

//===- outputs ------------------------------------------------------------===//

LogicalResult ResidentBuilder::sendOutputs(const StepPlan &step, int64_t index, int64_t set) {
  SetRole role = step.role(set);
  TaskKind kind{kOutChannel, step.outMessages(role), index};
  for (int64_t i = 0; i < role.cores; ++i) {
    Transfer message{core(set, i).out,
                     nullptr,
                     AccessPattern(0).dim(step.outBytes() / 4, 1),
                     {atLeast(LockKind::Full, 1), add(LockKind::Empty, 1), {}}};
    StringAttr stream = outs[set * plan.coresPerSet() + i];
    if (failed(makeTask(core(set, i).tile, adf::Direction::MM2S, stream, kind, message)))
      return failure();
  }
  Value result = step.result();
  bool stored = layout.tensors.count(result), drained = table.isOutput(result);
  if (stored && drained)
    return adf::KernelOpInterface(step.head)->emitOpError(
        "makes an output that a later layer reads too, which a resident program cannot do");
  return drained ? drainOutputs(step, index, set) : storeOutputs(step, index, set);
}

LogicalResult ResidentBuilder::storeOutputs(const StepPlan &step, int64_t index, int64_t set) {
  SetRole role = step.role(set);
  SmallVector<Transfer> parts;
  for (int64_t i = 0; i < role.cores; ++i)
    parts.push_back({joins[set].parts[i],
                     nullptr,
                     AccessPattern(0).dim(step.outBytes() / 4, 1),
                     {atLeast(LockKind::Full, 1), add(LockKind::Empty, 1), {}}});
  TaskKind relay{kRelayChannel, step.outMessages(role), index};
  if (failed(makeTask(joins[set].tile, adf::Direction::MM2S, this->relay(set), relay, parts)))
    return failure();

  for (int64_t hub = 0; hub < plan.hubs(); ++hub)
    if (failed(storeInHub(step, index, set, hub)))
      return failure();
  return success();
}

LogicalResult ResidentBuilder::storeInHub(const StepPlan &step, int64_t index, int64_t set,
                                          int64_t hub) {
  SetRole role = step.role(set);
  const HubTensor &tensor = layout.tensors[step.result()];
  const HubPart &part = tensor.parts[hub];
  int64_t pixel = tensor.pitch / 4, row = tensor.cols * pixel;
  int64_t tiles = step.rowTiles(role.group), messages = step.outMessages(role);
  // Messages [first, end) are kept.
  int64_t start = role.group * step.rowsPerGroup - part.firstRow;
  int64_t first = step.sends * std::clamp<int64_t>(-start / step.rows, 0, tiles);
  int64_t end = step.sends * std::clamp<int64_t>((part.rows - start) / step.rows, 0, tiles);
  end = std::max(first, end);
  if (first == end)
    first = end = messages;
  auto store = [&](int64_t from, int64_t to, bool keep) -> LogicalResult {
    if (from == to)
      return success();
    Transfer into{scraps.empty() ? Value() : scraps[hub],
                  nullptr,
                  AccessPattern(0).dim(role.cores * step.outBytes() / 4, 1),
                  {}};
    if (keep) {
      int64_t channels = step.channelsPerCore() / step.sends / 4;
      int64_t next = step.sends > 1 ? channels : step.rows * row;
      AccessPattern pattern(start * row + from * next + role.firstChannel / 4);
      pattern.dim(channels, 1)
          .dim(step.cols, pixel)
          .dim(step.rows, row)
          .dim(role.cores, step.channelsPerCore() / 4);
      into = {
          hubWindows[step.result()][hub], nullptr, pattern, {nullptr, add(LockKind::Full, 1), {}}};
      if (to - from > 1)
        into.handshake.iteration = {to - from, next};
    }
    auto [tile, channel] = receiver(hub, set);
    TaskKind kind{channel, to - from, index};
    kind.token = to == messages;
    return makeTask(tile, adf::Direction::S2MM, relay(set), kind, into);
  };
  return failure(failed(store(0, first, false)) || failed(store(first, end, true)) ||
                 failed(store(end, messages, false)));
}

LogicalResult ResidentBuilder::drainOutputs(const StepPlan &step, int64_t index, int64_t set) {
  if (drains.empty()) {
    drains.resize(plan.sets());
    outShims.resize(plan.sets());
  }
  Join &join = joins[set];
  if (!drains[set]) {
    outShims[set] = makeTile(adf::TileKind::Shim, {});
    drains[set] = makeStream("drain" + Twine(set), join.tile, outShims[set]);
  }
  SetRole role = step.role(set);
  int64_t pixel = step.output.channels / 4, row = step.output.cols * pixel;
  int64_t partPixel = step.channelsPerCore() / 4;
  int64_t tiles = step.rowTiles(role.group);
  auto validRows = [&](int64_t tile) {
    return std::min(step.rows, step.validRows(role.group) - tile * step.rows);
  };
  for (int64_t tile = 0; tile < tiles;) {
    int64_t end = tile + 1;
    while (end < tiles && validRows(end) == validRows(tile))
      ++end;
    SmallVector<Transfer> parts, writes;
    for (int64_t i = 0; i < role.cores; ++i) {
      int64_t channel = role.firstChannel + i * step.channelsPerCore();
      int64_t channels = std::min(step.channelsPerCore(), step.output.channels - channel);
      if (channels < 1)
        return adf::KernelOpInterface(step.head)->emitOpError(
            "gives a core channels past the last one: use another grid");
      Handshake handshake{atLeast(LockKind::Full, 1), add(LockKind::Empty, 1), {}};
      parts.push_back({join.parts[i], nullptr,
                       AccessPattern(0)
                           .dim(channels / 4, 1)
                           .dim(step.cols, partPixel)
                           .dim(validRows(tile), step.cols * partPixel),
                       handshake});
      int64_t firstRow = role.group * step.rowsPerGroup + tile * step.rows;
      Handshake none;
      if (end - tile > 1)
        none.iteration = {end - tile, step.rows * row};
      writes.push_back({nullptr, table.lookup(step.result()),
                        AccessPattern(firstRow * row + channel / 4)
                            .dim(channels / 4, 1)
                            .dim(step.cols, pixel)
                            .dim(validRows(tile), row),
                        none});
    }
    TaskKind kind{-1, end - tile, index};
    TaskKind drain = kind;
    drain.channel = kDrainChannel;
    kind.token = true;
    if (failed(makeTask(outShims[set], adf::Direction::S2MM, drains[set], kind, writes)) ||
        failed(makeTask(join.tile, adf::Direction::MM2S, drains[set], drain, parts)))
      return failure();
    tile = end;
  }
  return success();
}
