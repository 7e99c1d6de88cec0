//===- CheckMemory.cpp - Tiles, memory, locks, DDR ------------------------===//
#include "Transforms/Phase/Lifetimes.h"
#include "Transforms/VerifyPlaced/Checks.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <map>
#include <set>

using namespace mlir;
using namespace adfc;

//===- Tiles --------------------------------------------------------------===//

LogicalResult placed::checkTiles(PhaseModel &model, const DeviceModel &device,
                                 ArrayRef<TileCoord> avoid) {
  std::set<TileCoord> cores;
  for (int i = 0; i < static_cast<int>(model.tiles.size()); ++i) {
    adf::TileOp tile = model.tiles[i];
    TileCoord at = model.coord(i);
    if (at.col < 0)
      return tile.emitOpError("has no coordinates");
    if (!device.contains(at) || device.kind(at) != model.kind(i))
      return tile.emitOpError("is at (") << at.col << ", " << at.row << "), where " << device.name()
                                         << " has no " << tileKindName(model.kind(i)) << " tile";
    if (model.kind(i) == TileKind::Shim && !device.hasShimDma(at.col))
      return tile.emitOpError("is at (")
             << at.col << ", " << at.row << "), a shim tile that does not reach DDR";
    if (llvm::is_contained(avoid, at))
      return tile.emitOpError("is at (")
             << at.col << ", " << at.row << "), a tile that the program must avoid";
    if (model.kind(i) == TileKind::Core && !cores.insert(at).second)
      return tile.emitOpError("is at (")
             << at.col << ", " << at.row << "), where another core tile of the phase is";
  }
  return success();
}

LogicalResult placed::checkTileCount(adf::ProgramOp program) {
  std::set<std::pair<int64_t, int64_t>> cores;
  program.walk([&](adf::TileOp tile) {
    if (tile.getKind() == adf::TileKind::Core)
      cores.insert({*tile.getCol(), *tile.getRow()});
  });
  if (cores.size() > program.getTiles())
    return program.emitOpError("uses ")
           << cores.size() << " core tiles, but may use " << program.getTiles();
  return success();
}

//===- Tile memory --------------------------------------------------------===//

namespace {

/// Bytes [begin, end) of a tile's memory, and whose they are.
struct Extent {
  int64_t begin, end;
  Operation *owner;
};

std::optional<ArrayRef<int64_t>> lifeOf(Operation *op) {
  if (auto window = dyn_cast<adf::WindowOp>(op))
    return window.getLive();
  return cast<adf::BufferOp>(op).getLive();
}

/// The regions of a window or buffer; fails where it has no proper address.
LogicalResult regionsOf(Operation *op, SmallVectorImpl<Extent> &regions) {
  int64_t depth = 1, stride = 0, bytes;
  std::optional<uint64_t> address;
  if (auto window = dyn_cast<adf::WindowOp>(op)) {
    address = window.getAddress();
    depth = window.getDepth();
    stride = window.getStride().value_or(0);
    bytes = window.getBytes();
  } else {
    address = cast<adf::BufferOp>(op).getAddress();
    bytes = cast<adf::BufferOp>(op).getBytes();
  }
  if (!address)
    return op->emitOpError("has no address");
  if (*address % placed::windowAlignment || (depth > 1 && stride % placed::windowAlignment))
    return op->emitOpError("must have an address and stride that are multiples of ")
           << placed::windowAlignment;
  for (int64_t i = 0; i < depth; ++i) {
    int64_t begin = static_cast<int64_t>(*address) + i * stride;
    regions.push_back({begin, begin + bytes, op});
  }
  return success();
}

} // namespace

bool placed::liveTogether(Operation *a, Operation *b) {
  auto lifeA = lifeOf(a), lifeB = lifeOf(b);
  if (!lifeA || !lifeB)
    return true;
  auto addressOf = [](Operation *op) { return cast<adf::WindowOp>(op).getAddress(); };
  bool inPlace = isa<adf::WindowOp>(a) && isa<adf::WindowOp>(b) && addressOf(a) == addressOf(b) &&
                 ((*lifeA)[1] == (*lifeB)[0] || (*lifeB)[1] == (*lifeA)[0]);
  return !inPlace && (*lifeA)[0] <= (*lifeB)[1] && (*lifeB)[0] <= (*lifeA)[1];
}

namespace {

LogicalResult checkRegions(SmallVectorImpl<Extent> &regions, TileCoord at, int64_t bytes) {
  llvm::sort(regions, [](const Extent &a, const Extent &b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  for (auto [i, region] : llvm::enumerate(regions)) {
    if (region.end > bytes)
      return region.owner->emitOpError("ends at byte ")
             << region.end << " of tile (" << at.col << ", " << at.row << "), "
             << region.end - bytes << " bytes past the end of its memory";
    if (i > 0 && region.begin < regions[i - 1].end &&
        placed::liveTogether(region.owner, regions[i - 1].owner)) {
      InFlightDiagnostic diagnostic = region.owner->emitOpError("overlaps other memory at byte ")
                                      << region.begin << " of tile (" << at.col << ", " << at.row
                                      << ")";
      diagnostic.attachNote(regions[i - 1].owner->getLoc()) << "which is this one's";
      return diagnostic;
    }
  }
  return success();
}

LogicalResult checkLocks(adf::WindowOp window, TileCoord at, int locks,
                         std::multimap<int64_t, Operation *> &taken) {
  if (!window.getLocks())
    return window.emitOpError("has no locks");
  ArrayRef<int64_t> numbers = *window.getLocks();
  for (int64_t lock : numbers) {
    if (lock < 0 || lock >= locks)
      return window.emitOpError("has lock ")
             << lock << ", but tile (" << at.col << ", " << at.row << ") has " << locks;
    auto [first, last] = taken.equal_range(lock);
    bool free = std::all_of(
        first, last, [&](auto &known) { return !placed::liveTogether(window, known.second); });
    taken.insert({lock, window});
    if (!free)
      return window.emitOpError("has lock ")
             << lock << ", which another window on tile (" << at.col << ", " << at.row << ") has";
  }
  return success();
}

} // namespace

LogicalResult placed::checkMemory(PhaseModel &model, const DeviceModel &device) {
  std::map<TileCoord, SmallVector<Extent>> regions;
  std::map<TileCoord, std::multimap<int64_t, Operation *>> locks;
  for (int i = 0; i < static_cast<int>(model.tiles.size()); ++i) {
    TileCoord at = model.coord(i);
    for (Operation *op : model.memory[i]) {
      if (failed(regionsOf(op, regions[at])))
        return failure();
      if (auto window = dyn_cast<adf::WindowOp>(op);
          window && failed(checkLocks(window, at, device.locks(model.kind(i)), locks[at])))
        return failure();
    }
  }
  for (auto &[at, extents] : regions)
    if (failed(checkRegions(extents, at, device.memoryBytes(device.kind(at)))))
      return failure();
  return success();
}

//===- DDR ----------------------------------------------------------------===//

namespace {

/// Bytes [begin, end) of a buffer that are needed from phase `first` to phase `last`.
struct Piece {
  adf::DDROp op;
  int64_t begin, end;
  int first, last;
};

/// Two pieces that share bytes in a phase, in the order in which they come in the program. Goes
/// through the phases and keeps those that are alive, sorted by their bytes.
std::optional<std::pair<adf::DDROp, adf::DDROp>> findShared(std::vector<Piece> pieces) {
  llvm::sort(pieces, [](const Piece &a, const Piece &b) {
    return std::tie(a.first, a.begin, a.end) < std::tie(b.first, b.begin, b.end);
  });
  std::map<int64_t, const Piece *> alive;
  std::set<std::pair<int, int64_t>> ends;
  for (const Piece &piece : pieces) {
    while (!ends.empty() && ends.begin()->first < piece.first) {
      alive.erase(ends.begin()->second);
      ends.erase(ends.begin());
    }
    const Piece *shared = nullptr;
    auto above = alive.lower_bound(piece.begin);
    if (above != alive.end() && above->first < piece.end)
      shared = above->second;
    else if (above != alive.begin() && std::prev(above)->second->end > piece.begin)
      shared = std::prev(above)->second;
    if (shared)
      return shared->op->isBeforeInBlock(piece.op) ? std::make_pair(shared->op, piece.op)
                                                   : std::make_pair(piece.op, shared->op);
    alive[piece.begin] = &piece;
    ends.insert({piece.last, piece.begin});
  }
  return std::nullopt;
}

} // namespace

LogicalResult placed::checkDDR(adf::ProgramOp program) {
  Lifetimes lives = lifetimesOf(program);
  std::map<adf::BufferKind, std::vector<Piece>> buffers;
  for (auto ddr : program.getBody().getOps<adf::DDROp>()) {
    if (!ddr.getOffset())
      return ddr.emitOpError("has no offset in its buffer");
    auto begin = static_cast<int64_t>(*ddr.getOffset());
    // Only activations share bytes with others that are needed at another time.
    bool arena = ddr.getBuffer() == adf::BufferKind::Arena;
    auto [first, last] = arena ? lives.lookup(ddr) : std::make_pair(0, 0);
    buffers[ddr.getBuffer()].push_back(
        {ddr, begin, begin + static_cast<int64_t>(ddr.getBytes()), first, last});
  }
  for (auto &[buffer, pieces] : buffers)
    if (auto shared = findShared(std::move(pieces)))
      return shared->second.emitOpError("shares bytes of the ")
             << adf::stringifyBufferKind(buffer) << " buffer with @" << shared->first.getSymName()
             << ", which is needed at the same time";
  return success();
}
