//===- CoreProgram.cpp - the program of one core --------------------------===//
#include "Transforms/Tile/CoreProgram.h"

using namespace mlir;
using namespace adfc;

namespace {

class ProgramBuilder {
public:
  ProgramBuilder(OpBuilder builder, const LayerPlan &plan, const CoreMemory &core,
                 CoreKernels kernels, const CoreTurns &turns, const CascadePlace &cascade)
      : builder(builder), plan(plan), core(core), kernels(kernels), turns(turns), cascade(cascade),
        loc(adf::KernelOpInterface(plan.op).getLoc()) {}

  void run(const SpatialGroup &group) {
    auto program = adf::CoreOp::create(builder, loc, core.tile, turns.endless);
    builder.setInsertionPointToStart(&program.getBody().emplaceBlock());
    loop(plan.channelTiles, [&] {
      bool keepsWeights = core.weights && plan.chunks == 1;
      // Tiles come in strips of columns: each has as many.
      int64_t perStrip = group.tiles.size() / plan.weightStrips;
      auto strip = [&](int64_t which) {
        if (keepsWeights)
          take(core.weights);
        loop(turns.images,
             [&] { spatialTiles(ArrayRef(group.tiles).slice(which * perStrip, perStrip)); });
        // Weights that stay are full again for the next inference.
        if (keepsWeights)
          giveBack(core.weights, turns.endless ? adf::LockKind::Full : adf::LockKind::Empty);
      };
      if (adf::KernelOpInterface(plan.op).hasPadImmediates())
        for (int64_t which = 0; which < plan.weightStrips; ++which)
          strip(which);
      else
        loop(plan.weightStrips, [&] { strip(0); });
    });
  }

private:
  /// Neighbouring tiles whose calls have the same immediates share a loop.
  void spatialTiles(ArrayRef<SpatialTile> tiles) {
    bool pads = adf::KernelOpInterface(plan.op).hasPadImmediates();
    for (size_t i = 0, e = tiles.size(); i < e;) {
      std::array<int32_t, 4> immediates = tiles[i].pads(), tailPads = tiles[i].tailPads;
      size_t end = i + 1;
      while (end < e && (!pads || tiles[end].pads() == immediates) &&
             tiles[end].tailPads == tailPads)
        ++end;
      loop(end - i, [&] {
        if (plan.tail)
          chainedCalls(pads ? ArrayRef<int32_t>(immediates) : ArrayRef<int32_t>(), tailPads);
        else if (plan.chunks > 1)
          accumulatingCalls();
        else if (cascade.in || cascade.out)
          oneCall({begins(), ends()});
        else
          oneCall(pads ? ArrayRef<int32_t>(immediates) : ArrayRef<int32_t>());
      });
      i = end;
    }
  }

  /// The output is taken only where the second call writes it: it is sent while the first computes.
  void chainedCalls(ArrayRef<int32_t> immediates, ArrayRef<int32_t> tailPads) {
    adf::KernelOpInterface tail = plan.tail;
    takeActivations();
    call(immediates);
    giveBackActivations();
    take(core.out, adf::LockKind::Empty);
    adf::CallOp::create(builder, loc, FlatSymbolRefAttr::get(kernels.tail),
                        ValueRange{core.between, core.out}, builder.getDenseI32ArrayAttr(tailPads),
                        builder.getI64IntegerAttr(tail.getScheduleAttr().getCycles()));
    giveBack(core.out, adf::LockKind::Full);
  }

  void oneCall(ArrayRef<int32_t> immediates) {
    receiveSums();
    takeActivations();
    if (core.out)
      take(core.out, adf::LockKind::Empty);
    call(immediates);
    giveBackActivations();
    sendSums();
    if (core.out)
      giveBack(core.out, adf::LockKind::Full);
  }

  /// Whether sums begin here, and whether they are complete.
  int32_t begins() const { return cascade.in && !cascade.add ? 0 : 1; }
  int32_t ends() const { return cascade.out ? 0 : 1; }

  /// The first call begins the sums, the last one writes the output.
  void accumulatingCalls() {
    if (core.out)
      take(core.out, adf::LockKind::Empty);
    if (!cascade.add)
      receiveSums();
    chunkCalls(1, {begins(), 0});
    chunkCalls(plan.chunks - 2, {0, 0});
    if (cascade.add)
      receiveSums();
    chunkCalls(1, {0, ends()});
    sendSums();
    if (core.out)
      giveBack(core.out, adf::LockKind::Full);
  }

  /// Where sums are in a buffer, they are copied to and from the cascade, or added.
  void receiveSums() {
    if (cascade.in && cascade.copy)
      handOn(cascade.add ? cascade.add : cascade.copy, cascade.in, core.accumulator);
  }
  void sendSums() {
    if (cascade.out && cascade.copy)
      handOn(cascade.copy, core.accumulator, cascade.out);
  }
  void handOn(StringAttr kernel, Value from, Value to) {
    adf::CallOp::create(builder, loc, FlatSymbolRefAttr::get(kernel), ValueRange{from, to},
                        builder.getDenseI32ArrayAttr({}),
                        builder.getI64IntegerAttr(cascade.handover));
  }

  void chunkCalls(int64_t count, ArrayRef<int32_t> immediates) {
    if (count == 0)
      return;
    loop(count, [&] {
      takeActivations();
      take(core.weights);
      call(immediates);
      giveBackActivations();
      giveBack(core.weights);
    });
  }

  void call(ArrayRef<int32_t> immediates) {
    SmallVector<Value> operands(core.acts.begin(), core.acts.end());
    Value sums = core.accumulator ? core.accumulator : cascade.in ? cascade.in : cascade.out;
    // Where sums go on there is no output; nothing is written to what a call takes as one.
    Value out = core.between ? core.between : core.out ? core.out : sums;
    for (Value value : {core.weights, out, sums})
      if (value)
        operands.push_back(value);
    adf::CallOp::create(builder, loc, FlatSymbolRefAttr::get(kernels.head), operands,
                        builder.getDenseI32ArrayAttr(immediates),
                        builder.getI64IntegerAttr(plan.schedule.getCycles()));
  }

  void takeActivations() {
    for (Value act : core.acts)
      take(act);
  }
  void giveBackActivations() {
    for (Value act : core.acts)
      giveBack(act);
  }

  void take(Value window, adf::LockKind lock = adf::LockKind::Full) {
    auto acquire = adf::AcquireAttr::get(builder.getContext(), lock, /*equal=*/false, 1);
    adf::AcquireOp::create(builder, loc, window, acquire);
  }

  void giveBack(Value window, adf::LockKind lock = adf::LockKind::Empty) {
    auto release = adf::ReleaseAttr::get(builder.getContext(), lock, 1);
    adf::ReleaseOp::create(builder, loc, window, release);
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
  const LayerPlan &plan;
  const CoreMemory &core;
  CoreKernels kernels;
  CoreTurns turns;
  CascadePlace cascade;
  Location loc;
};

} // namespace

void adfc::makeCoreProgram(OpBuilder builder, const LayerPlan &plan, const SpatialGroup &group,
                           const CoreMemory &core, CoreKernels kernels, const CoreTurns &turns,
                           const CascadePlace &cascade) {
  ProgramBuilder(builder, plan, core, kernels, turns, cascade).run(group);
}
