//===- PipelinePlan.h - the stages of a pipelined program -----------------===//
//
// What follows from a graph and its schedule, before any operation is made.
//
// Each layer is a stage: cores, and memory tiles for its operands, its weights and its outputs, all
// for itself. Several images are under way, each in another stage. The tiles of rows of a result
// are dealt out to the groups of cores in turn. A tensor goes from the stage that makes it to those
// that read it as messages, in an order that is the same for every image: tile by tile one message
// from each core that has some of its channels. Where the stage's cores are divided into lanes, by
// their channels, each lane is a stream of its own.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_TRANSFORMS_PIPELINE_PIPELINEPLAN_H
#define ADFC_TRANSFORMS_PIPELINE_PIPELINEPLAN_H

#include "Target/DeviceModel.h"
#include "Transforms/Tile/LayerPlan.h"
#include <vector>

namespace adfc {

/// Rows and channels of a tensor that one message brings, with all columns.
struct Message {
  int64_t row, rows, channel, channels;
};

/// One of the streams in which a tensor comes.
struct Lane {
  llvm::SmallVector<size_t> cores; ///< of the stage, in the order in which they send
  std::vector<Message> messages;   ///< of an image
};

struct StagePlan {
  LayerPlan layer;
  adf::StageAttr stage;
  /// Of a message; all that a core makes of a tile may be several, one behind the other.
  int64_t messageChannels;

  /// Cores that make a sum one after the other: `layer` counts them as one core.
  size_t cascade() const { return static_cast<size_t>(stage.getCascade()); }
  size_t cores() const { return layer.groups.size() * layer.channelGroups.size() * cascade(); }
  /// Parts of the input channels that each of them does.
  int64_t chunksPerCore() const { return layer.chunks / stage.getCascade(); }
  /// Of core `number` of the grid, the one that has the result.
  size_t lastOf(size_t number) const { return number * cascade() + cascade() - 1; }
  /// Cores of a lane whose results one of them sends: the first.
  size_t together() const { return stage.getPaired() ? 2 : 1; }
  /// Of each core of the grid, the one that sends its result.
  llvm::SmallVector<size_t> senders() const;
  /// Parts of an operand that are kept apart, each for the cores that read nothing else.
  int64_t slabs() const { return layer.groups.size() * slabsPerGroup(); }
  int64_t slabsPerGroup() const { return layer.streamsPerGroup() * stage.getCascade(); }
  /// Whether a core keeps its weights from image to image.
  bool keepsWeights() const { return layer.weightsBytes && chunksPerCore() == 1; }
  std::vector<Lane> lanes() const;
  /// Channels that a core reads of an operand.
  int64_t partChannels() const;
  /// Words that a core sends of each tile: what is valid of its channels.
  int64_t messageWords(size_t core) const;
};

/// Pair `index` of (column, row) pairs.
TileCoord pairAt(mlir::DenseI64ArrayAttr pairs, size_t index);

/// Who reads a tensor.
struct TensorReader {
  size_t stage;
  unsigned operand;
};

struct PipelineTensor {
  mlir::Value value;
  adf::Extent extent;          ///< channels padded to whole words
  std::optional<size_t> maker; ///< a stage; none: it comes from DDR
  std::vector<Lane> lanes;
  std::vector<TensorReader> readers;
  bool given; ///< it goes to DDR: an output of the program, or read by a later segment
};

/// An input of the network of which each group of rows of a stage gets its windows in a stream of
/// its own.
struct GatheredInput {
  mlir::Value value;
  TensorReader reader;
};

struct PipelinePlan {
  adf::GraphOp graph;
  int64_t batch;
  mlir::IntegerAttr segment; ///< where there are several
  std::vector<StagePlan> stages;
  std::vector<PipelineTensor> tensors;
  std::vector<GatheredInput> gathered;

  /// Whether all stays on the array from inference to inference: no other segment takes its place.
  bool stays() const { return !segment; }
};

/// The segments of a graph: one more than the last that a layer names.
int64_t countSegments(adf::GraphOp graph);

/// Results that a later segment reads, in order.
llvm::SmallVector<adf::KernelOpInterface> resultsBetween(adf::GraphOp graph);

/// Works the plan of a segment out; an error on an operation says what a pipelined program cannot
/// do, or what in the schedule does not fit.
mlir::FailureOr<PipelinePlan> planPipeline(adf::GraphOp graph, const adfc_device &device,
                                           int64_t segment = 0);

} // namespace adfc

#endif // ADFC_TRANSFORMS_PIPELINE_PIPELINEPLAN_H
