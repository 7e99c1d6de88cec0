//===- AllocatePass.cpp - adf-allocate ------------------------------------===//
#include "Transforms/Allocate/Arena.h"
#include "Transforms/Allocate/StepBds.h"
#include "Transforms/Allocate/TileMemory.h"
#include "Transforms/Phase/Lifetimes.h"
#include "Transforms/Phase/PhaseModel.h"
#include "Transforms/Phase/PlacedPasses.h"

#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"

#include <map>

using namespace mlir;
using namespace adfc;

namespace adfc {
#define GEN_PASS_DEF_ADFALLOCATE
#include "Transforms/Phase/PlacedPasses.h.inc"
} // namespace adfc

namespace {

/// Windows start at multiples of this, which is what kernels may rely on; DDR pieces too (a cache
/// line of the host).
constexpr int64_t alignment = 64;

/// The virtual tiles of a phase by the physical tile that they share.
using SharedTiles = std::map<TileCoord, SmallVector<int, 2>>;

/// What is taken of a physical tile's numbered resources.
struct TileNumbers {
  int nextLock = 0;
  /// Next descriptor of each pool: a memory tile's even and odd channels have one each, other tiles
  /// have one.
  int nextBd[2] = {0, 0};
};

//===- Memory -------------------------------------------------------------===//

RingRequest requestOf(Operation *op) {
  if (auto window = dyn_cast<adf::WindowOp>(op)) {
    RingRequest request{static_cast<int64_t>(window.getBytes()),
                        static_cast<int64_t>(window.getDepth()),
                        static_cast<int64_t>(window.getStride().value_or(0)), std::nullopt};
    if (window.getAddress())
      request.base = static_cast<int64_t>(*window.getAddress());
    return request;
  }
  return {static_cast<int64_t>(cast<adf::BufferOp>(op).getBytes()), 1, 0, std::nullopt};
}

void assignAddress(Operation *op, const RingAddress &address) {
  if (auto window = dyn_cast<adf::WindowOp>(op)) {
    window.setAddress(address.base);
    window.setStride(address.stride);
  } else {
    cast<adf::BufferOp>(op).setAddress(address.base);
  }
}

LogicalResult allocateMemory(PhaseModel &model, const DeviceModel &device, TileCoord at,
                             ArrayRef<int> tiles) {
  TileKind kind = model.kind(tiles.front());
  SmallVector<Operation *> ops;
  SmallVector<RingRequest> requests;
  for (int tile : tiles)
    for (Operation *op : model.memory[tile]) {
      ops.push_back(op);
      requests.push_back(requestOf(op));
    }
  // A resident network's memory has its addresses already.
  if (llvm::all_of(ops, hasAddress))
    return success();
  // Memory tiles have no core that a DMA could stall.
  int64_t bankBytes = kind == TileKind::Core ? device.bankBytes(kind) : 0;
  MemoryLayout layout = layOutTile(requests, device.memoryBytes(kind), bankBytes, alignment);
  if (layout.rings.empty())
    return model.tiles[tiles.front()].emitError()
           << "phase " << model.phase.getSymNameAttr() << ": the windows and buffers on "
           << tileKindName(kind) << " tile (" << at.col << ", " << at.row << ") take "
           << layout.bytes << " bytes, " << layout.bytes - device.memoryBytes(kind)
           << " bytes over the " << device.memoryBytes(kind)
           << " bytes of its memory: use smaller tiles or fewer buffers";
  for (auto [op, ring] : llvm::zip_equal(ops, layout.rings))
    assignAddress(op, ring);
  return success();
}

//===- Locks and buffer descriptors ---------------------------------------===//

/// The lock behind those that windows on these tiles have already.
int firstFreeLock(PhaseModel &model, ArrayRef<int> tiles) {
  int64_t first = 0;
  for (int tile : tiles)
    for (Operation *op : model.memory[tile])
      if (auto window = dyn_cast<adf::WindowOp>(op); window && window.getLocks())
        first = std::max(first, *llvm::max_element(*window.getLocks()) + 1);
  return static_cast<int>(first);
}

LogicalResult allocateLocks(PhaseModel &model, const DeviceModel &device, int tile,
                            TileNumbers &numbers) {
  TileKind kind = model.kind(tile);
  for (Operation *op : model.memory[tile]) {
    auto window = dyn_cast<adf::WindowOp>(op);
    if (!window || window.getLocks())
      continue;
    int empty = numbers.nextLock, full = empty + 1;
    numbers.nextLock += 2;
    if (numbers.nextLock > device.locks(kind))
      return window.emitError() << "phase " << model.phase.getSymNameAttr() << ": "
                                << tileKindName(kind) << " tile (" << model.coord(tile).col << ", "
                                << model.coord(tile).row << ") has " << device.locks(kind)
                                << " locks, which is too few for this window: use fewer windows";
    window.setLocks(ArrayRef<int64_t>{empty, full});
  }
  return success();
}

LogicalResult allocateBds(PhaseModel &model, const DeviceModel &device, ChannelTasks &tasks,
                          TileNumbers &numbers) {
  TileKind kind = model.kind(tasks.tile);
  int pools = kind == TileKind::Mem ? 2 : 1;
  int pool = tasks.channel() % pools, perPool = device.bds(kind) / pools;
  for (adf::DMAOp task : tasks.tasks)
    for (auto bd : task.getBody().getOps<adf::BDOp>()) {
      int index = numbers.nextBd[pool]++;
      if (index >= perPool)
        return bd.emitError() << "phase " << model.phase.getSymNameAttr() << ": "
                              << tileKindName(kind) << " tile (" << model.coord(tasks.tile).col
                              << ", " << model.coord(tasks.tile).row << ") has " << perPool
                              << " buffer descriptors for this channel, which are all taken: use "
                                 "fewer tiles along the image";
      bd.setId(pool * perPool + index);
    }
  return success();
}

LogicalResult allocatePhase(adf::PhaseOp phase, const DeviceModel &device) {
  PhaseModel model(phase);
  SharedTiles shared;
  for (int tile = 0; tile < static_cast<int>(model.tiles.size()); ++tile) {
    if (model.coord(tile).col < 0)
      return model.tiles[tile].emitOpError("has no coordinates: run adf-place first");
    shared[model.coord(tile)].push_back(tile);
  }
  std::map<TileCoord, TileNumbers> numbers;
  for (auto &[at, tiles] : shared) {
    if (failed(allocateMemory(model, device, at, tiles)))
      return failure();
    numbers[at].nextLock = firstFreeLock(model, tiles);
    for (int tile : tiles)
      if (failed(allocateLocks(model, device, tile, numbers[at])))
        return failure();
  }
  for (ChannelTasks &tasks : model.channels)
    if (tasks.channel() < 0)
      return tasks.tasks.front().emitOpError("has no channel: run adf-place first");
  if (phase.stays())
    return allocateStepBds(model, device);
  for (ChannelTasks &tasks : model.channels) {
    if (failed(allocateBds(model, device, tasks, numbers[model.coord(tasks.tile)])))
      return failure();
  }
  return success();
}

//===- DDR ----------------------------------------------------------------===//

void allocateDDR(adf::ProgramOp program) {
  Lifetimes lives = lifetimesOf(program);
  std::map<adf::BufferKind, int64_t> end;
  SmallVector<adf::DDROp> arena;
  SmallVector<LiveBuffer> buffers;
  for (auto ddr : program.getBody().getOps<adf::DDROp>()) {
    if (ddr.getBuffer() == adf::BufferKind::Arena) {
      auto [first, last] = lives.lookup(ddr);
      arena.push_back(ddr);
      buffers.push_back({static_cast<int64_t>(ddr.getBytes()), first, last});
      continue;
    }
    int64_t &next = end[ddr.getBuffer()];
    ddr.setOffset(next);
    next = llvm::alignTo(next + ddr.getBytes(), alignment);
  }
  ArenaLayout layout = layOutArena(buffers, alignment);
  for (auto [ddr, offset] : llvm::zip_equal(arena, layout.offsets))
    ddr.setOffset(offset);
}

struct AllocatePass : adfc::impl::ADFAllocateBase<AllocatePass> {
  using ADFAllocateBase::ADFAllocateBase;

  void runOnOperation() override {
    for (auto program : getOperation().getOps<adf::ProgramOp>()) {
      const DeviceModel *device = deviceOf(program);
      if (!device)
        return signalPassFailure();
      for (auto phase : program.getBody().getOps<adf::PhaseOp>())
        if (failed(allocatePhase(phase, *device)))
          return signalPassFailure();
      allocateDDR(program);
    }
  }
};

} // namespace
