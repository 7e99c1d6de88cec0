//===- LoadPhases.cpp - weights come to stay ------------------------------===//
#include "Transforms/Resident/ResidentBuilder.h"
#include "adfc/spec/devices.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace adfc;

/// Parts that one phase loads at a time: few enough that their streams can be routed.
static constexpr size_t kPartsPerPhase = 8;

SmallVector<StringAttr, 2> ResidentBuilder::tapePieces(const WeightTape &tape) {
  auto [known, added] = pieces.try_emplace(tape.key());
  if (!added)
    return known->second;
  int64_t bytes = tape.bytes();
  std::vector<char> data(bytes);
  tape.pack(data);
  for (int64_t first = 0; first < bytes; first += kTapePartBytes) {
    int64_t part = std::min(kTapePartBytes, bytes - first);
    std::string name = "tape" + std::to_string(pieces.size() - 1) + (first ? "b" : "a");
    known->second.push_back(table.addConstant(loc, name, ArrayRef(data).slice(first, part)));
  }
  return known->second;
}

LogicalResult ResidentBuilder::makeLoadPhases() {
  if (plan.streamed())
    return success();
  SmallVector<std::pair<TileCoord, StringAttr>> parts;
  for (auto [tape, site] : llvm::zip(tapes, floor.cores)) {
    if (!tape.bytes())
      continue;
    SmallVector<StringAttr, 2> names = tapePieces(tape);
    parts.push_back({site.head, names[0]});
    if (names.size() > 1)
      parts.push_back({site.extension, names[1]});
  }
  size_t index = 0;
  for (ArrayRef<std::pair<TileCoord, StringAttr>> rest = parts; !rest.empty(); ++index) {
    size_t count = std::min(kPartsPerPhase, rest.size());
    if (failed(makeLoadPhase(index, rest.take_front(count))))
      return failure();
    rest = rest.drop_front(count);
  }
  return success();
}

LogicalResult ResidentBuilder::makeLoadPhase(size_t index,
                                             ArrayRef<std::pair<TileCoord, StringAttr>> parts) {
  OpBuilder::InsertionGuard guard(builder);
  auto phase =
      adf::PhaseOp::create(builder, loc, table.unique("load" + std::to_string(index)),
                           adf::PhaseModeAttr::get(builder.getContext(), adf::PhaseMode::Load),
                           builder.getStringAttr("weights"), builder.getI64IntegerAttr(0),
                           /*segment=*/IntegerAttr());
  builder.setInsertionPointToStart(&phase.getBody().emplaceBlock());
  for (auto [i, part] : llvm::enumerate(parts)) {
    int64_t bytes = table.bytesOf(part.second);
    Value shim = makeTile(adf::TileKind::Shim, {});
    Value memory = makeTile(adf::TileKind::Mem, part.first);
    Value window = makeWindow(memory, 1, bytes, /*address=*/0, /*lock=*/0);
    StringAttr stream = makeStream("weights" + Twine(i), shim, memory);
    Transfer read{nullptr, part.second, AccessPattern(0).dim(bytes / 4, 1), {}};
    Transfer write{window, nullptr, AccessPattern(0).dim(bytes / 4, 1), {}};
    if (failed(makeTask(shim, adf::Direction::MM2S, stream, {-1, 1, std::nullopt, false}, read)) ||
        failed(makeTask(memory, adf::Direction::S2MM, stream, {-1, 1, std::nullopt, true}, write)))
      return failure();
  }
  return success();
}
