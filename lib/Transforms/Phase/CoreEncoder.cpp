//===- CoreEncoder.cpp ----------------------------------------------------===//
#include "Transforms/Phase/CoreEncoder.h"

#include "Transforms/Phase/PlacedBd.h"
#include "adfc/spec/core_program.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace adfc;

namespace {

/// A tile's memory and locks as a core sees them: what is added to addresses and numbers.
struct CoreView {
  uint32_t data, locks;
};

class CoreEncoder {
public:
  CoreEncoder(adf::CoreOp core, llvm::function_ref<uint32_t(StringRef)> kernelId)
      : core(core), kernelId(kernelId) {}

  FailureOr<SmallVector<uint32_t>> run() {
    words.push_back(0); // the header, when the length is known
    if (failed(declareWindows()) || failed(encodeBody(core.getBody().front())))
      return failure();
    words.push_back(CORE_WORD0(core.getEndless() ? CORE_OP_RESTART : CORE_OP_DONE, 0u, 0u));
    if (words.size() > CORE_PROGRAM_MEMORY_BYTES / 4)
      return core.emitOpError("takes ")
                 << words.size() * 4 << " bytes of program memory, which has "
                 << CORE_PROGRAM_MEMORY_BYTES,
             failure();
    words[0] = CORE_PROGRAM_HEADER(static_cast<uint32_t>(words.size()));
    return std::move(words);
  }

private:
  LogicalResult declareWindows();
  LogicalResult encodeBody(Block &body);
  LogicalResult encodeCall(adf::CallOp call);
  void encodeLock(uint32_t opcode, Value window, adf::LockKind kind, int value);
  LogicalResult checkReach(Operation *op, Value window);

  static adf::WindowOp windowOf(Value value) { return value.getDefiningOp<adf::WindowOp>(); }

  adf::CoreOp core;
  llvm::function_ref<uint32_t(StringRef)> kernelId;
  llvm::MapVector<Value, uint32_t> windows;
  SmallVector<uint32_t> words;
};

/// Where a core sees the memory of `window`'s tile, and its locks; none where it does not.
std::optional<CoreView> viewOf(adf::CoreOp core, adf::WindowOp window) {
  auto own = core.getTile().getDefiningOp<adf::TileOp>();
  auto other = window.getTile().getDefiningOp<adf::TileOp>();
  if (own == other)
    return CoreView{0, 0};
  auto col = static_cast<int64_t>(*other.getCol()) - static_cast<int64_t>(*own.getCol());
  auto row = static_cast<int64_t>(*other.getRow()) - static_cast<int64_t>(*own.getRow());
  if (col == 0 && row == -1)
    return CoreView{CORE_PROGRAM_SOUTH, CORE_PROGRAM_LOCKS};
  if (col == -1 && row == 0)
    return CoreView{CORE_PROGRAM_WEST, 2 * CORE_PROGRAM_LOCKS};
  if (col == 0 && row == 1)
    return CoreView{CORE_PROGRAM_NORTH, 3 * CORE_PROGRAM_LOCKS};
  return std::nullopt;
}

LogicalResult CoreEncoder::checkReach(Operation *op, Value window) {
  if (viewOf(core, windowOf(window)))
    return success();
  auto at = [](Value tile) {
    auto placed = tile.getDefiningOp<adf::TileOp>();
    return "(" + std::to_string(*placed.getCol()) + ", " + std::to_string(*placed.getRow()) + ")";
  };
  return op->emitOpError("uses a window of tile ")
         << at(windowOf(window).getTile()) << ", but core " << at(core.getTile())
         << " reaches its own memory, and that of its southern, western and northern neighbour";
}

/// Windows that are passed to calls or advanced, in the order of their first use.
LogicalResult CoreEncoder::declareWindows() {
  WalkResult walk = core.walk([&](Operation *op) {
    for (Value operand : op->getOperands()) {
      if (op == core || !windowOf(operand))
        continue;
      if (failed(checkReach(op, operand)))
        return WalkResult::interrupt();
      if (isa<adf::CallOp, adf::AdvanceOp>(op))
        windows.try_emplace(operand, static_cast<uint32_t>(windows.size()));
    }
    return WalkResult::advance();
  });
  if (walk.wasInterrupted())
    return failure();
  if (windows.size() > CORE_PROGRAM_WINDOWS)
    return core.emitOpError("uses ")
           << windows.size() << " windows, but a core program has " << CORE_PROGRAM_WINDOWS;
  for (auto [value, index] : windows) {
    adf::WindowOp window = windowOf(value);
    words.push_back(CORE_WORD0(CORE_OP_WINDOW, index, static_cast<uint32_t>(window.getDepth())));
    words.push_back(viewOf(core, window)->data + static_cast<uint32_t>(*window.getAddress()));
    words.push_back(static_cast<uint32_t>(*window.getStride()));
  }
  return success();
}

void CoreEncoder::encodeLock(uint32_t opcode, Value window, adf::LockKind kind, int value) {
  auto lock = static_cast<uint32_t>(lockOf(windowOf(window), kind));
  lock += viewOf(core, windowOf(window))->locks;
  words.push_back(CORE_WORD0(opcode, lock, static_cast<uint32_t>(value)));
}

LogicalResult CoreEncoder::encodeCall(adf::CallOp call) {
  auto operands = static_cast<uint32_t>(call.getOperands().size());
  auto immediates = static_cast<uint32_t>(call.getImmediates().size());
  if (operands > CORE_PROGRAM_CALL_BUFFERS || immediates > CORE_PROGRAM_CALL_IMMEDIATES)
    return call.emitOpError("passes ")
           << operands << " buffers and " << immediates << " immediates, but a call takes at most "
           << CORE_PROGRAM_CALL_BUFFERS << " and " << CORE_PROGRAM_CALL_IMMEDIATES;
  words.push_back(CORE_WORD0(CORE_OP_CALL, operands, immediates));
  words.push_back(kernelId(call.getKernel()));
  words.push_back(static_cast<uint32_t>(call.getCycles()));
  for (Value operand : call.getOperands()) {
    if (windowOf(operand))
      words.push_back(CORE_BUFFER_WINDOW | windows.lookup(operand));
    else if (auto cascade = operand.getDefiningOp<adf::CascadeOp>())
      words.push_back(cascade.getTarget() == core.getTile() ? CORE_PROGRAM_CASCADE_IN
                                                            : CORE_PROGRAM_CASCADE_OUT);
    else
      words.push_back(static_cast<uint32_t>(*operand.getDefiningOp<adf::BufferOp>().getAddress()));
  }
  for (int32_t immediate : call.getImmediates())
    words.push_back(static_cast<uint32_t>(immediate));
  return success();
}

LogicalResult CoreEncoder::encodeBody(Block &body) {
  for (Operation &op : body) {
    if (auto acquire = dyn_cast<adf::AcquireOp>(op)) {
      encodeLock(CORE_OP_ACQUIRE, acquire.getWindow(), acquire.getLock().getLock(),
                 acquireValue(acquire.getLock()));
    } else if (auto release = dyn_cast<adf::ReleaseOp>(op)) {
      encodeLock(CORE_OP_RELEASE, release.getWindow(), release.getLock().getLock(),
                 static_cast<int>(release.getLock().getValue()));
    } else if (auto advance = dyn_cast<adf::AdvanceOp>(op)) {
      words.push_back(CORE_WORD0(CORE_OP_ADVANCE, windows.lookup(advance.getWindow()), 0u));
    } else if (auto loop = dyn_cast<adf::LoopOp>(op)) {
      words.push_back(CORE_WORD0(CORE_OP_LOOP, 0u, 0u));
      words.push_back(static_cast<uint32_t>(loop.getCount()));
      if (failed(encodeBody(loop.getBody().front())))
        return failure();
      words.push_back(CORE_WORD0(CORE_OP_NEXT, 0u, 0u));
    } else if (failed(encodeCall(cast<adf::CallOp>(op)))) {
      return failure();
    }
  }
  return success();
}

} // namespace

FailureOr<SmallVector<uint32_t>>
adfc::encodeCore(adf::CoreOp core, llvm::function_ref<uint32_t(StringRef)> kernelId) {
  return CoreEncoder(core, kernelId).run();
}
