//===- HubMemory.cpp ------------------------------------------------------===//
#include "Transforms/Resident/HubMemory.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

using namespace mlir;
using namespace adfc;
using adf::roundUp;

namespace {

class HubLayout {
public:
  HubLayout(const ResidentPlan &plan, int64_t bytes, int64_t locks)
      : plan(plan), bytes(bytes), locks(locks) {}

  FailureOr<HubTensors> run() {
    for (BlockArgument input : adf::GraphOp(plan.graph).getArguments())
      addInput(input);
    for (auto [i, step] : llvm::enumerate(plan.steps))
      addResult(step, static_cast<int64_t>(i) + 1);
    for (auto [i, step] : llvm::enumerate(plan.steps))
      if (failed(addReads(step, static_cast<int64_t>(i) + 1)))
        return failure();
    tensors.remove_if([](auto &entry) { return entry.second.last < 0; });
    for (auto &[value, tensor] : tensors)
      if (failed(place(value, tensor)))
        return failure();
    return std::move(tensors);
  }

private:
  /// An input has the shape that its first reader sees.
  void addInput(Value input) {
    adf::Extent extent{1, 1, 1};
    for (const StepPlan &step : llvm::reverse(plan.steps))
      for (Value value : readsOf(step))
        if (behindReshapes(value) == input)
          extent = adf::getExtent(value.getType());
    HubTensor tensor;
    tensor.pitch = tensor.channels = adf::paddedChannels(extent.channels);
    tensor.rows = extent.rows;
    tensor.cols = extent.cols;
    tensor.last = -1;
    tensors[input] = tensor;
  }

  void addResult(const StepPlan &step, int64_t index) {
    HubTensor tensor;
    tensor.pitch = step.resultPitch();
    tensor.channels = step.output.channels;
    tensor.rows = step.writtenRows();
    tensor.cols = step.output.cols;
    tensor.first = index;
    tensor.last = -1;
    for (int64_t set = 0; set < step.sets; ++set)
      if (SetRole role = step.role(set); role.active)
        tensor.messages += step.outMessages(role);
    // Every tile of the skip tensor is read, by the set that writes this tile, before it is
    // written.
    adf::KernelOpInterface head = step.head;
    bool alsoWindow = llvm::any_of(head->getOperands().take_front(step.operands), [&](Value read) {
      return step.skip && behindReshapes(read) == behindReshapes(step.skip);
    });
    if (step.skip && !alsoWindow)
      tensor.inPlaceOf = behindReshapes(step.skip);
    tensors[step.result()] = tensor;
  }

  static SmallVector<Value, 3> readsOf(const StepPlan &step) {
    adf::KernelOpInterface head = step.head;
    SmallVector<Value, 3> reads(head->getOperands().take_front(step.operands));
    if (step.skip)
      reads.push_back(step.skip);
    return reads;
  }

  LogicalResult addReads(const StepPlan &step, int64_t index) {
    adf::KernelOpInterface head = step.head;
    for (Value value : readsOf(step)) {
      auto found = tensors.find(behindReshapes(value));
      if (found == tensors.end())
        return head->emitOpError()
               << "\"" << head.getLayer() << "\" reads what no step before it computes";
      HubTensor &tensor = found->second;
      adf::Extent seen = adf::getExtent(value.getType());
      bool same = seen.cols == tensor.cols && adf::paddedChannels(seen.channels) == tensor.channels;
      if (!same && !tensor.dense())
        return head->emitOpError()
               << "\"" << head.getLayer() << "\" reads a tensor under another shape, but it has "
               << "unused channels in the hub: let its layer's grid divide the channels";
      tensor.last = std::max(tensor.last, index);
      // Cores past the last channel read on behind a pixel's.
      if (value == step.skip)
        tensor.over = std::max(tensor.over, step.resultPitch() - tensor.pitch);
    }
    return success();
  }

  /// Whether both are needed in one step; a tensor that takes another's place may follow it at
  /// once.
  static bool together(const HubTensor &a, const HubTensor &b) {
    return a.first <= b.last && b.first <= a.last;
  }

  LogicalResult place(Value value, HubTensor &tensor) {
    if (tensor.inPlaceOf && takePlace(value, tensor))
      return placeLock(tensor);
    tensor.inPlaceOf = nullptr;
    SmallVector<std::pair<int64_t, int64_t>> taken;
    for (auto &[other, known] : tensors) {
      if (other == value)
        break;
      if (together(known, tensor))
        taken.push_back({known.address, known.address + known.bytes()});
    }
    llvm::sort(taken);
    int64_t at = 0;
    for (auto [begin, end] : taken) {
      if (at + tensor.bytes() <= begin)
        break;
      at = std::max(at, roundUp(end, kResidentAlignment));
    }
    tensor.address = at;
    if (at + tensor.bytes() > bytes)
      return adf::GraphOp(plan.graph).emitOpError()
             << "cannot stay on the array: the hub's tensors take " << at + tensor.bytes()
             << " bytes, " << at + tensor.bytes() - bytes << " bytes over its " << bytes;
    return placeLock(tensor);
  }

  bool takePlace(Value value, HubTensor &tensor) {
    HubTensor &old = tensors[tensor.inPlaceOf];
    if (old.last != tensor.first || old.pitch != tensor.pitch || old.rows < tensor.rows ||
        old.cols != tensor.cols)
      return false;
    tensor.address = old.address;
    // What stands at these bytes with the old one stood there before, so nothing else can be alive.
    for (auto &[other, known] : tensors) {
      if (other == value)
        break;
      if (other != tensor.inPlaceOf && together(known, tensor) &&
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
  HubTensors tensors;
  llvm::SmallPtrSet<const HubTensor *, 32> placed;
};

} // namespace

FailureOr<HubTensors> adfc::layOutHub(const ResidentPlan &plan, int64_t bytes, int64_t locks) {
  return HubLayout(plan, bytes, locks).run();
}
