//===- EarlyStart.cpp -----------------------------------------------------===//
#include "Transforms/Resident/EarlyStart.h"
#include "Transforms/Resident/InputCut.h"
#include "Transforms/Resident/InputOrder.h"
#include "adfc/spec/devices.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace adfc;

namespace {

/// Rows of a tensor, or bytes of a hub: [first, end).
struct Range {
  int64_t first, end;
  bool overlaps(const Range &other) const { return first < other.end && other.first < end; }
};

bool overlaps(const Range &range, ArrayRef<Range> others) {
  return llvm::any_of(others, [&](const Range &other) { return range.overlaps(other); });
}

/// Where rows of a tensor lie in the hubs, with what may be read behind them.
Range bytesOf(const Range &rows, const HubTensor &tensor) {
  int64_t row = tensor.cols * tensor.pitch;
  return {tensor.address + rows.first * row, tensor.address + rows.end * row + tensor.over};
}

Range writtenRows(const StepPlan &step, int64_t group, int64_t tile) {
  int64_t first = group * step.rowsPerGroup + tile * step.rows;
  return {first, first + step.rows};
}

/// Rows of `tensor` in the hub that a tile of a step reads: all where it sees it under another
/// shape.
SmallVector<Range> readRows(const StepPlan &step, int64_t group, int64_t tile, Value tensor,
                            const HubTensor &inHub) {
  SmallVector<Range> rows;
  auto add = [&](Value value, const AxisSlice &slice) {
    if (behindReshapes(value) != tensor)
      return;
    rows.push_back(inHub.isSeenAsItIs(value) ? Range{slice.first, slice.end()}
                                             : Range{0, inHub.rows()});
  };
  adf::KernelOpInterface head = step.head;
  for (unsigned operand = 0; operand < step.operands; ++operand)
    add(head->getOperand(operand), step.window(group, tile).rows);
  if (step.skip)
    add(step.skip, step.skipWindow(group, tile).rows);
  if (step.pixel && behindReshapes(step.pixel) == tensor)
    rows.push_back({0, inHub.rows()});
  return rows;
}

class Starter {
public:
  Starter(ResidentPlan &plan, const HubLayout &layout, const adfc_device &device)
      : plan(plan), layout(layout), device(device) {}

  void run() {
    // Of divided tensors each hub has other messages.
    if (plan.divided())
      return;
    beginWithInput();
    for (size_t i = 1; i < plan.steps.size(); ++i)
      if (announce(plan.steps[i - 1]) && begin(plan.steps[i - 1], plan.steps[i], i))
        plan.steps[i - 1].announces = true;
  }

private:
  const HubTensor *find(Value tensor) const {
    auto found = layout.tensors.find(tensor);
    return found == layout.tensors.end() ? nullptr : &found->second;
  }

  /// The first step may begin while its input comes.
  void beginWithInput() const {
    StepPlan &step = plan.steps.front();
    adf::KernelOpInterface head = step.head;
    Value input = behindReshapes(head->getOperand(0));
    auto isInput = [](auto &entry) { return isa<BlockArgument>(entry.first); };
    const HubTensor *tensor = find(input);
    if (!tensor || !isa<BlockArgument>(input) || llvm::count_if(layout.tensors, isInput) > 1 ||
        !step.early || step.rounds > 1 || step.operands > 1 || step.skip || step.pixel ||
        !tensor->isSeenAsItIs(head->getOperand(0)))
      return;
    int64_t streams = mostInputStreams(plan, device);
    int64_t whole = cutInput(*tensor, streams, device).cycles;
    plan.inputOrder = orderInput(step, *tensor, streams, whole, device);
    if (!plan.inputOrder)
      return;
    for (int64_t group = 0; group < step.groups; ++group)
      step.earlyTiles.push_back(std::min(plan.inputOrder->tiles, step.rowTiles(group)));
    step.gate = canGate(step) ? input : Value();
  }

  /// Whether control can open a gate for the tiles of `step`: each is one chain, of which a lock
  /// counts one message.
  bool canGate(const StepPlan &step) const {
    if (step.messages() > kMaxChain)
      return false;
    std::vector<int64_t> tiles(static_cast<size_t>(plan.hubs()));
    for (int64_t set = 0; set < plan.sets(); ++set)
      if (SetRole role = step.role(set); role.active)
        tiles[static_cast<size_t>(plan.hubOf(set))] += step.rowTiles(role.group);
    return llvm::all_of(tiles, [](int64_t count) { return count <= kMostMessages; });
  }

  /// Whether a step's last messages can be waited for apart.
  bool announce(const StepPlan &step) const {
    return step.rounds == 1 && find(step.result()) && step.rowTiles(0) > 1;
  }

  /// Rows of the tile that each group does last.
  static SmallVector<Range> lastRows(const StepPlan &step) {
    SmallVector<Range> rows;
    for (int64_t group = 0; group < step.groups; ++group)
      rows.push_back(writtenRows(step, group, step.tileAt(group, step.rowTiles(group) - 1)));
    return rows;
  }

  /// Finds the tiles of `step`, number `index`, that can come before the last of `before`.
  bool begin(const StepPlan &before, StepPlan &step, size_t index) const {
    Value made = before.result();
    const HubTensor &tensor = *find(made);
    bool reads = !readRows(step, 0, 0, made, tensor).empty();
    if (!step.early || step.rounds > 1 || !reads)
      return false;
    SmallVector<Range> missing = lastRows(before);
    SmallVector<int64_t> first(step.groups, 0), early(step.groups, 0);
    for (int64_t group = 0; group < step.groups; ++group) {
      SmallVector<bool> free;
      for (int64_t tile = 0; tile < step.rowTiles(group); ++tile)
        free.push_back(llvm::none_of(readRows(step, group, tile, made, tensor),
                                     [&](Range rows) { return overlaps(rows, missing); }));
      std::tie(first[group], early[group]) = longestRun(step, group, free, mayTurn(step));
    }
    if (!llvm::any_of(early, [](int64_t tiles) { return tiles > 0; }) ||
        overwrites(before, step, index, first, early))
      return false;
    step.firstTiles = std::move(first);
    step.earlyTiles = std::move(early);
    step.gate = canGate(step) ? made : Value();
    return true;
  }

  /// Whether tiles may be done in another order: rows that are carried on have theirs, and so have
  /// what pads and what leaves the array.
  bool mayTurn(const StepPlan &step) const {
    return !step.carried && !step.hasPads() && find(step.result());
  }

  /// The first and the number of `free` tiles that follow each other from 0 on or, where tiles may
  /// be done in a round, of those that are sent alike.
  static std::pair<int64_t, int64_t> longestRun(const StepPlan &step, int64_t group,
                                                ArrayRef<bool> free, bool round) {
    std::pair<int64_t, int64_t> best{0, 0};
    auto tiles = static_cast<int64_t>(free.size());
    for (int64_t first = 0, e = round ? tiles : 1; first < e; ++first) {
      AlikeTiles alike = step.alikeTiles(group, first);
      int64_t most = !round || alike.count == tiles ? tiles : alike.first + alike.count - first;
      int64_t count = 0;
      while (count < most && free[(first + count) % tiles])
        ++count;
      if (count > best.second)
        best = {first, count};
    }
    return best;
  }

  /// Whether early tiles of `step` would be written over what the last tiles of `before` may still
  /// be reading.
  bool overwrites(const StepPlan &before, const StepPlan &step, size_t index,
                  ArrayRef<int64_t> first, ArrayRef<int64_t> early) const {
    const HubTensor *made = find(step.result());
    if (!made)
      return false;
    for (auto &[value, old] : layout.tensors) {
      bool apart = old.address + old.bytes() <= made->address ||
                   made->address + made->bytes() <= old.address;
      if (value == step.result() || old.last < static_cast<int64_t>(index) || apart)
        continue;
      SmallVector<Range> unread;
      for (int64_t group = 0; group < before.groups; ++group)
        for (Range rows :
             readRows(before, group, before.tileAt(group, before.rowTiles(group) - 1), value, old))
          unread.push_back(bytesOf(rows, old));
      for (int64_t group = 0; group < step.groups; ++group)
        for (int64_t i = 0; i < early[group]; ++i) {
          int64_t tile = (first[group] + i) % step.rowTiles(group);
          if (overlaps(bytesOf(writtenRows(step, group, tile), *made), unread))
            return true;
        }
    }
    return false;
  }

  ResidentPlan &plan;
  const HubLayout &layout;
  const adfc_device &device;
};

} // namespace

void adfc::planEarlyStarts(ResidentPlan &plan, const HubLayout &layout, const adfc_device &device) {
  Starter(plan, layout, device).run();
}
