//===- ResidentCore.cpp - the program of one core -------------------------===//
#include "Transforms/Resident/ResidentBuilder.h"
#include "adfc/spec/devices.h"

using namespace mlir;
using namespace adfc;
using adf::LockKind;
using adf::roundUp;

namespace {

/// What entering a copying kernel takes, as for every other kernel: assumed.
constexpr int64_t kPrologueCycles = 20;

/// A core's scratch memory in one step.
struct Scratch {
  Value computed;                     ///< what the head writes
  Value fresh;                        ///< what it writes behind rows that are carried on
  Value part;                         ///< what the tail writes, where it is not all of the output
  SmallVector<Value, 3> activations;  ///< its own channels of shared windows, and of the pixel
  SmallVector<Value, 4> accumulators; ///< one for each tile of output channels
  SmallVector<Value, 4> skip;
  Value table; ///< the tail's parameters
};

class ProgramBuilder {
public:
  ProgramBuilder(OpBuilder builder, const ResidentPlan &plan, const adfc_device &device,
                 KernelTable &kernels, const WeightTape &tape, const ResidentCore &core,
                 int64_t set, int64_t member, bool isFed)
      : builder(builder), plan(plan), device(device), kernels(kernels), tape(tape), core(core),
        set(set), member(member), isFed(isFed), loc(adf::GraphOp(plan.graph).getLoc()) {}

  void run() {
    program = adf::CoreOp::create(builder, loc, core.tile, builder.getUnitAttr());
    scratchAt = OpBuilder(program);
    builder.setInsertionPointToStart(&program.getBody().emplaceBlock());
    for (auto [i, step] : llvm::enumerate(plan.steps)) {
      skipWeights(tape.skipped(i));
      SetRole role = step.role(set);
      loc = step.loc();
      if (role.active && member < role.cores)
        compute(step, role, static_cast<int64_t>(i) + 1);
      else if (role.active)
        dropWindows(step, role);
      skipOthersWeights(step, role);
    }
    skipWeights(tape.skipped(plan.steps.size()));
  }

private:
  void skipWeights(int64_t quanta) {
    if (quanta && isFed)
      loop(quanta, [&] { drop(core.weights); });
  }

  /// The tape is the lowest core's of the stack, which may have more tiles of rows.
  void skipOthersWeights(const StepPlan &step, const SetRole &role) {
    SetRole lowest = step.role(set % plan.tapeSets());
    if (member < lowest.cores)
      skipWeights(step.weightQuanta(lowest) - step.weightQuanta(role));
  }

  void dropWindows(const StepPlan &step, const SetRole &role) {
    loop(step.messages() * step.rowTiles(role.group), [&] { drop(core.activations); });
  }

  void compute(const StepPlan &step, const SetRole &role, int64_t index) {
    Scratch scratch = makeScratch(step, role, index);
    takeTable(step, scratch);
    if (step.keepsWeights())
      take(core.weights, LockKind::Full, step.tileQuanta());
    int64_t tiles = step.rowTiles(role.group);
    for (int64_t tile = 0; tile < tiles;) {
      std::array<int32_t, 4> pads = step.pads(role.group, tile);
      int64_t end = tile + 1;
      // The first computes the rows that the others carry on.
      while (end < tiles && (tile || !step.carried) &&
             (!step.hasPads() || step.pads(role.group, end) == pads))
        ++end;
      bool later = tile && step.carried;
      loop(end - tile, [&] { oneTile(step, role, scratch, pads, later); });
      tile = end;
    }
    if (step.keepsWeights())
      giveBack(core.weights, LockKind::Empty, step.tileQuanta());
  }

  Scratch makeScratch(const StepPlan &step, const SetRole &role, int64_t index) {
    Scratch scratch;
    int64_t address = core.scratch;
    auto buffer = [&](int64_t bytes) -> Value {
      int64_t at = address;
      address = roundUp(address + bytes, kResidentAlignment);
      return adf::BufferOp::create(scratchAt, loc, adf::BufferType::get(builder.getContext()),
                                   core.tile, bytes, builder.getI64IntegerAttr(at),
                                   builder.getDenseI64ArrayAttr({index, index}));
    };
    scratch.computed = buffer(step.headBytes());
    if (step.carried)
      scratch.fresh = buffer(step.headBytes() - step.carriedBytes());
    if (step.channelwise)
      for (unsigned i = 0; i < step.operands; ++i)
        scratch.activations.push_back(
            buffer(step.windowRows * step.windowCols * step.channelsPerCore()));
    if (step.pixel)
      scratch.activations.push_back(buffer(step.channelsPerCore()));
    for (int64_t i = 0; i < step.channelTiles; ++i) {
      if (step.accBytes)
        scratch.accumulators.push_back(buffer(step.accBytes));
      if (step.skip)
        scratch.skip.push_back(buffer(step.partBytes()));
    }
    if (step.tail && step.channelTiles > step.sends)
      scratch.part = buffer(step.partBytes());
    if (step.tableBytes)
      scratch.table = buffer(step.tableBytes);
    return scratch;
  }

  /// The tail's parameters come before the head's weights, and are needed until the end.
  void takeTable(const StepPlan &step, const Scratch &scratch) {
    if (!scratch.table)
      return;
    take(core.weights, LockKind::Full, step.tableQuanta);
    slice(core.weights, scratch.table, 1, step.tableBytes, 0, step.tableBytes, step.tableBytes, 0);
    giveBack(core.weights, LockKind::Empty, step.tableQuanta);
  }

  int64_t firstChannel(const StepPlan &step, int64_t tile) const {
    return member / step.shares() * step.channelsPerCore() + tile * step.channels;
  }

  void oneTile(const StepPlan &step, const SetRole &role, const Scratch &scratch,
               ArrayRef<int32_t> pads, bool later) {
    if (step.channelwise)
      ownChannels(step, role, scratch, pads);
    else
      allChannels(step, role, scratch, pads, later);
    // Round the ring, to the first block.
    if (goesRound(step))
      advance(core.weights, step.weightDepth - step.tileQuanta());
  }

  /// The tail's other operand, which is kept until the head is done.
  void takeSkip(const StepPlan &step, const SetRole &role, const Scratch &scratch) {
    if (!step.skip)
      return;
    take(core.activations);
    for (int64_t i = 0; i < step.channelTiles; ++i)
      slice(core.activations, scratch.skip[i], step.rows * step.cols, role.channels,
            firstChannel(step, i), step.channels, step.channels, 0);
    giveBack(core.activations);
  }

  void ownChannels(const StepPlan &step, const SetRole &role, const Scratch &scratch,
                   ArrayRef<int32_t> pads) {
    takeSkip(step, role, scratch);
    for (auto [i, own] : llvm::enumerate(scratch.activations)) {
      int64_t pixels = i < step.operands ? step.windowRows * step.windowCols : 1;
      take(core.activations);
      slice(core.activations, own, pixels, role.channels, firstChannel(step, 0),
            step.channelsPerCore(), step.channelsPerCore(), 0);
      giveBack(core.activations);
    }
    SmallVector<Value> operands(scratch.activations.begin(), scratch.activations.end());
    takeWeights(step);
    if (step.weightsBytes)
      operands.push_back(core.weights);
    operands.push_back(scratch.computed);
    adf::KernelOpInterface head = step.head;
    callKernel(head, step.headTile, operands, head.hasPadImmediates() ? pads : ArrayRef<int32_t>());
    giveWeights(step);
    finish(step, scratch, 0, pads);
  }

  void allChannels(const StepPlan &step, const SetRole &role, const Scratch &scratch,
                   ArrayRef<int32_t> pads, bool later) {
    if (step.skip && step.handsOn(member))
      drop(core.activations);
    else
      takeSkip(step, role, scratch);
    if (step.chunks == 1)
      return chunk(step, scratch, pads, {}, /*last=*/true, later);
    bool ends = !step.handsOn(member);
    ownChunk(step, scratch, pads, {1, 0}, false);
    if (step.ownChunks() > 2)
      loop(step.ownChunks() - 2, [&] { ownChunk(step, scratch, pads, {0, 0}, false); });
    ownChunk(step, scratch, pads, {0, ends ? 1 : 0}, true);
  }

  /// A chunk, and the other core's, where two share them in turn.
  void ownChunk(const StepPlan &step, const Scratch &scratch, ArrayRef<int32_t> pads,
                ArrayRef<int32_t> immediates, bool last) {
    if (step.handover && !step.handsOn(member))
      drop(core.activations);
    chunk(step, scratch, pads, immediates, last);
    if (step.handsOn(member))
      drop(core.activations);
  }

  void chunk(const StepPlan &step, const Scratch &scratch, ArrayRef<int32_t> pads,
             ArrayRef<int32_t> immediates, bool last, bool later = false) {
    bool handsOn = step.handsOn(member);
    take(core.activations);
    for (int64_t tile = 0; tile < step.channelTiles; ++tile) {
      if (last && step.handover && !handsOn)
        passSums(step, "add_sums", core.cascade, scratch.accumulators[tile]);
      takeWeights(step);
      SmallVector<Value> operands{core.activations, core.weights,
                                  later ? scratch.fresh : scratch.computed};
      if (step.accBytes)
        operands.push_back(scratch.accumulators[tile]);
      if (later)
        callKernel(step.head, step.laterTile(), operands, immediates, step.later);
      else
        callKernel(step.head, step.headTile, operands, immediates);
      giveWeights(step);
      if (tile + 1 == step.channelTiles)
        giveBack(core.activations);
      if (later)
        copy(scratch.fresh, 0, step.headBytes() - step.carriedBytes(), scratch.computed,
             step.carriedBytes(), step.headBytes());
      if (last && handsOn)
        passSums(step, "copy", scratch.accumulators[tile], core.cascade);
      else if (last)
        finish(step, scratch, tile, pads);
    }
  }

  /// To the cascade, or from there to the core's own.
  void passSums(const StepPlan &step, StringRef kernel, Value from, Value to) {
    DictionaryAttr config = builder.getDictionaryAttr(
        builder.getNamedAttr("count", builder.getI64IntegerAttr(step.accBytes)));
    call(kernels.get(loc, kernel, config), {from, to}, {}, step.handover);
  }

  /// From what the head computed to the output buffer, which is taken only now: it is sent while
  /// the head computes the next tile.
  void finish(const StepPlan &step, const Scratch &scratch, int64_t tile, ArrayRef<int32_t> pads) {
    if (tile == 0 || step.sends > 1)
      take(core.out, LockKind::Empty);
    Value made = scratch.computed;
    if (adf::KernelOpInterface tail = step.tail) {
      SmallVector<Value> operands{scratch.computed};
      if (step.skip)
        operands.insert(step.chainedOperand == 0 ? operands.end() : operands.begin(),
                        scratch.skip[tile]);
      if (scratch.table)
        operands.push_back(scratch.table);
      made = scratch.part ? scratch.part : core.out;
      operands.push_back(made);
      ArrayRef<int64_t> t = tail.getScheduleAttr().getTile();
      callKernel(tail, {t[0], t[1], t[2], t[3]}, operands,
                 tail.hasPadImmediates() ? pads : ArrayRef<int32_t>());
    }
    int64_t first = step.sends > 1 ? 0 : tile * step.channels;
    if (made != core.out)
      slice(made, core.out, step.rows * step.cols, step.channels, 0, step.channels,
            step.channelsPerCore() / step.sends, first);
    if (tile + 1 == step.channelTiles || step.sends > 1)
      release(core.out, LockKind::Full, 1);
    if (step.carried)
      copy(scratch.computed, step.headBytes() - step.carriedBytes(), step.carriedBytes(),
           scratch.computed, 0, step.headBytes());
  }

  void takeWeights(const StepPlan &step) {
    if (step.weightsBytes && !step.keepsWeights())
      take(core.weights, LockKind::Full, step.quanta);
  }
  void giveWeights(const StepPlan &step) {
    if (goesRound(step))
      advance(core.weights, step.quanta);
    else if (step.weightsBytes && !step.keepsWeights())
      giveBack(core.weights, LockKind::Empty, step.quanta);
  }
  /// Whether it goes from one block that it keeps to the next.
  static bool goesRound(const StepPlan &step) {
    return step.keepsWeights() && step.chunks * step.channelTiles > 1;
  }

  void callKernel(adf::KernelOpInterface op, adf::KernelTile tile, ArrayRef<Value> operands,
                  ArrayRef<int32_t> immediates, int64_t cycles = 0) {
    call(kernels.get(op.getLoc(), op.getKind(), op.getKernelConfig(tile)), operands, immediates,
         cycles ? cycles : op.getScheduleAttr().getCycles());
  }

  /// Copies `bytes` from byte `at` of `from` to byte `toAt` of `to`, which has `size` bytes.
  void copy(Value from, int64_t at, int64_t bytes, Value to, int64_t toAt, int64_t size) {
    slice(from, to, 1, at + bytes, at, bytes, size, toAt);
  }

  /// Copies `count` channels of each pixel.
  void slice(Value from, Value to, int64_t pixels, int64_t channels, int64_t first, int64_t count,
             int64_t toChannels, int64_t toFirst) {
    auto number = [&](StringRef name, int64_t value) {
      return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
    };
    DictionaryAttr config =
        builder.getDictionaryAttr({number("pixels", pixels), number("channels", channels),
                                   number("out_channels", toChannels), number("count", count)});
    int64_t cycles = kPrologueCycles + adf::ceilDiv(pixels * count, device.store_bytes);
    call(kernels.get(loc, "slice", config), {from, to},
         {static_cast<int32_t>(first), static_cast<int32_t>(toFirst)}, cycles);
  }

  void call(StringAttr kernel, ArrayRef<Value> operands, ArrayRef<int32_t> immediates,
            int64_t cycles) {
    adf::CallOp::create(builder, loc, FlatSymbolRefAttr::get(kernel), operands,
                        builder.getDenseI32ArrayAttr(immediates),
                        builder.getI64IntegerAttr(cycles));
  }

  void take(Value window, LockKind lock = LockKind::Full, int64_t value = 1) {
    auto acquire = adf::AcquireAttr::get(builder.getContext(), lock, /*equal=*/false, value);
    adf::AcquireOp::create(builder, loc, window, acquire);
  }

  void release(Value window, LockKind lock, int64_t value) {
    auto attr = adf::ReleaseAttr::get(builder.getContext(), lock, value);
    adf::ReleaseOp::create(builder, loc, window, attr);
  }

  /// Gives `value` buffers back, and goes on to those that follow.
  void giveBack(Value window, LockKind lock = LockKind::Empty, int64_t value = 1) {
    release(window, lock, value);
    advance(window, value);
  }

  /// Lets a buffer go as it is.
  void drop(Value window) {
    take(window);
    giveBack(window);
  }

  void advance(Value window, int64_t buffers) {
    for (int64_t i = 0; i < buffers; ++i)
      adf::AdvanceOp::create(builder, loc, window);
  }

  /// `body` within an adf.loop, or as it is if `count` is 1.
  void loop(int64_t count, function_ref<void()> body) {
    if (count == 1)
      return body();
    OpBuilder::InsertionGuard guard(builder);
    auto loop = adf::LoopOp::create(builder, loc, builder.getI64IntegerAttr(count));
    builder.setInsertionPointToStart(&loop.getBody().emplaceBlock());
    body();
  }

  OpBuilder builder;
  OpBuilder scratchAt{builder};
  const ResidentPlan &plan;
  const adfc_device &device;
  KernelTable &kernels;
  const WeightTape &tape;
  const ResidentCore &core;
  int64_t set, member;
  bool isFed; ///< with a tape: no core that has no work in any step is
  Location loc;
  adf::CoreOp program;
};

} // namespace

/// Between the cores that share input channels in any step, for as many sums as any hands on.
void ResidentBuilder::makeCascades() {
  for (int64_t set = 0; set < plan.sets(); ++set)
    for (int64_t i = 0; i + 1 < plan.coresPerSet(); i += 2) {
      int64_t bytes = 0;
      for (const StepPlan &step : plan.steps)
        if (SetRole role = step.role(set); step.handover && role.active && i < role.cores)
          bytes = std::max(bytes, roundUp(step.accBytes, kResidentAlignment));
      if (!bytes)
        continue;
      int64_t index = set * plan.coresPerSet() + i;
      ResidentCore &west = cores[index], &east = cores[index + 1];
      west.cascade = east.cascade = adf::CascadeOp::create(
          builder, loc, adf::CascadeType::get(builder.getContext()), west.tile, east.tile, bytes);
    }
}

void ResidentBuilder::makeProgram(int64_t set, int64_t i) {
  const WeightTape &tape = tapes[set % plan.tapeSets() * plan.coresPerSet() + i];
  ProgramBuilder(builder, plan, device, kernels, tape, core(set, i), set, i, isUsed(set, i)).run();
}
