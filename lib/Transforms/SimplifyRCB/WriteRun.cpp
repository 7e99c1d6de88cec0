//===- WriteRun.cpp -------------------------------------------------------===//
#include "Transforms/SimplifyRCB/WriteRun.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace adfc;

/// A new write costs about as much as seven further words of a block write: 100 cycles against 15
/// (control_write_cycles and control_block_word_cycles in spec/devices/*.toml).
static constexpr uint32_t bridgedWords = 6;
/// Bits of a descriptor's word that hold the high part of an address.
static constexpr uint32_t addressHighMask = 0xFFFF;

//===- Collecting ---------------------------------------------------------===//

void WriteRun::want(Location location, uint32_t address, RegisterValue value) {
  wanted[address] = value;
  locations.insert_or_assign(address, location);
}

void WriteRun::takeBind(rcb::BindBufferOp bind) {
  uint32_t low = bind.getAddress(), high = low + 4;
  RegisterValue value;
  value.kind = RegisterValue::AddressLow;
  value.buffer = bind.getBuffer();
  value.offset = bind.getOffset();
  want(bind.getLoc(), low, value);
  // The bits above the address stay as they are.
  const RegisterValue &before = wanted.count(high) ? wanted[high] : standing[high];
  value.kind = RegisterValue::AddressHigh;
  value.number = before.number & ~addressHighMask;
  want(bind.getLoc(), high, value);
}

/// The words of a write that only configures; none for other operations.
static std::optional<std::pair<uint32_t, uint64_t>> extentOf(Operation &op) {
  using Extent = std::optional<std::pair<uint32_t, uint64_t>>;
  return llvm::TypeSwitch<Operation *, Extent>(&op)
      .Case([](rcb::Write32Op w) { return Extent({w.getAddress(), 1}); })
      .Case([](rcb::BlockWriteOp w) { return Extent({w.getAddress(), w.getWords().size()}); })
      .Case([](rcb::BlockSetOp w) { return Extent({w.getAddress(), w.getCount()}); })
      .Case([](rcb::MaskWrite32Op w) { return Extent({w.getAddress(), 1}); })
      .Case([](rcb::BindBufferOp b) { return Extent({b.getAddress(), 2}); })
      .Default([](Operation *) { return Extent(); });
}

bool WriteRun::take(Operation &op) {
  auto extent = extentOf(op);
  // A block lies in one register class.
  if (!extent || isa<rcb::MaskWrite32Op>(op) || !registers.isConfiguration(extent->first))
    return false;
  auto [address, count] = *extent;
  if (auto bind = dyn_cast<rcb::BindBufferOp>(op)) {
    // What a masked write leaves of its word must be known.
    if (!wanted.count(address + 4) && !standing.count(address + 4))
      return false;
    takeBind(bind);
  } else {
    auto block = dyn_cast<rcb::BlockWriteOp>(op);
    for (uint64_t i = 0; i < count; ++i) {
      uint32_t word = block                      ? static_cast<uint32_t>(block.getWords()[i])
                      : isa<rcb::BlockSetOp>(op) ? cast<rcb::BlockSetOp>(op).getValue()
                                                 : cast<rcb::Write32Op>(op).getValue();
      want(op.getLoc(), address + 4 * static_cast<uint32_t>(i), {RegisterValue::Number, word});
    }
  }
  taken.push_back(&op);
  return true;
}

void WriteRun::forget(Operation &op) {
  if (auto extent = extentOf(op))
    for (uint64_t i = 0; i < extent->second; ++i)
      standing.erase(extent->first + 4 * static_cast<uint32_t>(i));
}

//===- Deciding -----------------------------------------------------------===//

bool WriteRun::stands(uint32_t address, const RegisterValue &value) const {
  auto it = standing.find(address);
  return it != standing.end() && it->second == value;
}

/// Addresses of the low words whose binding does not stand.
std::vector<uint32_t> WriteRun::bindsNeeded() const {
  std::vector<uint32_t> binds;
  for (auto &[address, value] : wanted)
    if (value.kind == RegisterValue::AddressLow &&
        !(stands(address, value) && stands(address + 4, wanted.at(address + 4))))
      binds.push_back(address);
  return binds;
}

/// The number that may be written to a word in passing; none where it must not be touched.
std::optional<uint32_t> WriteRun::fillWord(uint32_t address,
                                           const std::vector<uint32_t> &binds) const {
  auto it = wanted.find(address);
  const RegisterValue *value = it != wanted.end() ? &it->second : nullptr;
  if (!value) {
    auto known = standing.find(address);
    if (known == standing.end())
      return std::nullopt;
    value = &known->second;
    if (value->kind != RegisterValue::Number)
      return std::nullopt;
  }
  bool bound = value->kind != RegisterValue::Number;
  uint32_t low = value->kind == RegisterValue::AddressHigh ? address - 4 : address;
  if (bound && !llvm::is_contained(binds, low))
    return std::nullopt;
  return value->number;
}

std::vector<WriteRun::Range> WriteRun::rangesNeeded(const std::vector<uint32_t> &binds) const {
  std::vector<Range> ranges;
  for (auto &[address, value] : wanted) {
    auto known = standing.find(address);
    bool needed = value.kind == RegisterValue::Number && !stands(address, value);
    // A binding writes its words itself, apart from the bits above the address.
    if (value.kind == RegisterValue::AddressHigh)
      needed = known == standing.end() || (known->second.number & ~addressHighMask) != value.number;
    if (!needed)
      continue;
    if (!ranges.empty()) {
      uint32_t last = ranges.back().last;
      bool near = address - last <= 4 * (bridgedWords + 1) &&
                  registers.classOf(address) == registers.classOf(last) &&
                  address >> 20 == last >> 20;
      for (uint32_t gap = last + 4; near && gap < address; gap += 4)
        near = registers.classOf(gap) == registers.classOf(last) && fillWord(gap, binds);
      if (near) {
        ranges.back().last = address;
        continue;
      }
    }
    ranges.push_back({address, address});
  }
  return ranges;
}

//===- Writing ------------------------------------------------------------===//

void WriteRun::emit(OpBuilder &builder, const Range &range, const std::vector<uint32_t> &binds) {
  SmallVector<int32_t> words;
  for (uint32_t address = range.first; address <= range.last; address += 4)
    words.push_back(static_cast<int32_t>(*fillWord(address, binds)));
  Location location = locations.at(range.first);
  if (words.size() == 1)
    rcb::Write32Op::create(builder, location, range.first, static_cast<uint32_t>(words[0]));
  else if (llvm::all_equal(words))
    rcb::BlockSetOp::create(builder, location, range.first, static_cast<uint32_t>(words.size()),
                            static_cast<uint32_t>(words[0]));
  else
    rcb::BlockWriteOp::create(builder, location, range.first, words);
}

void WriteRun::flush(OpBuilder &builder) {
  std::vector<uint32_t> binds = bindsNeeded();
  for (const Range &range : rangesNeeded(binds))
    emit(builder, range, binds);
  for (uint32_t address : binds) {
    const RegisterValue &value = wanted.at(address);
    rcb::BindBufferOp::create(builder, locations.at(address), address, value.buffer, value.offset);
  }
  for (auto &[address, value] : wanted) {
    bool counts =
        value.kind == RegisterValue::Number && registers.countsIterations(address, value.number);
    if (counts)
      standing.erase(address);
    else
      standing[address] = value;
  }
  for (Operation *op : taken)
    op->erase();
  wanted.clear();
  locations.clear();
  taken.clear();
}
