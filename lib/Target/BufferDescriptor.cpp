//===- BufferDescriptor.cpp -----------------------------------------------===//
#include "Target/BufferDescriptor.h"

#include "adfc/spec/aieml_regs.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using namespace adfc;

namespace {

struct Field {
  int word = -1;
  int lsb = 0;
  int width = 0;
};

#define BD_FIELD(name) {name##_WORD, name##_LSB, name##_WIDTH}

/// Where one tile kind's descriptors hold what.
struct BdFormat {
  int words;
  Field length, base;
  Field step[4], wrap[4];
  Field before[3], after[3];
  Field iterationStep, iterationWrap, iterationCurrent;
  Field acquireId, acquireValue, acquireEnable, releaseId, releaseValue;
  Field valid, useNext, next;
  /// The tile's own locks and memory within the windows that its DMA sees (AM020: western, own,
  /// eastern memory tile).
  int lockWindow, baseWindow;
};

constexpr BdFormat coreFormat = {
    AIEML_CORE_DMA_BD_WORDS,
    BD_FIELD(AIEML_CORE_DMA_BD_BUFFER_LENGTH),
    BD_FIELD(AIEML_CORE_DMA_BD_BASE_ADDRESS),
    {BD_FIELD(AIEML_CORE_DMA_BD_D0_STEPSIZE),
     BD_FIELD(AIEML_CORE_DMA_BD_D1_STEPSIZE),
     BD_FIELD(AIEML_CORE_DMA_BD_D2_STEPSIZE),
     {}},
    {BD_FIELD(AIEML_CORE_DMA_BD_D0_WRAP), BD_FIELD(AIEML_CORE_DMA_BD_D1_WRAP), {}, {}},
    {},
    {},
    BD_FIELD(AIEML_CORE_DMA_BD_ITERATION_STEPSIZE),
    BD_FIELD(AIEML_CORE_DMA_BD_ITERATION_WRAP),
    BD_FIELD(AIEML_CORE_DMA_BD_ITERATION_CURRENT),
    BD_FIELD(AIEML_CORE_DMA_BD_LOCK_ACQ_ID),
    BD_FIELD(AIEML_CORE_DMA_BD_LOCK_ACQ_VALUE),
    BD_FIELD(AIEML_CORE_DMA_BD_LOCK_ACQ_ENABLE),
    BD_FIELD(AIEML_CORE_DMA_BD_LOCK_REL_ID),
    BD_FIELD(AIEML_CORE_DMA_BD_LOCK_REL_VALUE),
    BD_FIELD(AIEML_CORE_DMA_BD_VALID_BD),
    BD_FIELD(AIEML_CORE_DMA_BD_USE_NEXT_BD),
    BD_FIELD(AIEML_CORE_DMA_BD_NEXT_BD),
    0,
    0};

constexpr BdFormat memFormat = {
    AIEML_MEM_DMA_BD_WORDS,
    BD_FIELD(AIEML_MEM_DMA_BD_BUFFER_LENGTH),
    BD_FIELD(AIEML_MEM_DMA_BD_BASE_ADDRESS),
    {BD_FIELD(AIEML_MEM_DMA_BD_D0_STEPSIZE), BD_FIELD(AIEML_MEM_DMA_BD_D1_STEPSIZE),
     BD_FIELD(AIEML_MEM_DMA_BD_D2_STEPSIZE), BD_FIELD(AIEML_MEM_DMA_BD_D3_STEPSIZE)},
    {BD_FIELD(AIEML_MEM_DMA_BD_D0_WRAP),
     BD_FIELD(AIEML_MEM_DMA_BD_D1_WRAP),
     BD_FIELD(AIEML_MEM_DMA_BD_D2_WRAP),
     {}},
    {BD_FIELD(AIEML_MEM_DMA_BD_D0_ZERO_BEFORE), BD_FIELD(AIEML_MEM_DMA_BD_D1_ZERO_BEFORE),
     BD_FIELD(AIEML_MEM_DMA_BD_D2_ZERO_BEFORE)},
    {BD_FIELD(AIEML_MEM_DMA_BD_D0_ZERO_AFTER), BD_FIELD(AIEML_MEM_DMA_BD_D1_ZERO_AFTER),
     BD_FIELD(AIEML_MEM_DMA_BD_D2_ZERO_AFTER)},
    BD_FIELD(AIEML_MEM_DMA_BD_ITERATION_STEPSIZE),
    BD_FIELD(AIEML_MEM_DMA_BD_ITERATION_WRAP),
    BD_FIELD(AIEML_MEM_DMA_BD_ITERATION_CURRENT),
    BD_FIELD(AIEML_MEM_DMA_BD_LOCK_ACQ_ID),
    BD_FIELD(AIEML_MEM_DMA_BD_LOCK_ACQ_VALUE),
    BD_FIELD(AIEML_MEM_DMA_BD_LOCK_ACQ_ENABLE),
    BD_FIELD(AIEML_MEM_DMA_BD_LOCK_REL_ID),
    BD_FIELD(AIEML_MEM_DMA_BD_LOCK_REL_VALUE),
    BD_FIELD(AIEML_MEM_DMA_BD_VALID_BD),
    BD_FIELD(AIEML_MEM_DMA_BD_USE_NEXT_BD),
    BD_FIELD(AIEML_MEM_DMA_BD_NEXT_BD),
    AIEML_MEMTILE_LOCK_WINDOW,
    AIEML_MEMTILE_DATA_WINDOW / 4};

constexpr BdFormat shimFormat = {
    AIEML_SHIM_DMA_BD_WORDS,
    BD_FIELD(AIEML_SHIM_DMA_BD_BUFFER_LENGTH),
    {},
    {BD_FIELD(AIEML_SHIM_DMA_BD_D0_STEPSIZE),
     BD_FIELD(AIEML_SHIM_DMA_BD_D1_STEPSIZE),
     BD_FIELD(AIEML_SHIM_DMA_BD_D2_STEPSIZE),
     {}},
    {BD_FIELD(AIEML_SHIM_DMA_BD_D0_WRAP), BD_FIELD(AIEML_SHIM_DMA_BD_D1_WRAP), {}, {}},
    {},
    {},
    BD_FIELD(AIEML_SHIM_DMA_BD_ITERATION_STEPSIZE),
    BD_FIELD(AIEML_SHIM_DMA_BD_ITERATION_WRAP),
    BD_FIELD(AIEML_SHIM_DMA_BD_ITERATION_CURRENT),
    BD_FIELD(AIEML_SHIM_DMA_BD_LOCK_ACQ_ID),
    BD_FIELD(AIEML_SHIM_DMA_BD_LOCK_ACQ_VALUE),
    BD_FIELD(AIEML_SHIM_DMA_BD_LOCK_ACQ_ENABLE),
    BD_FIELD(AIEML_SHIM_DMA_BD_LOCK_REL_ID),
    BD_FIELD(AIEML_SHIM_DMA_BD_LOCK_REL_VALUE),
    BD_FIELD(AIEML_SHIM_DMA_BD_VALID_BD),
    BD_FIELD(AIEML_SHIM_DMA_BD_USE_NEXT_BD),
    BD_FIELD(AIEML_SHIM_DMA_BD_NEXT_BD),
    0,
    0};
#undef BD_FIELD

const BdFormat &formatOf(TileKind kind) {
  switch (kind) {
  case TileKind::Shim:
    return shimFormat;
  case TileKind::Mem:
    return memFormat;
  case TileKind::Core:
    return coreFormat;
  }
  llvm_unreachable("a tile of another kind");
}

class Encoder {
public:
  Encoder(TileKind kind, const BufferDescriptor &bd) : kind(kind), format(formatOf(kind)), bd(bd) {
    result.words.assign(format.words, 0);
  }

  EncodedDescriptor run() {
    set(format.length, bd.length, "length");
    if (kind != TileKind::Shim)
      setAddress();
    if (hasPads())
      setPads();
    setDims();
    setIteration();
    setLocks();
    if (bd.next) {
      set(format.useNext, 1, "use next");
      set(format.next, *bd.next, "next descriptor");
    }
    set(format.valid, 1, "valid");
    if (!result.failure.empty())
      result.words.clear();
    return std::move(result);
  }

private:
  void fail(const llvm::Twine &why) {
    if (result.failure.empty())
      result.failure = why.str();
  }

  void set(const Field &field, int64_t value, const llvm::Twine &what, int64_t bias = 0) {
    int64_t limit = field.word < 0 ? 0 : (int64_t(1) << field.width) - 1;
    if (value - bias < 0 || value - bias > limit)
      return fail(what + " is " + llvm::Twine(value) + ", but must be " + llvm::Twine(bias) +
                  " to " + llvm::Twine(limit + bias) + " in a " + tileKindName(kind) +
                  " tile's descriptor");
    if (field.word >= 0)
      result.words[field.word] |= static_cast<uint32_t>(value - bias) << field.lsb;
  }

  void setSigned(const Field &field, int value, const llvm::Twine &what) {
    int limit = 1 << (field.width - 1);
    if (value < -limit || value >= limit)
      return fail(what + " is " + llvm::Twine(value) + ", but must be " + llvm::Twine(-limit) +
                  " to " + llvm::Twine(limit - 1));
    result.words[field.word] |= (static_cast<uint32_t>(value) & ((1u << field.width) - 1))
                                << field.lsb;
  }

  void setAddress() {
    if (bd.neighbour && (kind != TileKind::Mem || std::abs(bd.neighbour) > 1))
      return fail("the window is " + llvm::Twine(bd.neighbour) +
                  " columns away: only memory tiles " + "reach others, next to them");
    set(format.base, bd.base + (1 + bd.neighbour) * format.baseWindow, "address");
  }

  bool hasPads() const {
    return llvm::any_of(bd.pads, [](const BdPad &p) { return p.before || p.after; });
  }

  void setPads() {
    for (auto [i, pad] : llvm::enumerate(bd.pads)) {
      if (!pad.before && !pad.after)
        continue;
      if (i >= 3)
        return fail("dimension " + llvm::Twine(i) + " is padded, but only 0 to 2 can be");
      set(format.before[i], pad.before, "padding before dimension " + llvm::Twine(i));
      set(format.after[i], pad.after, "padding after dimension " + llvm::Twine(i));
    }
  }

  /// The dimensions without those that say nothing, neighbours joined where they are one in memory
  /// and the joined count fits its field (the outermost count has none).
  llvm::SmallVector<BdDim, 4> joined() const {
    llvm::SmallVector<BdDim, 4> counted =
        llvm::filter_to_vector<4>(bd.dims, [](const BdDim &dim) { return dim.count != 1; });
    int64_t limit = (int64_t(1) << format.wrap[0].width) - 1;
    llvm::SmallVector<BdDim, 4> dims;
    for (const BdDim &dim : counted) {
      bool outermost = &dim == &counted.back();
      if (!dims.empty() && dim.step == dims.back().count * dims.back().step &&
          (outermost || dims.back().count * dim.count <= limit))
        dims.back().count *= dim.count;
      else
        dims.push_back(dim);
    }
    return dims;
  }

  void setDims() {
    bool padded = hasPads();
    llvm::SmallVector<BdDim, 4> dims = padded ? bd.dims : joined();
    // The outermost dimension goes on until the length is reached, and so needs no wrap, unless it
    // is padded.
    size_t available = llvm::count_if(format.step, [](const Field &f) { return f.word >= 0; });
    if (dims.size() > available)
      return fail("has " + llvm::Twine(dims.size()) + " dimensions that cannot be joined, but a " +
                  tileKindName(kind) + " tile's descriptor has " + llvm::Twine(available));
    for (auto [i, dim] : llvm::enumerate(dims)) {
      set(format.step[i], dim.count == 1 ? 1 : dim.step, "step of dimension " + llvm::Twine(i),
          AIEML_STEP_BIAS);
      bool last = i + 1 == dims.size();
      if (!last || (padded && i < bd.pads.size()))
        set(format.wrap[i], dim.count, "count of dimension " + llvm::Twine(i));
    }
  }

  void setIteration() {
    if (bd.iteration.count == 1 || bd.iteration.step == 0)
      return;
    set(format.iterationWrap, bd.iteration.count, "iteration wrap", AIEML_ITERATION_WRAP_BIAS);
    set(format.iterationStep, bd.iteration.step, "iteration step", AIEML_STEP_BIAS);
    set(format.iterationCurrent, bd.firstRun, "number of the first run");
  }

  int64_t lockNumber(const BdLock &lock) const {
    return lock.id + (1 + bd.neighbour) * format.lockWindow;
  }

  void setLocks() {
    if (bd.acquire) {
      set(format.acquireEnable, 1, "acquire");
      set(format.acquireId, lockNumber(*bd.acquire), "lock to acquire");
      setSigned(format.acquireValue, bd.acquire->value, "value to acquire");
    }
    if (bd.release) {
      set(format.releaseId, lockNumber(*bd.release), "lock to release");
      setSigned(format.releaseValue, bd.release->value, "value to release");
    }
  }

  TileKind kind;
  const BdFormat &format;
  const BufferDescriptor &bd;
  EncodedDescriptor result;
};

} // namespace

EncodedDescriptor adfc::encodeDescriptor(TileKind kind, const BufferDescriptor &bd) {
  return Encoder(kind, bd).run();
}

bool adfc::descriptorIterates(TileKind kind, int index, uint32_t word) {
  const Field &wrap = formatOf(kind).iterationWrap;
  return index == wrap.word && (word >> wrap.lsb & ((1u << wrap.width) - 1)) != 0;
}
