//===- GraphJson.cpp - the fused graph as the planner sees it -------------===//
#include "Transforms/ApplySchedule/GraphJson.h"
#include "ADF/ADFOps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace adfc;

namespace json = llvm::json;

static json::Array shape(adf::Extent extent) {
  return json::Array{extent.rows, extent.cols, extent.channels};
}

static json::Object axis(const adf::AxisMap &map) {
  json::Object object{{"stride", map.stride}, {"span", map.span}, {"pad", map.padBefore}};
  if (map.upsample != 1)
    object["upsample"] = map.upsample;
  return object;
}

/// The layer that makes `value`, through reshapes and slices; layers joined by "+" for an assembled
/// tensor, "" for a constant, "%N" for a graph argument.
static std::string producer(Value value) {
  while (isa_and_nonnull<adf::ReshapeOp, adf::SliceOp>(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  if (auto kernel = value.getDefiningOp<adf::KernelOpInterface>())
    return kernel.getLayer().str();
  if (auto assemble = value.getDefiningOp<adf::AssembleOp>())
    return llvm::join(llvm::map_range(assemble.getParts(), producer), "+");
  if (value.getDefiningOp<adf::ConstantOp>())
    return "";
  return "%" + std::to_string(cast<BlockArgument>(value).getArgNumber());
}

/// "file:line", the first in the location.
static std::string sourceLine(Location location) {
  std::string line;
  LocationAttr(location).walk([&](Location loc) {
    auto file = dyn_cast<FileLineColLoc>(loc);
    if (!file)
      return WalkResult::advance();
    line = file.getFilename().str() + ":" + std::to_string(file.getLine());
    return WalkResult::interrupt();
  });
  return line;
}

/// Bytes of a weights block: some always, for each output channel, and weights for each pair of an
/// output and an input channel.
static json::Object weightsBlock(adf::KernelOpInterface op) {
  adf::ElementBytes each = op.getElementBytes();
  auto bytes = [&](int64_t outs, int64_t ins) {
    return op.getWeightsBlockBytes({1, 1, outs * each.output, ins * each.input});
  };
  // Eight pairs at a time: weights may have less than a byte.
  return json::Object{{"fixed", bytes(0, 0)},
                      {"per_output", bytes(1, 0) - bytes(0, 0)},
                      {"per_pair", (bytes(1, 8) - bytes(1, 0)) / op.getWeightBits()}};
}

/// Whether the graph gives `value`, or a reshape of it, as an output.
static bool isGiven(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    auto reshape = dyn_cast<adf::ReshapeOp>(user);
    return isa<adf::OutputOp>(user) || (reshape && isGiven(reshape.getOutput()));
  });
}

static bool isView(Operation *op) { return isa_and_nonnull<adf::SliceOp, adf::AssembleOp>(op); }

/// Whether `value` is a part of a tensor, or a tensor of parts, behind reshapes.
static bool readsView(Value value) {
  while (auto reshape = value.getDefiningOp<adf::ReshapeOp>())
    value = reshape.getInput();
  return isView(value.getDefiningOp());
}

/// Whether `value`, or a reshape of it, lies in another tensor or is read in parts.
static bool feedsView(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    auto reshape = dyn_cast<adf::ReshapeOp>(user);
    return isView(user) || (reshape && feedsView(reshape.getOutput()));
  });
}

/// Instructions by slot, as the operation says them.
static json::Object slotsOf(DictionaryAttr cost) {
  json::Object slots;
  for (NamedAttribute slot : cost)
    slots[slot.getName().str()] = cast<FloatAttr>(slot.getValue()).getValueAsDouble();
  return slots;
}

static json::Object layer(adf::KernelOpInterface op) {
  json::Array inputs, inputShapes;
  for (unsigned i = 0; i < op.getNumActivations(); ++i) {
    inputs.push_back(producer(op->getOperand(i)));
    inputShapes.push_back(shape(adf::getExtent(op->getOperand(i).getType())));
  }
  json::Object object{
      {"name", op.getLayer()},
      {"kind", op.getKind()},
      {"inputs", std::move(inputs)},
      {"input_shapes", std::move(inputShapes)},
      {"output_shape", shape(op.getOutputExtent())},
      {"rows", axis(op.getRowMap())},
      {"columns", axis(op.getColumnMap())},
      {"channelwise", op.isChannelwise()},
      {"all_channels", op.takesAllChannels()},
      {"column_weights", op.hasColumnWeights()},
      {"passes", op.getPasses()},
      {"macs", op.getMacs()},
      {"weight_bytes", op.getWeightBytes()},
      {"weights_block", weightsBlock(op)},
      {"given", isGiven(op->getResult(0))},
      {"views", llvm::any_of(op->getOperands(), readsView) || feedsView(op->getResult(0))},
      {"location", sourceLine(op.getLoc())}};
  if (adf::ElementBytes bytes = op.getElementBytes(); bytes.wide())
    object["element_bytes"] = json::Array{bytes.input, bytes.output};
  if (op.getWeightBits() != 8)
    object["weight_bits"] = op.getWeightBits();
  if (std::optional<unsigned> streamed = op.getStreamedOperand())
    object["streamed"] = producer(op->getOperand(*streamed));
  if (auto cost = op->getAttrOfType<DictionaryAttr>("cost"))
    object["cost"] = slotsOf(cost);
  // Of a call that sees all channels.
  if (int64_t scratch = op.getAccumulatorBytes(
          {1, 1, op.getOutputExtent().channels, adf::paddedChannels(op.getInputExtent().channels)}))
    object["scratch"] = scratch;
  DictionaryAttr config = op.getKernelConfig({1, 1, 1, 1});
  if (auto kernel = config.getAs<DenseI64ArrayAttr>("kernel"))
    object["kernel"] = json::Array(kernel.asArrayRef());
  for (StringRef name : {"stride", "dilation", "pad"})
    if (auto numbers = op->getAttrOfType<DenseI64ArrayAttr>(name))
      object[name] = json::Array(numbers.asArrayRef());
  return object;
}

std::string adfc::graphJson(ModuleOp module) {
  json::Array layers;
  for (auto graph : module.getOps<adf::GraphOp>())
    for (auto op : graph.getBody().getOps<adf::KernelOpInterface>())
      layers.push_back(layer(op));
  return llvm::formatv("{0:2}\n", json::Value(std::move(layers))).str();
}
