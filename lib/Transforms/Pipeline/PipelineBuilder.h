//===- PipelineBuilder.h - makes a pipelined program ----------------------===//
//
//     DDR -> shim ----------------lane---> slab -> cores -> join -> join -> ... ---lane---> slab ->
//     ...
//                                                 ^ weights, from memory tiles where they stay
//
// A slab holds what one group of cores reads of an operand, for two images or more, or for some
// bands of an image's rows: while its cores read one, the next comes. Each buffer has one writer,
// the lane, and one reader, the stream to the cores; so counting locks are exact.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_TRANSFORMS_PIPELINE_PIPELINEBUILDER_H
#define ADFC_TRANSFORMS_PIPELINE_PIPELINEBUILDER_H

#include "Target/DeviceModel.h"
#include "Transforms/Pipeline/PipelinePlan.h"
#include "Transforms/Pipeline/PipelineStore.h"
#include "Transforms/Tile/KernelTable.h"
#include "Transforms/Tile/PhaseBuilder.h"
#include "Transforms/Tile/TensorTable.h"
#include <map>

namespace adfc {

class PipelineBuilder {
public:
  /// `builder` stands where phases shall be. The boundary's tensors are in `table`.
  PipelineBuilder(mlir::OpBuilder builder, const PipelinePlan &plan, const adfc_device &device,
                  TensorTable &table, KernelTable &kernels)
      : builder(builder), plan(plan), device(device), table(table), kernels(kernels),
        loc(adf::GraphOp(plan.graph).getLoc()) {}

  /// Fails, with an error on an operation, where the device's DMA cannot do what is needed.
  mlir::LogicalResult build();

private:
  /// What a stage has on the array.
  struct Stage {
    llvm::SmallVector<CoreMemory> cores;
    /// Of each operand's parts.
    llvm::SmallVector<llvm::SmallVector<Slab>, 2> slabs;
  };
  /// Weights of some groups of channels in a memory tile.
  struct WeightsPart {
    size_t stage;
    TileCoord at;
    int64_t firstGroup, groups, groupBytes, address, lock;
    int64_t bytes() const { return groups * groupBytes; }
  };
  /// A stream's beginning.
  struct Source {
    mlir::Value tile;
    mlir::StringAttr stream;
  };
  /// What a join takes from one stream each time.
  struct JoinPart {
    mlir::StringAttr stream;
    int64_t words;
  };

  // PipelineBuilder.cpp
  void makeStep(adf::PhaseOp phase);
  void makeStage(const StagePlan &stage);
  void makePrograms(const StagePlan &stage, const Stage &made);
  mlir::LogicalResult sendWindows(size_t index);
  mlir::LogicalResult sendSlab(const StagePlan &stage, const Slab &slab, size_t group,
                               unsigned operand, mlir::ArrayRef<const CoreMemory *> receivers);
  static llvm::SmallVector<int64_t, 2> imagesOf(const Slab &slab);
  mlir::LogicalResult receiveWindows(const StagePlan &stage, const CoreMemory &core,
                                     unsigned operand, mlir::StringAttr stream);
  AccessPattern windowPattern(const StagePlan &stage, const Slab &slab, const SpatialTile &tile,
                              int64_t more, int64_t rowsApart) const;

  // PipelineWeights.cpp
  mlir::LogicalResult placeWeights();
  mlir::LogicalResult makeLoadPhases();
  mlir::LogicalResult makeLoadPhase(mlir::ArrayRef<WeightsPart> parts);
  mlir::Value weightsTile(std::map<TileCoord, mlir::Value> &tiles, TileCoord at);
  mlir::LogicalResult sendWeights();
  bool sharesStream(const WeightsPart &part) const;
  mlir::LogicalResult sendKept(const WeightsPart &part, mlir::Value memory, mlir::Value window);
  mlir::Value makeScrap(const CoreMemory &core, int64_t words, int64_t blocks);
  mlir::LogicalResult drop(adf::DMAOp receive, mlir::Value scrap, int64_t words, int64_t blocks);
  int64_t blockOf(const WeightsPart &part, size_t core) const;
  std::string weightsName(const StagePlan &stage);
  mlir::LogicalResult sendBlocks(const WeightsPart &part, mlir::Value memory, mlir::Value window,
                                 int64_t block);

  // PipelineInputs.cpp
  mlir::LogicalResult gatherInputs();
  mlir::LogicalResult gatherInput(const GatheredInput &input, size_t group);
  mlir::LogicalResult bringWindows(const GatheredInput &input, const Slab &slab,
                                   mlir::ArrayRef<SpatialTile> tiles);

  // PipelineTensors.cpp
  mlir::LogicalResult makeSlabs();
  mlir::LogicalResult makeSlab(const PipelineTensor &tensor, TensorReader reader, size_t number);
  mlir::LogicalResult carry(const PipelineTensor &tensor, size_t lane);
  mlir::LogicalResult store(const PipelineTensor &tensor, const Slab &slab,
                            mlir::StringAttr stream);
  mlir::LogicalResult storeBand(adf::DMAOp task, const Slab &slab, const StorePlan &store);
  mlir::LogicalResult relay(const Slab &slab, mlir::StringRef name);
  mlir::FailureOr<Source> makeSource(const PipelineTensor &tensor, size_t lane,
                                     mlir::StringRef name);
  mlir::FailureOr<Source> joinCores(const StagePlan &stage, const Stage &made, const Lane &lane,
                                    mlir::StringRef name);
  mlir::LogicalResult gather(mlir::ArrayRef<JoinPart> parts, const Source &to, int64_t times);
  mlir::LogicalResult sendOutputs(const StagePlan &stage, const Stage &made,
                                  mlir::ArrayRef<size_t> cores, mlir::StringAttr stream);
  mlir::LogicalResult drain(const PipelineTensor &tensor, const Lane &lane, mlir::Value shim,
                            mlir::StringAttr stream);

  // building blocks
  mlir::Value makeTile(adf::TileKind kind, TileCoord at = {});
  mlir::Value makeWindow(mlir::Value tile, int64_t depth, int64_t bytes, bool packed = false);
  mlir::Value makeBuffer(mlir::Value tile, int64_t bytes);
  mlir::StringAttr makeStream(const llvm::Twine &name, mlir::Value from, mlir::ValueRange to);
  /// Of a pipeline that stays, all tasks but the shims' are endless; of a segment those that a
  /// queue cannot hold, but for those with a token: these are pushed bit by bit.
  adf::DMAOp makeTask(mlir::Value tile, adf::Direction direction, mlir::StringAttr stream,
                      int64_t repeat = 1, std::optional<int64_t> channel = std::nullopt,
                      bool token = false);
  int64_t mostRuns(adf::TileKind kind) const;
  mlir::LogicalResult addBD(adf::DMAOp task, mlir::Value window, mlir::StringAttr ddr,
                            AccessPattern pattern, const Handshake &handshake = {});
  /// What a shim moves of all images, each `patterns` one after the other, `words` behind the one
  /// before: in tasks of as many as a descriptor can count. Those that write have tokens.
  mlir::LogicalResult addImages(mlir::Value shim, adf::Direction direction, mlir::StringAttr stream,
                                mlir::StringAttr ddr, mlir::ArrayRef<AccessPattern> patterns,
                                int64_t words);
  adf::AcquireAttr acquire(adf::LockKind lock, int64_t count = 1);
  adf::ReleaseAttr release(adf::LockKind lock, int64_t count = 1);

  mlir::OpBuilder builder;
  const PipelinePlan &plan;
  const adfc_device &device;
  TensorTable &table;
  KernelTable &kernels;
  mlir::Location loc;
  std::vector<Stage> stages;
  std::vector<WeightsPart> weights;
  std::map<size_t, mlir::StringAttr> weightSymbols; ///< by stage
};

} // namespace adfc

#endif // ADFC_TRANSFORMS_PIPELINE_PIPELINEBUILDER_H
