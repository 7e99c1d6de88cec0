//===- RCBProgram.cpp - Verifier of programs ------------------------------===//
#include "RCB/RCBDialect.h"

#include "Target/DeviceModel.h"
#include "adfc/spec/devices.h"
#include "adfc/spec/rcb_isa.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace adfc;
using namespace adfc::rcb;

namespace {

/// A core's program memory in 32-bit words.
uint32_t programMemoryWords(const adfc_device &device) {
  return device.tiles[AIEML_TILE_CORE].program_bytes / 4;
}

/// Checks instructions against the device, so that none reaches an address that is not there. The
/// engine checks the same of the bytes before it plays them.
class InstructionVerifier {
public:
  InstructionVerifier(ImageOp image)
      : image(image), device(DeviceModel::find(image.getDevice())->table()) {}

  LogicalResult verify(Operation &op);

private:
  LogicalResult verifyRange(Operation *op, uint32_t address, uint64_t words, bool read);
  LogicalResult verifyWait(WaitTaskOp wait);
  LogicalResult verifyBind(BindBufferOp bind);
  LogicalResult verifyLoad(LoadCoreOp load);
  LogicalResult verifyTile(Operation *op, uint32_t column, uint32_t row);

  ImageOp image;
  const adfc_device &device;
};

LogicalResult InstructionVerifier::verifyTile(Operation *op, uint32_t column, uint32_t row) {
  if (column < device.columns && row < device.rows)
    return success();
  return op->emitOpError("names tile (")
         << column << ", " << row << "), but " << device.name << " has " << device.columns
         << " columns and " << device.rows << " rows";
}

/// All words from `address` on are in one register class, which can be read or written.
LogicalResult InstructionVerifier::verifyRange(Operation *op, uint32_t address, uint64_t words,
                                               bool read) {
  uint32_t column = AIEML_ADDRESS_COLUMN(address), row = AIEML_ADDRESS_ROW(address);
  uint32_t offset = AIEML_ADDRESS_OFFSET(address), index, word;
  if (failed(verifyTile(op, column, row)))
    return failure();
  aieml_tile_kind kind = adfc_device_tile_kind(&device, row);
  const aieml_register_class *first = aieml_find_register(kind, offset, &index, &word);
  bool noc = kind != AIEML_TILE_SHIM || adfc_device_has_noc(&device, column);
  if (!first || (first->noc_only && !noc))
    return op->emitOpError("address 0x")
           << llvm::utohexstr(offset, /*LowerCase=*/true) << " of tile (" << column << ", " << row
           << ") is no register";
  if (!(read ? first->readable : first->writable))
    return op->emitOpError() << "register " << first->name << " of tile (" << column << ", " << row
                             << ") cannot be " << (read ? "read" : "written");
  for (uint64_t i = 1; i < words; ++i) {
    uint64_t at = offset + 4 * i;
    if (at >= (1u << AIEML_ROW_SHIFT) ||
        aieml_find_register(kind, static_cast<uint32_t>(at), &index, &word) != first)
      return op->emitOpError() << "writes " << words << " words from register " << first->name
                               << " on, of which only " << i << " are there";
  }
  return success();
}

LogicalResult InstructionVerifier::verifyWait(WaitTaskOp wait) {
  uint32_t column = RCB_TILE_COLUMN(wait.getTile()), row = RCB_TILE_ROW(wait.getTile());
  if (failed(verifyTile(wait, column, row)))
    return failure();
  aieml_tile_kind kind = adfc_device_tile_kind(&device, row);
  if (kind == AIEML_TILE_SHIM && !adfc_device_has_noc(&device, column))
    return wait.emitOpError("tile (") << column << ", " << row << ") has no DMA";
  const adfc_tile &tile = device.tiles[kind];
  uint32_t channels =
      wait.getDirection() == rcb::Direction::S2MM ? tile.s2mm_channels : tile.mm2s_channels;
  if (wait.getChannel() >= channels)
    return wait.emitOpError("channel ") << wait.getChannel() << " is not there: tile (" << column
                                        << ", " << row << ") has " << channels;
  return success();
}

LogicalResult InstructionVerifier::verifyBind(BindBufferOp bind) {
  uint32_t column = AIEML_ADDRESS_COLUMN(bind.getAddress());
  uint32_t row = AIEML_ADDRESS_ROW(bind.getAddress()), index = 0, word = 0;
  if (failed(verifyTile(bind, column, row)))
    return failure();
  const aieml_register_class *found = aieml_find_register(
      adfc_device_tile_kind(&device, row), AIEML_ADDRESS_OFFSET(bind.getAddress()), &index, &word);
  if (row != 0 || !adfc_device_has_noc(&device, column) || !found ||
      found->id != AIEML_REGISTER_DMA_BD || word != AIEML_SHIM_DMA_BD_BASE_ADDRESS_LOW_WORD)
    return bind.emitOpError("must write the address word of a shim tile's buffer descriptor");
  int64_t offset = bind.getOffset(), bytes = image.getBufferBytes(bind.getBuffer());
  if (offset % 4 || offset < 0 || offset >= bytes)
    return bind.emitOpError("offset ")
           << offset << " must be a multiple of 4 in the " << stringifyBuffer(bind.getBuffer())
           << " buffer, which has " << bytes << " bytes";
  return success();
}

LogicalResult InstructionVerifier::verifyLoad(LoadCoreOp load) {
  uint32_t column = RCB_TILE_COLUMN(load.getTile()), row = RCB_TILE_ROW(load.getTile());
  if (failed(verifyTile(load, column, row)))
    return failure();
  if (adfc_device_tile_kind(&device, row) != AIEML_TILE_CORE)
    return load.emitOpError("tile (") << column << ", " << row << ") is no core tile";
  if (load.getWords() > programMemoryWords(device))
    return load.emitOpError("has ")
           << load.getWords() << " words, but program memory has " << programMemoryWords(device);
  uint64_t available = image.getCorePrograms().getWords().size() * 4;
  if (load.getOffset() % 4 || load.getOffset() + uint64_t(load.getWords()) * 4 > available)
    return load.emitOpError("reaches past rcb.core_programs, which has ") << available << " bytes";
  return success();
}

LogicalResult InstructionVerifier::verify(Operation &op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
      .Case([&](Write32Op write) { return verifyRange(write, write.getAddress(), 1, false); })
      .Case([&](MaskWrite32Op write) {
        return failure(failed(verifyRange(write, write.getAddress(), 1, true)) ||
                       failed(verifyRange(write, write.getAddress(), 1, false)));
      })
      .Case([&](BlockWriteOp write) {
        return verifyRange(write, write.getAddress(), write.getWords().size(), false);
      })
      .Case(
          [&](BlockSetOp set) { return verifyRange(set, set.getAddress(), set.getCount(), false); })
      .Case([&](MaskPollOp poll) { return verifyRange(poll, poll.getAddress(), 1, true); })
      .Case([&](WaitTaskOp wait) { return verifyWait(wait); })
      .Case([&](BindBufferOp bind) { return verifyBind(bind); })
      .Case([&](LoadCoreOp load) { return verifyLoad(load); })
      .Case<NopOp, CacheSyncOp, TimestampOp, BarrierOp, PhaseOp, EndOp>(
          [](Operation *) { return success(); })
      .Default([](Operation *other) -> LogicalResult {
        return other->emitOpError("is no instruction: rcb.program holds instructions only");
      });
}

} // namespace

LogicalResult ProgramOp::verifyRegions() {
  Block &body = getBody().front();
  if (body.empty() || !isa<EndOp>(body.back()))
    return emitOpError("must end with rcb.end");
  auto image = cast<ImageOp>((*this)->getParentOp());
  if (image.getBody().front().getOps<CoreProgramsOp>().empty())
    return success(); // the image says so
  InstructionVerifier verifier(image);
  for (Operation &op : body) {
    if (isa<EndOp>(op) && &op != &body.back())
      return op.emitOpError("must be the last instruction");
    if (failed(verifier.verify(op)))
      return failure();
  }
  return success();
}
