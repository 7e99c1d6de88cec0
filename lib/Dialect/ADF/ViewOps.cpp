//===- ViewOps.cpp - slices, assembled tensors, copies, resizing ----------===//
#include "KernelConfig.h"

using namespace mlir;
using namespace adfc::adf;

//===- slice, assemble
//----------------------------------------------------------------------------===//

/// Whether `count` positions from `first`, `step` apart, lie within `size`.
static bool covers(int64_t first, int64_t count, int64_t step, int64_t size) {
  return first >= 0 && step >= 1 && first + (count - 1) * step < size;
}

/// Whether `channels` from `first` are whole words of a pixel of `size` channels.
static bool coversWords(int64_t first, int64_t channels, int64_t size) {
  return first >= 0 && first % 4 == 0 && first + channels <= size;
}

LogicalResult SliceOp::verify() {
  if (failed(verifyActivation(*this, getInput().getType())) ||
      failed(verifyActivation(*this, getOutput().getType())) ||
      failed(verifyNumbers(*this, "offset", getOffset(), 3, 0)) ||
      failed(verifyNumbers(*this, "step", getStep(), 2, 1)))
    return failure();
  Extent in = getExtent(getInput().getType()), out = getExtent(getOutput().getType());
  if (getTransposed())
    std::swap(out.rows, out.cols);
  if (!covers(getOffset()[0], out.rows, getStep()[0], in.rows) ||
      !covers(getOffset()[1], out.cols, getStep()[1], in.cols) ||
      !coversWords(getOffset()[2], out.channels, in.channels))
    return emitOpError("reads past the end of ")
           << getInput().getType() << ", or from a channel that is no multiple of 4";
  return success();
}

LogicalResult AssembleOp::verify() {
  if (failed(verifyActivation(*this, getOutput().getType())) ||
      failed(verifyNumbers(*this, "places", getPlaces(), 5 * getParts().size(), 0)))
    return failure();
  Extent out = getExtent(getOutput().getType());
  for (auto [i, part] : llvm::enumerate(getParts())) {
    if (failed(verifyActivation(*this, part.getType())))
      return failure();
    Extent in = getExtent(part.getType());
    ArrayRef<int64_t> at = getPlaces().slice(5 * i, 5);
    if (!covers(at[0], in.rows, at[3], out.rows) || !covers(at[1], in.cols, at[4], out.cols) ||
        !coversWords(at[2], in.channels, paddedChannels(out.channels)))
      return emitOpError() << "writes part " << i << ", " << part.getType()
                           << ", past the end of the result, or to a channel that is no multiple "
                              "of 4";
  }
  return success();
}

//===- copy
//---------------------------------------------------------------------------------------===//

StringRef CopyOp::getKind() { return "copy"; }
AxisMap CopyOp::getRowMap() { return identityMap(getOutputExtent().rows); }
AxisMap CopyOp::getColumnMap() { return identityMap(getOutputExtent().cols); }
DictionaryAttr CopyOp::getKernelConfig(KernelTile tile) {
  return ConfigBuilder(getContext())
      .number("count", tile.rows * tile.cols * tile.outChannels)
      .get();
}
LogicalResult CopyOp::verify() {
  if (failed(verifyActivation(*this, getOutput().getType())))
    return failure();
  if (getInput().getType() != getOutput().getType())
    return emitOpError("input and result must have one shape");
  return success();
}

//===- maximum, minimum
//---------------------------------------------------------------------------===//

template <typename Op> static DictionaryAttr extremumConfig(Op op, KernelTile tile) {
  return binaryConfig(op, tile).numbers("clamp", op.getClamp()).get();
}

#define ADFC_EXTREMUM(Op, kind)                                                                    \
  StringRef Op::getKind() { return kind; }                                                         \
  unsigned Op::getNumActivations() { return broadcastsPixel(*this) ? 1 : 2; }                      \
  std::optional<unsigned> Op::getStreamedOperand() {                                               \
    return broadcastsPixel(*this) ? std::optional<unsigned>(1) : std::nullopt;                     \
  }                                                                                                \
  int64_t Op::getWeightsBlockBytes(KernelTile tile) {                                              \
    return broadcastsPixel(*this) ? tile.outChannels : 0;                                          \
  }                                                                                                \
  AxisMap Op::getRowMap() { return identityMap(getOutputExtent().rows); }                          \
  AxisMap Op::getColumnMap() { return identityMap(getOutputExtent().cols); }                       \
  DictionaryAttr Op::getKernelConfig(KernelTile tile) { return extremumConfig(*this, tile); }      \
  LogicalResult Op::verify() { return verifyBinary(*this); }

ADFC_EXTREMUM(MaximumOp, "maximum")
ADFC_EXTREMUM(MinimumOp, "minimum")

#undef ADFC_EXTREMUM

//===- resize
//-------------------------------------------------------------------------------------===//

/// Each output position reads two neighbours: of the nearest one, the other may be it.
static AxisMap resizeMap(int64_t size, int64_t n, int64_t d, int64_t offset) {
  return {size, d, /*span=*/2, /*padBefore=*/-offset, n};
}

StringRef ResizeOp::getKind() { return "resize"; }
bool ResizeOp::hasPadImmediates() { return true; }
AxisMap ResizeOp::getRowMap() {
  return resizeMap(getInputExtent().rows, getScale()[0], getScale()[1], getOffset()[0]);
}
AxisMap ResizeOp::getColumnMap() {
  return resizeMap(getInputExtent().cols, getScale()[2], getScale()[3], getOffset()[1]);
}
DictionaryAttr ResizeOp::getKernelConfig(KernelTile tile) {
  return ConfigBuilder(getContext())
      .numbers("in", {getRowMap().windowSize(tile.rows), getColumnMap().windowSize(tile.cols),
                      tile.outChannels})
      .numbers("out", {tile.rows, tile.cols, tile.outChannels})
      .flag("bilinear", getBilinear())
      .numbers("scale", getScale())
      .numbers("offset", getOffset())
      .rescale("rescale", getRescale())
      .numbers("clamp", getClamp())
      .get();
}
LogicalResult ResizeOp::verify() {
  if (failed(verifyActivation(*this, getInput().getType())) ||
      failed(verifyActivation(*this, getOutput().getType())) ||
      failed(verifyNumbers(*this, "scale", getScale(), 4, 0)) ||
      failed(verifyNumbers(*this, "offset", getOffset(), 2, INT16_MIN)) ||
      failed(verifyClamp(*this, getClamp())))
    return failure();
  if (getScale()[0] == 0 || getScale()[2] == 0)
    return emitOpError("'scale' must be [n, d, n, d] with n above 0");
  if (getInputExtent().channels != getOutputExtent().channels)
    return emitOpError("input and output must have the same number of channels");
  return success();
}
