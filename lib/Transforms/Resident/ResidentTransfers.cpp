//===- ResidentTransfers.cpp - what the hub, joins and shims do in each step ===//
#include "Transforms/Resident/InputCut.h"
#include "Transforms/Resident/ResidentBuilder.h"
#include "adfc/spec/devices.h"
#include <algorithm>

using namespace mlir;
using namespace adfc;
using adf::LockKind;

namespace {

/// Of a join: S2MM for inputs, MM2S to the hub and to DDR. Odd ones have half of the descriptors.
constexpr int64_t kInChannel = 5, kRelayChannel = 1, kDrainChannel = 3, kOutChannel = 0;

} // namespace

//===- inputs -------------------------------------------------------------===//

LogicalResult ResidentBuilder::makeInputs() {
  ins.resize(plan.sets());
  inShims.resize(plan.sets());
  InputBuffers buffers;
  for (BlockArgument input : adf::GraphOp(plan.graph).getArguments()) {
    auto found = layout.tensors.find(input);
    if (found == layout.tensors.end())
      continue;
    if (plan.inputOrder)
      return makeOrderedInput(input, *plan.inputOrder);
    InputCut cut = cutInput(found->second, mostInputStreams(plan, device), device);
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
  InputCut cut = cutInput(tensor, mostInputStreams(plan, device), device);
  // Where rows lie between zeros, pieces are whole rows.
  int64_t piece = cut.words, stored = piece, first = 0, storedFirst = 0;
  if (tensor.hasMargins())
    stored = piece / tensor.bareRowWords() * tensor.rowWords();
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
    Transfer pass = passInput(j, tensor, piece);
    TaskKind kind{-1, count, /*step=*/0};
    TaskKind relay = kind, last = kind;
    relay.channel = kRelayChannel;
    last.token = true;
    last.channel = j;
    for (auto [hub, window] : llvm::zip_equal(hubs, hubWindows[input])) {
      SmallVector<int64_t, 2> places{pieces};
      if (count > 1)
        places.back() = stored;
      Transfer store{window,
                     nullptr,
                     AccessPattern(storedFirst).dim(stored, 1),
                     {nullptr, add(LockKind::Full, 1), places}};
      if (failed(makeTask(hub, adf::Direction::S2MM, this->relay(j), last, store)))
        return failure();
    }
    kind.repeat = buffers.packets ? count : 1;
    if (failed(makeTask(joins[j].tile, adf::Direction::MM2S, this->relay(j), relay, pass)) ||
        failed(makeTask(inShims[j], adf::Direction::MM2S, ins[j], kind, read)))
      return failure();
    first += count * piece;
    storedFirst += count * stored;
  }
  return success();
}

/// A piece of an input on its way from a join to the hubs, where its rows get their zeros.
Transfer ResidentBuilder::passInput(int64_t j, const HubTensor &tensor, int64_t words) {
  AccessPattern pattern(0);
  int64_t row = tensor.bareRowWords();
  if (tensor.hasMargins())
    pattern.padded(row, 1, tensor.before, tensor.after).dim(words / row, row);
  else
    pattern.dim(words, 1);
  return {
      joins[j].input, nullptr, pattern, {atLeast(LockKind::Full, 1), add(LockKind::Empty, 1), {}}};
}

/// Brings `input` to the hubs: first what the first tiles read, in all streams, then the rest.
LogicalResult ResidentBuilder::makeOrderedInput(Value input, const InputOrder &order) {
  HubTensor &tensor = layout.tensors[input];
  int64_t row = tensor.bareRowWords(), stored = tensor.rowWords();
  InputBuffers buffers{order.pieceWords};
  for (HubPart &part : tensor.parts)
    part.messages = 2 * static_cast<int64_t>(order.streams.size());
  for (auto [i, parts] : llvm::enumerate(order.streams)) {
    auto j = static_cast<int64_t>(i);
    SmallVector<Transfer> reads;
    std::array<SmallVector<Transfer>, 2> stores;
    int64_t words = 0;
    for (auto [runs, transfers] : llvm::zip_equal(parts, stores)) {
      for (const RowRuns &run : runs) {
        auto rows = [&](int64_t words) {
          AccessPattern pattern(run.first * words);
          return pattern.dim(words, 1).dim(run.count, words).dim(run.times, run.step * words);
        };
        words += rows(row).words();
        reads.push_back({nullptr, table.lookup(input), rows(row), {}});
        transfers.push_back({nullptr, nullptr, rows(stored), {}});
      }
      transfers.back().handshake.release = add(LockKind::Full, 1);
    }
    TaskKind kind{-1, 1, /*step=*/0}, store{j, 1, /*step=*/0, /*token=*/true};
    TaskKind relay{kRelayChannel, words / order.pieceWords, /*step=*/0};
    if (failed(makeInputWindow(j, buffers)))
      return failure();
    for (auto [hub, window] : llvm::zip_equal(hubs, hubWindows[input]))
      for (SmallVector<Transfer> &transfers : stores) {
        for (Transfer &transfer : transfers)
          transfer.window = window;
        if (failed(makeTask(hub, adf::Direction::S2MM, this->relay(j), store, transfers)))
          return failure();
      }
    Transfer pass = passInput(j, tensor, order.pieceWords);
    if (failed(makeTask(joins[j].tile, adf::Direction::MM2S, this->relay(j), relay, pass)) ||
        failed(makeTask(inShims[j], adf::Direction::MM2S, ins[j], kind, reads)))
      return failure();
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

bool ResidentBuilder::sends(int64_t set, int64_t i) const {
  return llvm::any_of(plan.steps, [&](const StepPlan &step) {
    SetRole role = step.role(set);
    return role.active && i < role.cores && !step.handsOn(i);
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
  bool passed = false; // the gate
  auto window = [&](Value value, const SpatialTile &at, int64_t channel, int64_t channels) {
    Value root = behindReshapes(value);
    const HubTensor &tensor = layout.tensors[root];
    const HubPart &part = tensor.parts[plan.hubOf(set)];
    // Under another shape the same bytes are without gaps.
    adf::Extent seen = adf::getExtent(value.getType());
    int64_t pixel = (tensor.dense() ? adf::paddedChannels(seen.channels) : tensor.pitch) / 4;
    int64_t row = seen.cols * pixel;
    AccessPattern pattern(0);
    if (step.unpadded && value == adf::KernelOpInterface(step.head)->getOperand(0)) {
      row = tensor.rowWords();
      const auto &[begin, words, phase] = step.unpaddedWindow;
      pattern = AccessPattern((at.rows.first - part.firstRow) * row + tensor.before + begin);
      pattern.dim(words, 1);
    } else {
      pattern = AccessPattern((at.rows.first - part.firstRow) * row + at.cols.first * pixel +
                              channel / 4);
      pattern.dim(channels / 4, 1)
          .padded(at.cols.count, at.cols.step * pixel, at.cols.before, at.cols.after);
    }
    pattern.padded(at.rows.count, at.rows.step * row, at.rows.before, at.rows.after);
    // Behind a gate, and where control itself starts early tiles, all has come.
    adf::AcquireAttr acquire;
    bool early = !step.earlyTiles.empty(), closed = step.gate && !passed;
    passed |= root == step.gate;
    if (early && closed && passed)
      acquire = atLeast(LockKind::Empty, 1);
    else if (!early || closed)
      acquire = equal(LockKind::Full, part.messages);
    chain.push_back({hubWindows[root][plan.hubOf(set)], nullptr, pattern, {acquire, nullptr, {}}});
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

/// The messages of each of `tiles`, of which the first in the group's order comes first.
SmallVector<Transfer> ResidentBuilder::windowChain(const StepPlan &step, int64_t set,
                                                   AlikeTiles tiles) {
  SmallVector<Transfer> chain = windowChain(step, set, tiles.first, -1, step.skip != nullptr);
  if (tiles.count == 1)
    return chain;
  int64_t begin = step.firstTile(step.role(set).group) - tiles.first;
  SmallVector<Transfer> next = windowChain(step, set, tiles.first + 1, -1, step.skip != nullptr);
  for (auto [transfer, following] : llvm::zip_equal(chain, next))
    if (int64_t by = following.pattern.getOffset() - transfer.pattern.getOffset()) {
      transfer.handshake.iteration = {tiles.count, by};
      if (begin > 0 && begin < tiles.count)
        transfer.handshake.iteration.push_back(begin);
    }
  return chain;
}

LogicalResult ResidentBuilder::sendWindows(const StepPlan &step, int64_t index, int64_t set) {
  int64_t group = step.role(set).group, tiles = step.rowTiles(group);
  auto [sending, channel] = sender(set);
  // The channels of a hub, even and odd ones in turn: each kind has its half of the descriptors.
  TaskKind kind{channel, 1, index};
  int64_t early = step.earlyTiles.empty() ? 0 : step.earlyTiles[group];
  for (int64_t position = 0; position < tiles;) {
    int64_t tile = step.tileAt(group, position);
    if (!step.earlyTiles.empty())
      kind.awaits = position < early ? adf::Await::Most : adf::Await::All;
    if (step.messages() > kMaxChain) {
      if (failed(sendChunks(step, set, tile, kind)))
        return failure();
      ++position;
      continue;
    }
    AlikeTiles alike = step.alikeTiles(group, tile);
    kind.repeat = (position < early ? early : tiles) - position;
    if (alike.count < tiles)
      kind.repeat = std::min(kind.repeat, alike.first + alike.count - tile);
    SmallVector<Transfer> chain = windowChain(step, set, alike);
    if (failed(makeTask(sending, adf::Direction::MM2S, acts[set], kind, chain)))
      return failure();
    position += kind.repeat;
  }
  return success();
}

/// The windows of one tile where they are many: their chunks are counted by iteration.
LogicalResult ResidentBuilder::sendChunks(const StepPlan &step, int64_t set, int64_t tile,
                                          TaskKind kind) {
  Value sending = sender(set).first;
  SmallVector<Transfer> chain = windowChain(step, set, tile, 0, step.skip != nullptr);
  MutableArrayRef<Transfer> all(chain);
  kind.repeat = 1;
  if (step.skip &&
      failed(makeTask(sending, adf::Direction::MM2S, acts[set], kind, all.take_front(1))))
    return failure();
  kind.repeat = step.chunks;
  all.back().handshake.iteration = {step.chunks, step.headTile.inChannels / 4};
  return makeTask(sending, adf::Direction::MM2S, acts[set], kind, all.take_back(1));
}

//===- outputs ------------------------------------------------------------===//

LogicalResult ResidentBuilder::sendOutputs(const StepPlan &step, int64_t index, int64_t set) {
  SetRole role = step.role(set);
  TaskKind kind{kOutChannel, step.outMessages(role), index};
  for (int64_t number = 0; number < role.senders; ++number) {
    int64_t i = step.senderCore(number);
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
  for (int64_t i = 0; i < role.senders; ++i)
    parts.push_back({joins[set].parts[step.senderCore(i)],
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
                  AccessPattern(0).dim(role.senders * step.outBytes() / 4, 1),
                  {}};
    if (keep) {
      int64_t channels = step.channelsPerCore() / step.sends / 4;
      int64_t next = step.sends > 1 ? channels : step.rows * row;
      AccessPattern pattern(start * row + from * next + role.firstChannel / 4);
      pattern.dim(channels, 1)
          .dim(step.cols, pixel)
          .dim(step.rows, row)
          .dim(role.senders, step.channelsPerCore() / 4);
      into = {
          hubWindows[step.result()][hub], nullptr, pattern, {nullptr, add(LockKind::Full, 1), {}}};
      if (to - from > 1)
        into.handshake.iteration = {to - from, next};
      if (int64_t begin = step.sends * step.firstTile(role.group))
        into.handshake.iteration.push_back(begin);
    }
    auto [tile, channel] = receiver(hub, set);
    TaskKind kind{channel, to - from, index};
    if (int64_t last = step.sends; step.announces && kind.repeat > last) {
      kind.repeat -= last;
      kind.token = true;
      if (failed(makeTask(tile, adf::Direction::S2MM, relay(set), kind, into)))
        return failure();
      kind.repeat = last;
    }
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
    for (int64_t i = 0; i < role.senders; ++i) {
      int64_t channel = role.firstChannel + i * step.channelsPerCore();
      int64_t channels = std::min(step.channelsPerCore(), step.output.channels - channel);
      if (channels < 1)
        return adf::KernelOpInterface(step.head)->emitOpError(
            "gives a core channels past the last one: use another grid");
      Handshake handshake{atLeast(LockKind::Full, 1), add(LockKind::Empty, 1), {}};
      parts.push_back({join.parts[step.senderCore(i)], nullptr,
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
