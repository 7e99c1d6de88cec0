//===- HubMemory.cpp ------------------------------------------------------===//
#include "Transforms/Resident/HubMemory.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <limits>
#include <tuple>

using namespace mlir;
using namespace adfc;
using adf::roundUp;

int64_t HubTensor::rows() const {
  int64_t most = 0;
  for (const HubPart &part : parts)
    most = std::max(most, part.rows);
  return most;
}

bool HubTensor::isSeenAsItIs(Value value) const {
  adf::Extent seen = adf::getExtent(value.getType());
  return seen.cols == cols &&
         (adf::paddedChannels(seen.channels) == channels || seen.channels == channels);
}

namespace {

/// Rows [first, end) that the sets of one hub read.
struct RowRange {
  int64_t first = std::numeric_limits<int64_t>::max(), end = 0;

  void add(int64_t from, int64_t to) {
    first = std::min(first, from);
    end = std::max(end, to);
  }
};

class HubPlanner {
public:
  HubPlanner(const ResidentPlan &plan, int64_t bytes, int64_t locks)
      : plan(plan), bytes(bytes), locks(locks), tensors(layout.tensors) {}

  FailureOr<HubLayout> run() {
    for (BlockArgument input : adf::GraphOp(plan.graph).getArguments())
      addInput(input);
    for (auto [i, step] : llvm::enumerate(plan.steps))
      addResult(step, static_cast<int64_t>(i) + 1, i ? &plan.steps[i - 1] : nullptr);
    for (auto [i, step] : llvm::enumerate(plan.steps))
      if (failed(addReads(step, static_cast<int64_t>(i) + 1)))
        return failure();
    tensors.remove_if([](auto &entry) { return entry.second.last < 0; });
    if (plan.divided())
      for (const StepPlan &step : plan.steps)
        if (tensors.count(step.result()))
          divide(step);
    bytes -= layout.scrap;
    locks -= layout.scrap ? 2 : 0;
    // Where all do not fit, inputs out of the way of what takes their place.
    int64_t needed = placeAll(/*inputsLast=*/false);
    if (needed > bytes && placeAll(/*inputsLast=*/true) > bytes)
      return adf::GraphOp(plan.graph).emitOpError()
             << "cannot stay on the array: the hub's tensors take " << needed << " bytes, "
             << needed - bytes << " bytes over its " << bytes;
    for (auto &[value, tensor] : tensors)
      if (failed(placeLock(tensor)))
        return failure();
    return std::move(layout);
  }

private:
  /// An input has the shape that its first reader sees.
  void addInput(Value input) {
    adf::Extent extent{1, 1, 1};
    HubTensor tensor;
    for (const StepPlan &step : llvm::reverse(plan.steps))
      for (Value value : readsOf(step))
        if (behindReshapes(value) == input) {
          extent = adf::getExtent(value.getType());
          if (step.unpadded)
            std::tie(tensor.before, tensor.after) = marginsOf(step);
          else
            extent.channels = adf::paddedChannels(extent.channels);
        }
    tensor.pitch = tensor.channels = extent.channels;
    tensor.parts.assign(plan.hubs(), {0, extent.rows, 0});
    tensor.cols = extent.cols;
    tensor.last = -1;
    tensors[input] = tensor;
  }

  /// Words of zeros around the rows of an input without padding, which its windows read.
  static std::pair<int64_t, int64_t> marginsOf(const StepPlan &step) {
    auto [begin, words, phase] = step.unpaddedWindow;
    return {std::max<int64_t>(0, -begin),
            std::max<int64_t>(0, begin + words - step.unpadded->rowWords)};
  }

  void addResult(const StepPlan &step, int64_t index, const StepPlan *before) {
    int64_t messages = 0;
    for (int64_t set = 0; set < step.sets; ++set)
      if (SetRole role = step.role(set); role.active)
        messages += step.outMessages(role);
    if (step.round) { // the first round made it
      for (HubPart &part : tensors[step.result()].parts)
        part.messages += messages;
      return;
    }
    HubTensor tensor;
    tensor.pitch = step.resultPitch();
    tensor.channels = step.output.channels;
    tensor.cols = step.output.cols;
    tensor.first = index;
    tensor.last = -1;
    tensor.parts.assign(plan.hubs(), {0, step.writtenRows(), messages});
    // Every tile of the skip tensor is read, by the set that writes this tile, before it is
    // written.
    adf::KernelOpInterface head = step.head;
    bool alsoWindow = llvm::any_of(head->getOperands().take_front(step.operands), [&](Value read) {
      return step.skip && behindReshapes(read) == behindReshapes(step.skip);
    });
    // Nothing keeps sets from a step that does not read what the one before makes.
    tensor.ahead = before && !llvm::is_contained(llvm::map_range(readsOf(step), behindReshapes),
                                                 before->result());
    if (step.skip && !alsoWindow)
      tensor.inPlaceOf = behindReshapes(step.skip);
    tensors[step.result()] = tensor;
  }

  static SmallVector<Value, 3> readsOf(const StepPlan &step) {
    adf::KernelOpInterface head = step.head;
    SmallVector<Value, 3> reads(head->getOperands().take_front(step.operands));
    if (step.pixel)
      reads.push_back(step.pixel);
    if (step.skip)
      reads.push_back(step.skip);
    return reads;
  }

  LogicalResult addReads(const StepPlan &step, int64_t index) {
    adf::KernelOpInterface head = step.head;
    for (auto [number, value] : llvm::enumerate(readsOf(step))) {
      auto found = tensors.find(behindReshapes(value));
      if (found == tensors.end())
        return head->emitOpError()
               << "\"" << head.getLayer() << "\" reads what no step before it computes";
      HubTensor &tensor = found->second;
      bool same = tensor.isSeenAsItIs(value);
      if (!same && !tensor.dense())
        return head->emitOpError()
               << "\"" << head.getLayer() << "\" reads a tensor under another shape, but it has "
               << "unused channels in the hub: let its layer's grid divide the channels";
      tensor.last = std::max(tensor.last, index);
      bool skip = value == step.skip && number >= step.operands; // the head may read it too
      // Cores past the last channel read on behind a pixel's.
      if (skip)
        tensor.over = std::max(tensor.over, step.resultPitch() - tensor.pitch);
      tensor.reads.push_back(index);
      addRows(step, behindReshapes(value), same && value != step.pixel, skip);
    }
    return success();
  }

  /// The rows that each hub's sets read of `tensor` in a step; all where they see it under another
  /// shape than the step's input.
  void addRows(const StepPlan &step, Value tensor, bool sameShape, bool skip) {
    SmallVector<RowRange> &reads = needs[tensor];
    reads.resize(plan.hubs());
    for (int64_t set = 0; set < step.sets; ++set) {
      SetRole role = step.role(set);
      RowRange &range = reads[plan.hubOf(set)];
      if (role.group >= step.groups)
        continue;
      if (!sameShape) {
        range.add(0, tensors[tensor].rows());
        continue;
      }
      for (int64_t tile = 0; tile < step.rowTiles(role.group); ++tile) {
        AxisSlice rows =
            (skip ? step.skipWindow(role.group, tile) : step.window(role.group, tile)).rows;
        range.add(rows.first, rows.end());
      }
    }
  }

  /// Leaves each hub those messages of a step's result which hold rows that its sets read.
  void divide(const StepPlan &step) {
    HubTensor &tensor = tensors[step.result()];
    for (auto [hub, range] : llvm::enumerate(needs[step.result()])) {
      HubPart &part = tensor.parts[hub];
      if (step.round == 0)
        part = {range.end ? range.first / step.rows * step.rows : 0, 0, 0};
      for (int64_t set = 0; set < step.sets; ++set) {
        SetRole role = step.role(set);
        int64_t tiles = role.group < step.groups ? step.rowTiles(role.group) : 0;
        for (int64_t tile = 0; tile < tiles; ++tile) {
          int64_t row = role.group * step.rowsPerGroup + tile * step.rows;
          if (row >= range.end || row + step.rows <= range.first) {
            layout.scrap =
                std::max(layout.scrap, roundUp(role.senders * step.outBytes(), kResidentAlignment));
            continue;
          }
          part.messages += role.active ? step.sends : 0;
          part.rows = std::max(part.rows, row + step.rows - part.firstRow);
          tensor.ahead |= plan.hubOf(set) != static_cast<int64_t>(hub);
        }
      }
    }
  }

  /// Whether `made` must not take the place of a tensor `old` that was made before it. A tensor may
  /// be overwritten in the step after its last, unless that may begin before.
  static bool conflicts(const HubTensor &old, const HubTensor &made) {
    return made.first <= old.last + (made.ahead ? 1 : 0) && old.first <= made.last;
  }

  /// Gives each tensor an address, inputs with the others' or at the end of the hub. Returns the
  /// bytes that they take.
  int64_t placeAll(bool inputsLast) {
    int64_t end = 0;
    for (auto &[value, tensor] : tensors) {
      if (!tensor.inPlaceOf || !takePlace(value, tensor))
        tensor.address = inputsLast && isa<BlockArgument>(value) ? lastFit(value, tensor)
                                                                 : firstFit(value, tensor);
      end = std::max(end, tensor.address < 0 ? bytes + 1 : tensor.address + tensor.bytes());
    }
    return end;
  }

  /// Behind all other inputs; below 0: there is no room.
  int64_t lastFit(Value value, const HubTensor &tensor) {
    int64_t end = bytes;
    for (auto &[other, known] : tensors) {
      if (other == value)
        break;
      end = std::min(end, known.address);
    }
    int64_t at = end - tensor.bytes();
    return at < 0 ? at : at / kResidentAlignment * kResidentAlignment;
  }

  int64_t firstFit(Value value, const HubTensor &tensor) {
    SmallVector<std::pair<int64_t, int64_t>> taken;
    for (auto &[other, known] : tensors) {
      if (other == value)
        break;
      if (conflicts(known, tensor))
        taken.push_back({known.address, known.address + known.bytes()});
    }
    llvm::sort(taken);
    int64_t at = 0;
    for (auto [begin, end] : taken) {
      if (at + tensor.bytes() <= begin)
        break;
      at = std::max(at, roundUp(end, kResidentAlignment));
    }
    return at;
  }

  bool takePlace(Value value, HubTensor &tensor) {
    HubTensor &old = tensors[tensor.inPlaceOf];
    if (old.last != tensor.first || old.pitch != tensor.pitch || old.cols != tensor.cols)
      return false;
    for (auto [was, is] : llvm::zip_equal(old.parts, tensor.parts))
      if (was.firstRow != is.firstRow || was.rows < is.rows)
        return false;
    // What may come while the step before still reads.
    if (tensor.ahead && llvm::is_contained(old.reads, tensor.first - 1))
      return false;
    tensor.address = old.address;
    // What stands at these bytes with the old one stood there before, so nothing else can be alive.
    for (auto &[other, known] : tensors) {
      if (other == value)
        break;
      if (other != tensor.inPlaceOf && conflicts(known, tensor) &&
          known.address < tensor.address + tensor.bytes() &&
          tensor.address < known.address + known.bytes())
        return false;
    }
    return true;
  }

  /// A lock is set back two steps after its tensor's last one.
  LogicalResult placeLock(HubTensor &tensor) {
    for (int64_t lock = 0; lock + 2 <= locks; lock += 2) {
      bool free = llvm::none_of(tensors, [&](auto &entry) {
        const HubTensor &known = entry.second;
        return &known != &tensor && placed.count(&known) && known.lock == lock &&
               known.first <= tensor.last + 2 && tensor.first <= known.last + 2;
      });
      if (!free)
        continue;
      tensor.lock = lock;
      placed.insert(&tensor);
      return success();
    }
    return adf::GraphOp(plan.graph)
        .emitOpError("cannot stay on the array: it has more tensors at a time than the "
                     "hub has locks for");
  }

  const ResidentPlan &plan;
  int64_t bytes, locks;
  HubLayout layout;
  llvm::MapVector<Value, HubTensor> &tensors;
  llvm::DenseMap<Value, SmallVector<RowRange>> needs;
  llvm::SmallPtrSet<const HubTensor *, 32> placed;
};

} // namespace

FailureOr<HubLayout> adfc::layOutHub(const ResidentPlan &plan, int64_t bytes, int64_t locks) {
  return HubPlanner(plan, bytes, locks).run();
}
