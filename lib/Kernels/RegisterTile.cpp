//===- RegisterTile.cpp - Contractions in vector registers ----------------===//
#include "Kernels/RegisterTile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace adfc::kernels {

std::optional<TileShape> RegisterTile::chooseTile(const ContractionShape &whole) const {
  std::optional<TileShape> best;
  double bestCost = 0;
  auto stripCost = [&](int64_t pixels, int64_t groups) {
    int64_t most = maxAccumulators() / groups;
    return double(llvm::divideCeil(pixels, most)) * stepCost(std::min(pixels, most), groups);
  };
  for (int64_t groups : channelGroups()) {
    int64_t channels = groups * lanes();
    if (channels > whole.channels)
      continue;
    int64_t most = maxAccumulators() / groups;
    for (int64_t cols = std::min(whole.cols, most); cols > 0; --cols)
      for (int64_t rows = std::min(whole.rows, most / cols); rows > 0; --rows) {
        int64_t fullRows = whole.rows / rows, fullCols = whole.cols / cols;
        double cost = double(fullRows * fullCols) * stepCost(rows * cols, groups) +
                      stripCost(whole.rows * (whole.cols % cols), groups) +
                      stripCost((whole.rows % rows) * fullCols * cols, groups);
        cost *= double(whole.channels) / double(channels);
        if (!best || cost < bestCost) {
          best = {rows, cols, channels};
          bestCost = cost;
        }
      }
  }
  return best;
}

void RegisterTile::lower(KernelBuilder &b, const Contraction &contraction) const {
  const ContractionShape &shape = contraction.shape;
  int64_t groups = shape.channels / lanes(), pixels = shape.rows * shape.cols;
  assert(groups * lanes() == shape.channels && "a tile holds whole groups of channels");
  // [ry][rx][k][n][j] -> [ry][rx][k][4n + j]
  Value weights = memref::CollapseShapeOp::create(
      b, contraction.weights, SmallVector<ReassociationIndices>{{0}, {1}, {2}, {3, 4}});
  auto place = [&](int64_t pixel) {
    return std::make_pair(b.index(pixel / shape.cols), b.index(pixel % shape.cols));
  };

  auto step = [&](Value ry, Value rx, Value k, ValueRange sums) {
    KernelBuilder::Values prepared, next;
    int64_t bytes = contraction.packed ? 2 * lanes() : 4 * lanes();
    for (int64_t group = 0; group < groups; ++group) {
      Value stored = b.load(bytes, weights, {ry, rx, k, b.index(bytes * group)});
      prepared.push_back(prepareWeights(b, contraction.packed ? emitUnpack(b, stored) : stored));
    }
    Value byte = b.mul(k, 4);
    for (int64_t pixel = 0; pixel < pixels; ++pixel) {
      auto [y, x] = place(pixel);
      Value word = vector::BitCastOp::create(b, b.vectorType(1, b.getI32Type()),
                                             b.load(4, contraction.act, {y, x, ry, rx, byte}));
      Value scalar = vector::ExtractOp::create(b, word, int64_t(0));
      Value everywhere =
          vector::BroadcastOp::create(b, b.vectorType(lanes(), b.getI32Type()), scalar);
      Value act = prepareActivations(
          b, vector::BitCastOp::create(b, b.vectorType(4 * lanes(), b.getI8Type()), everywhere));
      for (int64_t group = 0; group < groups; ++group)
        next.push_back(dot(b, sums[pixel * groups + group], act, prepared[group]));
    }
    return next;
  };
  KernelBuilder::Values sums(pixels * groups, zero(b));
  sums = b.reduce(shape.runsY, sums, [&](Value ry, ValueRange sums) {
    return b.reduce(shape.runsX, sums, [&](Value rx, ValueRange sums) {
      return b.reduce(shape.words, sums,
                      [&](Value k, ValueRange sums) { return step(ry, rx, k, sums); });
    });
  });

  for (int64_t pixel = 0; pixel < pixels; ++pixel)
    for (int64_t group = 0; group < groups; ++group) {
      auto [y, x] = place(pixel);
      SmallVector<Value> indices = {y, x, b.index(lanes() * group)};
      Value sum = finish(b, sums[pixel * groups + group]);
      b.store(arith::AddIOp::create(b, sum, b.load(lanes(), contraction.acc, indices)),
              contraction.acc, indices);
    }
}

} // namespace adfc::kernels
