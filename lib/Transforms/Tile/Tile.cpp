//===- Tile.cpp - the pass adf-tile ---------------------------------------===//
#include "ADF/ADFOps.h"
#include "Transforms/Pipeline/PipelineBuilder.h"
#include "Transforms/Resident/EarlyStart.h"
#include "Transforms/Resident/ResidentBuilder.h"
#include "Transforms/Tile/KernelTable.h"
#include "Transforms/Tile/PhaseBuilder.h"
#include "Transforms/Tile/TensorTable.h"
#include "Transforms/Tile/TilePasses.h"
#include "Transforms/Tile/WeightStream.h"
#include "adfc/spec/devices.h"

using namespace mlir;
using namespace adfc;

namespace adfc {
#define GEN_PASS_DEF_ADFTILE
#include "Transforms/Tile/TilePasses.h.inc"
} // namespace adfc

namespace {

/// Turns one graph into a program.
class GraphTiler {
public:
  GraphTiler(adf::GraphOp graph) : graph(graph), builder(graph) {}

  LogicalResult run() {
    if (failed(findDevice()))
      return failure();
    auto program = adf::ProgramOp::create(builder, graph.getLoc(), graph.getSymNameAttr(),
                                          graph.getDeviceAttr(), graph.getTilesAttr(),
                                          graph.getAvoidAttr() ? graph.getAvoidAttr()
                                                               : builder.getDenseI64ArrayAttr({}));
    Block &body = program.getBody().emplaceBlock();
    // Three sections: tensors, kernels, phases. The marks are where the first two grow.
    builder.setInsertionPointToStart(&body);
    Operation *tensorMark = makeMark(), *kernelMark = makeMark();
    TensorTable tensors{OpBuilder(tensorMark)};
    KernelTable kernels{OpBuilder(kernelMark)};
    LogicalResult result = graph.getBatch()      ? makePipeline(tensors, kernels)
                           : graph.getResident() ? makeResident(tensors, kernels)
                                                 : makePhases(tensors, kernels);
    tensorMark->erase();
    kernelMark->erase();
    if (failed(result))
      program.erase();
    else
      graph.erase();
    return result;
  }

private:
  LogicalResult findDevice() {
    if (!graph.getDevice() || !graph.getTiles())
      return graph.emitOpError("has no 'device' and 'tiles': run adf-apply-schedule before");
    device = adfc_device_find(graph.getDevice()->str().c_str());
    if (!device)
      return graph.emitOpError() << "is for the device \"" << *graph.getDevice()
                                 << "\", which is unknown";
    return success();
  }

  LogicalResult refuseUnpadded() {
    for (auto op : graph.getBody().getOps<adf::KernelOpInterface>())
      if (op.getScheduleAttr() && op.getScheduleAttr().getUnpadded())
        return op->emitOpError() << "\"" << op.getLayer()
                                 << "\" has 'unpadded', which only resident programs can do: "
                                    "leave it out, or give the graph 'resident'";
    return success();
  }

  LogicalResult makePhases(TensorTable &tensors, KernelTable &kernels) {
    if (failed(refuseUnpadded()) || failed(tensors.addBoundary(graph)))
      return failure();
    for (auto op : graph.getBody().getOps<adf::KernelOpInterface>()) {
      FailureOr<LayerPlan> plan = planLayer(op, *device, *graph.getTiles());
      if (failed(plan) || failed(makeLayer(*plan, tensors, kernels)))
        return failure();
    }
    return success();
  }

  /// For each segment, one phase that has its layers at work on one image behind the other, and
  /// those that load its weights.
  LogicalResult makePipeline(TensorTable &tensors, KernelTable &kernels) {
    auto batch = static_cast<int64_t>(*graph.getBatch());
    if (failed(refuseUnpadded()) || failed(tensors.addBoundary(graph, batch)))
      return failure();
    for (adf::KernelOpInterface op : resultsBetween(graph))
      tensors.addResult(op, batch);
    for (int64_t segment = 0, end = countSegments(graph); segment < end; ++segment) {
      FailureOr<PipelinePlan> plan = planPipeline(graph, *device, segment);
      if (failed(plan) ||
          failed(PipelineBuilder(builder, *plan, *device, tensors, kernels).build()))
        return failure();
    }
    return success();
  }

  /// One phase for all layers, and those that load its weights.
  LogicalResult makeResident(TensorTable &tensors, KernelTable &kernels) {
    if (failed(tensors.addBoundary(graph)))
      return failure();
    FailureOr<ResidentPlan> plan = planResident(graph);
    if (failed(plan))
      return failure();
    const adfc_tile &memory = device->tiles[AIEML_TILE_MEM];
    FailureOr<HubLayout> hub = layOutHub(*plan, memory.data_bytes, memory.locks);
    if (failed(hub))
      return failure();
    planEarlyStarts(*plan, *hub, *device);
    int64_t tape = 0;
    for (int64_t set = 0; set < plan->tapeSets(); ++set)
      for (int64_t core = 0; core < plan->coresPerSet(); ++core)
        tape = std::max(tape, WeightTape(*plan, set, core).bytes());
    if (!plan->streamed() && tape > 2 * kTapePartBytes)
      return graph.emitOpError() << "cannot stay on the array: the weights of one core take "
                                 << tape << " bytes, " << tape - 2 * kTapePartBytes
                                 << " bytes over what its memory tiles hold";
    std::vector<TileCoord> avoid;
    if (DenseI64ArrayAttr pairs = graph.getAvoidAttr())
      for (int64_t i = 0; i + 1 < pairs.size(); i += 2)
        avoid.push_back({static_cast<int>(pairs[i]), static_cast<int>(pairs[i + 1])});
    FloorNeeds needs{static_cast<int>(plan->sets()),
                     static_cast<int>(plan->coresPerSet()),
                     static_cast<int>(plan->hubs()),
                     static_cast<int>(plan->stack()),
                     /*extended=*/!plan->streamed() && tape > kTapePartBytes,
                     plan->shared(),
                     /*paired=*/llvm::any_of(plan->steps, [](const StepPlan &step) {
                       return step.handover > 0;
                     })};
    Floorplan floor = planFloor(DeviceModel(*device), avoid, needs);
    if (!floor.failure.empty())
      return graph.emitOpError() << "cannot stay on the array: " << floor.failure;
    return ResidentBuilder(builder, *plan, *device, floor, *hub, tensors, kernels).build();
  }

  LogicalResult makeLayer(const LayerPlan &plan, TensorTable &tensors, KernelTable &kernels) {
    adf::KernelOpInterface op = plan.op;
    PhaseSymbols symbols;
    for (unsigned i = 0; i < plan.operands; ++i)
      symbols.inputs.push_back(tensors.place(op->getOperand(i), op.getLayer()));
    tensors.addResult(op);
    symbols.output = tensors.place(op->getResult(0), op.getLayer());
    WeightStream weights(plan);
    if (std::optional<unsigned> streamed = op.getStreamedOperand()) {
      TensorPlace at = tensors.place(op->getOperand(*streamed), op.getLayer());
      symbols.weights = at.ddr;
      symbols.streamed = at.steps;
    } else if (weights.exists()) {
      symbols.weights = tensors.addWeights(op, [&](StringRef name) { return weights.pack(name); });
    }
    symbols.kernel = kernels.get(plan);
    int64_t rounds = adf::ceilDiv(plan.groups.size(), plan.groupsPerRound);
    for (int64_t round = 0; round < rounds; ++round) {
      std::string name = op.getLayer().str();
      symbols.phase = tensors.unique(rounds == 1 ? name : name + "$" + std::to_string(round));
      if (failed(PhaseBuilder(builder, plan, *device, symbols, round).build()))
        return failure();
    }
    return success();
  }

  /// An operation that stands for a place.
  Operation *makeMark() {
    return adf::KernelDefOp::create(builder, graph.getLoc(), "mark", "mark",
                                    builder.getDictionaryAttr({}));
  }

  adf::GraphOp graph;
  OpBuilder builder;
  const adfc_device *device = nullptr;
};

struct TilePass : adfc::impl::ADFTileBase<TilePass> {
  void runOnOperation() override {
    for (auto graph : llvm::make_early_inc_range(getOperation().getOps<adf::GraphOp>()))
      if (failed(GraphTiler(graph).run()))
        return signalPassFailure();
  }
};

} // namespace
