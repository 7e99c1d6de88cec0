//===- MicroKernelAMX.cpp - Contractions by AMX tiles ---------------------===//
//
// tdpbssd multiplies a tile of up to 16 rows of 64 bytes by one of 16 rows of 16 words and adds to
// 16 x 16 i32 (Intel SDM). Rows of the first are output pixels of one image row, loaded from the
// activations where they lie; rows of the second are words of the packed weights.
//
//===----------------------------------------------------------------------===//
#include "Kernels/MicroKernel.h"

#include "mlir/Dialect/AMX/AMXDialect.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
constexpr int64_t tileRows = 16, tileWords = 16, tileChannels = 16;
/// Steps that are unrolled between a load and a store of the accumulators: no tile may live across
/// a branch.
constexpr int64_t maxUnrolledSteps = 64;

class AmxMicroKernel : public MicroKernel {
public:
  StringRef name() const override { return "amx"; }
  bool hasFixedColumns() const override { return true; }
  std::optional<TileShape> chooseTile(const ContractionShape &whole) const override;
  void lower(KernelBuilder &b, const Contraction &contraction) const override;

private:
  static int64_t stepWords(const ContractionShape &shape);
};
} // namespace

/// Words of a run that one step takes: all tiles of a function share one set of eight registers,
/// each of a fixed shape, so every step has the same size.
int64_t AmxMicroKernel::stepWords(const ContractionShape &shape) {
  int64_t words = std::min(shape.words, tileWords);
  while (shape.words % words != 0)
    --words;
  return words;
}

std::optional<TileShape> AmxMicroKernel::chooseTile(const ContractionShape &whole) const {
  // Columns: the widest that leaves no rest, else full tiles and a rest.
  int64_t cols = std::min(whole.cols, tileRows);
  for (int64_t width = cols; 2 * width > cols; --width)
    if (whole.cols % width == 0) {
      cols = width;
      break;
    }
  // A step costs about as much whatever its size, so small ones do not pay.
  if (cols * stepWords(whole) < tileRows * tileWords / 8 || whole.channels < tileChannels)
    return std::nullopt;
  // Eight tiles: 2 x 2 accumulators, 2 of activations, 2 of weights.
  return TileShape{std::min<int64_t>(whole.rows, 2), cols,
                   whole.channels < 2 * tileChannels ? tileChannels : 2 * tileChannels};
}

namespace {
/// The accumulators of one contraction and the loads and products that fill them.
struct AmxTile {
  KernelBuilder &b;
  const Contraction &contraction;
  int64_t words;
  amx::TileType accType, actType, weightsType;

  AmxTile(KernelBuilder &b, const Contraction &contraction, int64_t words)
      : b(b), contraction(contraction), words(words),
        accType(amx::TileType::get({contraction.shape.cols, tileChannels}, b.getI32Type())),
        actType(amx::TileType::get({contraction.shape.cols, 4 * words}, b.getI8Type())),
        weightsType(amx::TileType::get({words, 4 * tileChannels}, b.getI8Type())) {}

  Value load(amx::TileType type, Value memory, ValueRange indices, int64_t stride) {
    return amx::TileLoadOp::create(b, type, memory, indices, b.index(stride));
  }

  /// Accumulators, by rows and then groups of channels.
  KernelBuilder::Values loadAcc() {
    KernelBuilder::Values tiles;
    forEachAcc([&](ArrayRef<Value> indices, int64_t) {
      tiles.push_back(
          load(accType, contraction.acc, indices, Contraction::stride(contraction.acc, 1)));
    });
    return tiles;
  }

  void storeAcc(ArrayRef<Value> tiles) {
    forEachAcc([&](ArrayRef<Value> indices, int64_t number) {
      amx::TileStoreOp::create(b, contraction.acc, indices, tiles[number],
                               b.index(Contraction::stride(contraction.acc, 1)));
    });
  }

  void step(Value ry, Value rx, int64_t word, MutableArrayRef<Value> tiles) {
    int64_t groups = contraction.shape.channels / tileChannels;
    KernelBuilder::Values weights;
    for (int64_t group = 0; group < groups; ++group)
      weights.push_back(load(weightsType, contraction.weights,
                             {ry, rx, b.index(word), b.index(tileChannels * group), b.index(0)},
                             Contraction::stride(contraction.weights, 2)));
    for (int64_t row = 0; row < contraction.shape.rows; ++row) {
      Value act =
          load(actType, contraction.act, {b.index(row), b.index(0), ry, rx, b.index(4 * word)},
               Contraction::stride(contraction.act, 1));
      for (int64_t group = 0; group < groups; ++group) {
        Value &acc = tiles[row * groups + group];
        acc = amx::TileMulIOp::create(b, accType, act, weights[group], acc);
      }
    }
  }

private:
  void forEachAcc(function_ref<void(ArrayRef<Value>, int64_t)> body) {
    int64_t number = 0;
    for (int64_t row = 0; row < contraction.shape.rows; ++row)
      for (int64_t channel = 0; channel < contraction.shape.channels; channel += tileChannels)
        body({b.index(row), b.index(0), b.index(channel)}, number++);
  }
};
} // namespace

void AmxMicroKernel::lower(KernelBuilder &b, const Contraction &contraction) const {
  const ContractionShape &shape = contraction.shape;
  int64_t words = stepWords(shape);
  AmxTile tile(b, contraction, words);
  int64_t stepsPerRun = shape.words / words;
  bool unrollRunsX = shape.runsX * stepsPerRun <= maxUnrolledSteps;
  bool unrollRunsY = unrollRunsX && shape.runsY * shape.runsX * stepsPerRun <= maxUnrolledSteps;
  auto runs = [&](Value fixedY, Value fixedX) {
    KernelBuilder::Values tiles = tile.loadAcc();
    for (int64_t ry = 0; ry < (unrollRunsY ? shape.runsY : 1); ++ry)
      for (int64_t rx = 0; rx < (unrollRunsX ? shape.runsX : 1); ++rx)
        for (int64_t word = 0; word < shape.words; word += words)
          tile.step(unrollRunsY ? b.index(ry) : fixedY, unrollRunsX ? b.index(rx) : fixedX, word,
                    tiles);
    tile.storeAcc(tiles);
  };
  b.forEach(unrollRunsY ? 1 : shape.runsY, 1, [&](Value ry) {
    b.forEach(unrollRunsX ? 1 : shape.runsX, 1, [&](Value rx) { runs(ry, rx); });
  });
}

const MicroKernel &amxMicroKernel() {
  static const AmxMicroKernel microKernel;
  return microKernel;
}

} // namespace adfc::kernels
