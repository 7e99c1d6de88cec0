//===- RCBEncoder.cpp - Programs as words and back ------------------------===//
#include "Target/RCBEncoder.h"

#include "Target/DeviceModel.h"
#include "adfc/spec/devices.h"
#include "adfc/spec/rcb_isa.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/Endian.h"

#include <algorithm>

using namespace mlir;

namespace adfc::rcb {

#define GET_RCB_ENCODER
#define GET_RCB_DECODER
#include "adfc/spec/RCBEncoding.inc"

/// The CRC of the words' little-endian bytes.
static uint32_t crcOf(ArrayRef<uint32_t> words) {
  std::vector<uint8_t> bytes(words.size() * 4);
  for (size_t i = 0; i < words.size(); ++i)
    llvm::support::endian::write32le(&bytes[4 * i], words[i]);
  return llvm::crc32(bytes);
}

static uint64_t waitCycles(Operation &op) {
  if (auto wait = dyn_cast<WaitTaskOp>(op))
    return wait.getMaxCycles();
  if (auto poll = dyn_cast<MaskPollOp>(op))
    return poll.getMaxCycles();
  return 0;
}

FailureOr<std::vector<uint32_t>> encodeProgram(ProgramOp program) {
  auto image = cast<ImageOp>(program->getParentOp());
  SmallVector<uint32_t> words(RCB_HEADER_WORDS, 0);
  uint64_t instructions = 0, wait = 0;
  for (Operation &op : program.getBody().front()) {
    if (failed(encodeInstruction(&op, words)))
      return failure();
    ++instructions;
    wait += waitCycles(op);
  }
  words[RCB_HEADER_MAGIC] = RCB_MAGIC;
  words[RCB_HEADER_VERSION] = RCB_VERSION;
  words[RCB_HEADER_TOTAL_WORDS] = static_cast<uint32_t>(words.size());
  words[RCB_HEADER_DEVICE] = DeviceModel::find(image.getDevice())->table().ordinal;
  words[RCB_HEADER_INSTRUCTIONS] = static_cast<uint32_t>(instructions);
  words[RCB_HEADER_BUFFERS] = RCB_BUFFER_COUNT;
  words[RCB_HEADER_MAX_WAIT_CYCLES] = static_cast<uint32_t>(std::min<uint64_t>(wait, UINT32_MAX));
  words[RCB_HEADER_BODY_CRC32] = crcOf(ArrayRef(words).drop_front(RCB_HEADER_WORDS));
  return std::vector<uint32_t>(words.begin(), words.end());
}

static LogicalResult checkHeader(ArrayRef<uint32_t> words, ProgramOp program) {
  if (words.size() <= RCB_HEADER_WORDS)
    return program.emitError("the program has ") << words.size() << " words, fewer than its header";
  if (words[RCB_HEADER_MAGIC] != RCB_MAGIC || words[RCB_HEADER_VERSION] != RCB_VERSION)
    return program.emitError("the program does not begin with the magic word and version ")
           << RCB_VERSION;
  if (words[RCB_HEADER_TOTAL_WORDS] != words.size())
    return program.emitError("the program has ")
           << words.size() << " words, but its header says " << words[RCB_HEADER_TOTAL_WORDS];
  if (words[RCB_HEADER_BODY_CRC32] != crcOf(words.drop_front(RCB_HEADER_WORDS)))
    return program.emitError("the program's words are damaged: their checksum is wrong");
  return success();
}

LogicalResult decodeProgram(ArrayRef<uint32_t> words, ProgramOp program) {
  if (failed(checkHeader(words, program)))
    return failure();
  OpBuilder builder = OpBuilder::atBlockEnd(&program.getBody().front());
  for (size_t at = RCB_HEADER_WORDS; at < words.size();) {
    size_t length = RCB_LENGTH(words[at]);
    bool whole = length > 0 && length <= words.size() - at;
    if (!whole || !decodeInstruction(builder, program.getLoc(), words.slice(at, length)))
      return program.emitError("word ") << at << " of the program begins no valid instruction";
    at += length;
  }
  return success();
}

} // namespace adfc::rcb
