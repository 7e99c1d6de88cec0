//===- InstructionBuilder.cpp ---------------------------------------------===//
#include "Conversion/ADFToRCB/InstructionBuilder.h"

#include "Target/TileRegisters.h"
#include "adfc/spec/rcb_isa.h"

using namespace mlir;
using namespace adfc;

static uint32_t tileWord(TileCoord tile) {
  return RCB_TILE(static_cast<uint32_t>(tile.col), static_cast<uint32_t>(tile.row));
}

void InstructionBuilder::write(Location location, TileCoord tile, uint32_t offset, uint32_t value) {
  add<rcb::Write32Op>(location, registerAddress(tile, offset), value);
}

void InstructionBuilder::writeBlock(Location location, TileCoord tile, uint32_t offset,
                                    ArrayRef<uint32_t> words) {
  SmallVector<int32_t> payload(words.begin(), words.end());
  add<rcb::BlockWriteOp>(location, registerAddress(tile, offset), payload);
}

void InstructionBuilder::set(Location location, TileCoord tile, uint32_t offset, uint32_t count,
                             uint32_t value) {
  add<rcb::BlockSetOp>(location, registerAddress(tile, offset), count, value);
}

void InstructionBuilder::bind(Location location, TileCoord tile, uint32_t offset,
                              rcb::Buffer buffer, int64_t bytes) {
  add<rcb::BindBufferOp>(location, registerAddress(tile, offset), buffer, bytes);
}

void InstructionBuilder::loadCore(Location location, TileCoord tile, uint32_t offset,
                                  uint32_t words) {
  add<rcb::LoadCoreOp>(location, tileWord(tile), offset, words);
}

void InstructionBuilder::waitTask(Location location, TileCoord tile, Direction direction,
                                  int channel, uint32_t maxCycles) {
  add<rcb::WaitTaskOp>(location, tileWord(tile), static_cast<rcb::Direction>(direction),
                       static_cast<uint32_t>(channel), maxCycles);
}
