//===- Conv2D.cpp - conv2d: convolution, bias, rescale and clamp ----------===//
//
// The output is cut into tiles whose accumulators fit the registers of the instruction set. For
// each tile: set the accumulators, contract (a linalg.generic, see Contraction.h), and rescale to
// int8 or keep the sums for the next chunk of input channels.
//
//===----------------------------------------------------------------------===//
#include "Kernels/KernelFamily.h"
#include "Kernels/MicroKernel.h"
#include "Kernels/Rescale.h"
#include "Kernels/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// Bytes of one channel's bias, multiplier and shift at the start of a block of weights.
constexpr int64_t parameterBytes = 12;

/// Shapes of one convolution. Activations [ih][iw][ic] hold their zero padding already. A block of
/// weights is bias i32[oc], multiplier i32[oc], shift i32[oc], then weights i8
/// [kh][kw*ic/4][oc][4], where `packed` i4: the first of two in the lower bits of their byte.
///
/// With `phases` output columns take turns: with p counted from `firstPhase` on, column x = p + n *
/// phases reads from input column n * strideX + phases[p] on, by weights of its phase, which follow
/// those of the phase before in the block. Columns may then be words of pixels that lie without
/// padding.
struct Conv2DShape {
  int64_t ih, iw, ic, kh, kw, strideY, strideX, dilationY, dilationX, oh, ow, oc;
  bool packed = false;
  SmallVector<int64_t, 4> phases{0};
  int64_t firstPhase = 0;

  static Conv2DShape read(ConfigReader &config);

  int64_t actBytes() const { return ih * iw * ic; }
  int64_t weightsBytes() const { return parameterBytes * oc + phaseCount() * phaseBytes(); }
  int64_t phaseCount() const { return static_cast<int64_t>(phases.size()); }
  /// Bytes of the weights of one phase.
  int64_t phaseBytes() const { return kh * kw * ic / 4 * oc * wordBytes(); }
  /// Bytes of four weights.
  int64_t wordBytes() const { return packed ? 2 : 4; }
  int64_t outBytes() const { return oh * ow * oc; }

  /// The same computation with every output pixel in one row, or in rows of equal length that suit
  /// tiles, where a pixel depends on one input pixel only.
  Conv2DShape flattened() const;

  /// What is summed over, and all of a row's columns.
  ContractionShape contraction() const;

  /// Output columns that are computed alike, and where they begin.
  struct Phase {
    int64_t cols, step; ///< how many, and how far apart in the output
    int64_t first;      ///< of the output
    int64_t actAt;      ///< bytes of a row before what the first one reads
    int64_t weightsAt;  ///< bytes of the block before its weights
  };
  Phase phase(int64_t number) const;
  /// Columns that each phase has, if any.
  int64_t commonCols() const;
};

class Conv2D : public Kernel {
public:
  explicit Conv2D(ConfigReader &config)
      : shape(Conv2DShape::read(config)), clamp(Clamp::read(config, "clamp")),
        accumulate(config.flag("accumulate")) {}

  KernelInterface interface() const override {
    KernelInterface result{{{"act", shape.actBytes()},
                            {"weights", shape.weightsBytes()},
                            {"out", shape.outBytes(), true}},
                           {}};
    if (accumulate) {
      result.buffers.push_back({"acc", 4 * shape.outBytes(), true});
      result.immediates = {"first", "last"};
    }
    return result;
  }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange immediates,
            const Target &target) const override;

private:
  Conv2DShape shape;
  Clamp clamp;
  bool accumulate;
};
} // namespace

Conv2DShape Conv2DShape::read(ConfigReader &config) {
  auto in = config.integers("in", 3, 1, 1 << 16);
  auto kernel = config.integers("kernel", 2, 1, 1 << 10);
  auto stride = config.integers("stride", 2, 1, 1 << 10);
  auto dilation = config.integers("dilation", 2, 1, 1 << 10);
  auto out = config.integers("out", 3, 1, 1 << 16);
  Conv2DShape shape{in[0],
                    in[1],
                    in[2],
                    kernel[0],
                    kernel[1],
                    stride[0],
                    stride[1],
                    dilation[0],
                    dilation[1],
                    out[0],
                    out[1],
                    out[2],
                    config.flag("packed")};
  config.require(shape.ic % 4 == 0,
                 "the channels of 'in' must be a multiple of 4; pad them with zeros");
  config.require(shape.oc % 8 == 0, "the channels of 'out' must be a multiple of 8; pad them");
  config.require(shape.ih >= (shape.oh - 1) * shape.strideY + (shape.kh - 1) * shape.dilationY + 1,
                 "'in' must have (out - 1) * stride + (kernel - 1) * dilation + 1 rows");
  if (config.has("phases")) {
    shape.phases = config.list("phases", 0, 1 << 10);
    shape.firstPhase = config.integer("first_phase", 0, 3);
    config.require(!shape.phases.empty() && shape.phases.size() <= 4 &&
                       shape.firstPhase < shape.phaseCount() && llvm::is_sorted(shape.phases),
                   "'phases' must be 1 to 4 columns in order, of which 'first_phase' counts one");
    config.require(!config.flag("accumulate") && !shape.packed,
                   "'phases' go with neither 'accumulate' nor 'packed'");
  }
  int64_t lastGroup = (shape.ow - 1 + shape.firstPhase) / std::max<int64_t>(shape.phaseCount(), 1);
  config.require(shape.phases.empty() || shape.iw >= lastGroup * shape.strideX +
                                                         shape.phases.back() +
                                                         (shape.kw - 1) * shape.dilationX + 1,
                 "'in' must have (out - 1) * stride + (kernel - 1) * dilation + 1 columns");
  auto fits = [](int64_t a, int64_t b, int64_t c) { return a * b <= (1 << 20) / c; };
  config.require(fits(shape.ih, shape.iw, shape.ic) && fits(shape.oh, shape.ow, shape.oc) &&
                     fits(shape.kh * shape.kw, shape.ic, shape.oc),
                 "the window is larger than any tile's memory");
  return shape;
}

Conv2DShape Conv2DShape::flattened() const {
  if (kh != 1 || kw != 1 || strideY != 1 || strideX != 1 || iw != ow || phaseCount() > 1)
    return *this;
  Conv2DShape flat = *this;
  int64_t pixels = oh * ow;
  flat.ow = pixels;
  for (int64_t cols = std::min<int64_t>(pixels, 16); cols >= 8; --cols)
    if (pixels % cols == 0) {
      flat.ow = cols;
      break;
    }
  flat.oh = pixels / flat.ow;
  flat.ih = flat.oh;
  flat.iw = flat.ow;
  return flat;
}

ContractionShape Conv2DShape::contraction() const {
  bool wholeRows = dilationX == 1 || kw == 1;
  return {oh, ow, oc, kh, wholeRows ? 1 : kw, (wholeRows ? kw : 1) * ic / 4};
}

Conv2DShape::Phase Conv2DShape::phase(int64_t number) const {
  int64_t count = phaseCount(), column = (number - firstPhase + count) % count;
  int64_t group = (column + firstPhase) / count;
  return {static_cast<int64_t>(llvm::divideCeil(std::max<int64_t>(ow - column, 0), count)), count,
          column, (group * strideX + phases[number]) * ic,
          parameterBytes * oc + number * phaseBytes()};
}

int64_t Conv2DShape::commonCols() const { return std::max<int64_t>(ow / phaseCount(), 1); }

namespace {
/// Builds the body of one kernel.
class Conv2DEmitter {
public:
  Conv2DEmitter(KernelBuilder &b, const Conv2DShape &shape, const Clamp &clamp,
                const Target &target, ValueRange buffers, ValueRange immediates);

  void emit();

private:
  /// Part of the output: its first pixel, and pixels of a block of channels.
  struct Region {
    Value y, x;
    int64_t rows, cols;
  };
  /// Consecutive output channels, and where they start in `correction`.
  struct ChannelBlock {
    Value first, inCorrection;
    int64_t channels;

    ChannelBlock part(KernelBuilder &b, Value from, int64_t count) const {
      return {b.add(first, from), b.add(inCorrection, from), count};
    }
  };

  void clearAcc();
  void computePhase();
  void channelBlock(const ChannelBlock &block);
  bool needsCorrection(const ContractionShape &region, MicroKernels candidates) const;
  void computeCorrection(const ChannelBlock &block);
  void cover(const Region &region, const ChannelBlock &block, MicroKernels candidates);
  void tile(const Region &region, const ChannelBlock &block, const MicroKernel &microKernel);
  Value loadWeights(int64_t lanes, Value place);
  void setAcc(Value acc, const Region &region, const ChannelBlock &block, bool corrected);
  void epilogue(Value acc, const Region &region, const ChannelBlock &block);

  Value outOffset(const Region &region, const ChannelBlock &block);
  Value actView(const Region &region);
  Value weightsView(const ChannelBlock &block);
  Value accView(const Region &region, const ChannelBlock &block);
  /// For columns that are left: tiles of one function have registers of fixed shapes (AMX), so that
  /// another width is another micro-kernel's.
  static MicroKernels othersFor(const MicroKernel &microKernel, MicroKernels candidates) {
    return microKernel.hasFixedColumns() ? candidates.drop_front() : candidates;
  }
  ContractionShape contractionOf(const Region &region, const ChannelBlock &block) const;

  static int64_t vectorLanes(const ChannelBlock &block) {
    return block.channels % 16 == 0 ? 16 : 8;
  }
  bool accumulates() const { return bool(accBuffer); }

  KernelBuilder &b;
  Conv2DShape shape;
  Conv2DShape::Phase phase; ///< that is being computed
  Clamp clamp;
  SmallVector<const MicroKernel *> usable; ///< micro-kernels for these weights
  MicroKernels microKernels;
  Value act, weights, out, bias, multiplier, shift;
  Value accBuffer;   ///< sums kept from call to call, i32 [oh*ow][oc]; null where there are none
  Value stackAcc;    ///< sums of one tile, where they are not kept
  Value correction;  ///< -128 x the sum of the weights of each channel of the block, on the stack
  Value first, last; ///< i1
};
} // namespace

Conv2DEmitter::Conv2DEmitter(KernelBuilder &b, const Conv2DShape &shape, const Clamp &clamp,
                             const Target &target, ValueRange buffers, ValueRange immediates)
    : b(b), shape(shape), phase(shape.phase(0)), clamp(clamp), act(buffers[0]), weights(buffers[1]),
      out(buffers[2]) {
  for (const MicroKernel *microKernel : target.microKernels)
    if (!shape.packed || microKernel->takesPacked())
      usable.push_back(microKernel);
  microKernels = usable;
  Type i32 = b.getI32Type();
  bias = b.typed(weights, 0, i32, shape.oc);
  multiplier = b.typed(weights, 4 * shape.oc, i32, shape.oc);
  shift = b.typed(weights, 8 * shape.oc, i32, shape.oc);
  if (immediates.empty())
    return;
  accBuffer = b.typed(buffers[3], 0, i32, shape.outBytes());
  Value zero = arith::ConstantIntOp::create(b, i32, 0);
  first = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, immediates[0], zero);
  last = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, immediates[1], zero);
}

void Conv2DEmitter::emit() {
  if (accumulates())
    clearAcc();
  else
    stackAcc = b.stackBuffer(b.getI32Type(), maxTileAccumulators);
  for (int64_t number = 0; number < shape.phaseCount(); ++number) {
    phase = shape.phase(number);
    if (phase.cols)
      computePhase();
  }
}

void Conv2DEmitter::computePhase() {
  ContractionShape all = shape.contraction();
  all.cols = shape.commonCols();
  auto [microKernel, tileShape] = chooseMicroKernel(microKernels, all);
  int64_t blocked = shape.oc / tileShape.channels * tileShape.channels;
  b.forEachTile(blocked, tileShape.channels, [&, channels = tileShape.channels](Value oc) {
    channelBlock({oc, b.index(0), channels});
  });
  if (blocked < shape.oc)
    channelBlock({b.index(blocked), b.index(0), shape.oc - blocked});
}

/// On the first chunk of input channels the kept sums are whatever an earlier kernel left there.
void Conv2DEmitter::clearAcc() {
  auto branch = scf::IfOp::create(b, first, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  b.forEachVector(shape.outBytes(), 16, [&](Value i, int64_t lanes) {
    b.store(b.splat(b.vectorType(lanes, b.getI32Type()), 0), accBuffer, i);
  });
}

void Conv2DEmitter::channelBlock(const ChannelBlock &block) {
  // All phases have as many columns for micro-kernels that ask for it; one that is left is others'.
  int64_t cols = shape.commonCols();
  Region all{b.index(0), b.index(0), shape.oh, cols};
  Region rest{b.index(0), b.index(cols), shape.oh, phase.cols - cols};
  SmallVector<const MicroKernel *> any = llvm::filter_to_vector(
      usable, [](const MicroKernel *one) { return !one->hasFixedColumns(); });
  correction = Value();
  if (needsCorrection(contractionOf(all, block), microKernels) ||
      (rest.cols && needsCorrection(contractionOf(rest, block), any)))
    computeCorrection(block);
  cover(all, block, microKernels);
  if (rest.cols)
    cover(rest, block, any);
}

/// Follows `cover`: does any part go to a micro-kernel that offsets activations?
bool Conv2DEmitter::needsCorrection(const ContractionShape &region, MicroKernels candidates) const {
  auto [microKernel, tileShape] = chooseMicroKernel(candidates, region);
  if (microKernel->activationOffset() != 0)
    return true;
  auto needs = [&](int64_t rows, int64_t cols, int64_t channels, MicroKernels rest) {
    ContractionShape part = region;
    part.rows = rows;
    part.cols = cols;
    part.channels = channels;
    return rows && cols && channels && needsCorrection(part, rest);
  };
  int64_t restOfChannels = region.channels % tileShape.channels;
  int64_t restOfCols = region.cols % tileShape.cols, restOfRows = region.rows % tileShape.rows;
  int64_t channels = region.channels - restOfChannels;
  return needs(region.rows, region.cols, restOfChannels, candidates) ||
         needs(region.rows, restOfCols, channels, othersFor(*microKernel, candidates)) ||
         needs(restOfRows, region.cols - restOfCols, channels, candidates);
}

void Conv2DEmitter::computeCorrection(const ChannelBlock &block) {
  Type i32 = b.getI32Type();
  correction = b.stackBuffer(i32, block.channels);
  int64_t lanes = vectorLanes(block);
  const MicroKernel &microKernel = lanes == 16 ? vnniMicroKernel() : halfVnniMicroKernel();
  int64_t steps = shape.contraction().steps(), groups = block.channels / lanes;
  int64_t unrolled = steps % 4 == 0 ? 4 : 1; // independent sums, for the instruction's latency
  Value offset = b.add(b.mul(block.first, shape.wordBytes()), phase.weightsAt);
  KernelBuilder::Values sums(groups * unrolled, b.splat(b.vectorType(lanes, i32), 0));
  sums = b.reduce(steps / unrolled, sums, [&](Value iteration, ValueRange carried) {
    KernelBuilder::Values next;
    for (int64_t u = 0; u < unrolled; ++u) {
      Value row =
          b.add(b.mul(b.add(b.mul(iteration, unrolled), u), shape.wordBytes() * shape.oc), offset);
      for (int64_t group = 0; group < groups; ++group)
        next.push_back(microKernel.sumWeights(
            b, carried[u * groups + group],
            loadWeights(lanes, b.add(row, shape.wordBytes() * lanes * group))));
    }
    return next;
  });
  Value factor = b.splat(b.vectorType(lanes, i32), -microKernel.activationOffset());
  for (int64_t group = 0; group < groups; ++group) {
    Value total = sums[group];
    for (int64_t u = 1; u < unrolled; ++u)
      total = arith::AddIOp::create(b, total, sums[u * groups + group]);
    b.store(arith::MulIOp::create(b, total, factor), correction, b.index(lanes * group));
  }
}

/// The weights of a step and of `lanes` channels, from `place` in the block.
Value Conv2DEmitter::loadWeights(int64_t lanes, Value place) {
  Value bytes = b.load(shape.wordBytes() * lanes, weights, place);
  return shape.packed ? emitUnpack(b, bytes) : bytes;
}

/// Cuts a region into tiles: whole ones by loops, then what is left of the channels, on the right
/// and below.
void Conv2DEmitter::cover(const Region &region, const ChannelBlock &block,
                          MicroKernels candidates) {
  auto [chosen, tileShape] = chooseMicroKernel(candidates, contractionOf(region, block));
  const MicroKernel &microKernel = *chosen;
  int64_t rows = tileShape.rows, cols = tileShape.cols, channels = tileShape.channels;
  int64_t fullChannels = block.channels / channels * channels;
  if (fullChannels < block.channels)
    cover(region, block.part(b, b.index(fullChannels), block.channels - fullChannels), candidates);
  int64_t fullRows = region.rows / rows * rows, fullCols = region.cols / cols * cols;
  b.forEachTile(fullChannels, channels, [&](Value n) {
    ChannelBlock part = block.part(b, n, channels);
    b.forEachTile(fullRows, rows, [&](Value y) {
      b.forEachTile(fullCols, cols, [&](Value x) {
        tile({b.add(region.y, y), b.add(region.x, x), rows, cols}, part, microKernel);
      });
    });
  });
  ChannelBlock covered = block.part(b, b.index(0), fullChannels);
  if (fullCols < region.cols)
    cover({region.y, b.add(region.x, fullCols), region.rows, region.cols - fullCols}, covered,
          othersFor(microKernel, candidates));
  if (fullRows < region.rows)
    cover({b.add(region.y, fullRows), region.x, region.rows - fullRows, fullCols}, covered,
          candidates);
}

void Conv2DEmitter::tile(const Region &region, const ChannelBlock &block,
                         const MicroKernel &microKernel) {
  Value acc = accView(region, block);
  setAcc(acc, region, block, microKernel.activationOffset() != 0);
  // No indexing map says how packed weights lie, so these become no linalg.generic.
  if (shape.packed)
    microKernel.lower(b, {{},
                          actView(region),
                          weightsView(block),
                          acc,
                          contractionOf(region, block),
                          /*packed=*/true});
  else
    buildContraction(b, actView(region), weightsView(block), acc, microKernel);
  if (!accumulates())
    return epilogue(acc, region, block);
  auto branch = scf::IfOp::create(b, last, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  epilogue(acc, region, block);
}

/// Sums start from zero or from the kept ones, and from the correction where activations are
/// offset.
void Conv2DEmitter::setAcc(Value acc, const Region &region, const ChannelBlock &block,
                           bool corrected) {
  if (accumulates() && !corrected)
    return;
  int64_t lanes = vectorLanes(block);
  b.forEach(region.rows, 1, [&](Value y) {
    b.forEach(region.cols, 1, [&](Value x) {
      for (int64_t n = 0; n < block.channels; n += lanes) {
        SmallVector<Value> place = {y, x, b.index(n)};
        Value start = corrected ? b.load(lanes, correction, b.add(block.inCorrection, n))
                                : b.splat(b.vectorType(lanes, b.getI32Type()), 0);
        if (accumulates())
          start = arith::AddIOp::create(b, start, b.load(lanes, acc, place));
        b.store(start, acc, place);
      }
    });
  });
}

void Conv2DEmitter::epilogue(Value acc, const Region &region, const ChannelBlock &block) {
  int64_t lanes = vectorLanes(block);
  Value target = b.view(out, outOffset(region, block), {region.rows, region.cols, block.channels},
                        {shape.ow * shape.oc, phase.step * shape.oc, 1});
  b.forEach(region.rows, 1, [&](Value y) {
    b.forEach(region.cols, 1, [&](Value x) {
      for (int64_t n = 0; n < block.channels; n += lanes) {
        Value channel = b.add(block.first, n);
        SmallVector<Value> place = {y, x, b.index(n)};
        Value sum =
            arith::AddIOp::create(b, b.load(lanes, acc, place), b.load(lanes, bias, channel));
        Value scaled =
            emitRescale(b, sum, b.load(lanes, multiplier, channel), b.load(lanes, shift, channel));
        b.store(clamp.emit(b, scaled), target, place);
      }
    });
  });
}

/// Element of the output, and of the kept sums, where a region and block start.
Value Conv2DEmitter::outOffset(const Region &region, const ChannelBlock &block) {
  Value pixel = b.add(b.mul(region.y, shape.ow), b.add(b.mul(region.x, phase.step), phase.first));
  return b.add(b.mul(pixel, shape.oc), block.first);
}

Value Conv2DEmitter::actView(const Region &region) {
  ContractionShape sum = shape.contraction();
  int64_t row = shape.iw * shape.ic;
  Value offset =
      b.add(b.mul(region.y, shape.strideY * row), b.mul(region.x, shape.strideX * shape.ic));
  return b.view(act, b.add(offset, phase.actAt),
                {region.rows, region.cols, sum.runsY, sum.runsX, 4 * sum.words},
                {shape.strideY * row, shape.strideX * shape.ic, shape.dilationY * row,
                 shape.dilationX * shape.ic, 1});
}

Value Conv2DEmitter::weightsView(const ChannelBlock &block) {
  ContractionShape sum = shape.contraction();
  int64_t bytes = shape.wordBytes(), word = bytes * shape.oc, run = sum.words * word;
  Value offset = b.add(b.mul(block.first, bytes), phase.weightsAt);
  return b.view(weights, offset, {sum.runsY, sum.runsX, sum.words, block.channels, bytes},
                {sum.runsX * run, run, word, bytes, 1});
}

Value Conv2DEmitter::accView(const Region &region, const ChannelBlock &block) {
  SmallVector<int64_t> sizes = {region.rows, region.cols, block.channels};
  if (accumulates())
    return b.view(accBuffer, outOffset(region, block), sizes,
                  {shape.ow * shape.oc, phase.step * shape.oc, 1});
  return b.view(stackAcc, b.index(0), sizes, {region.cols * block.channels, block.channels, 1});
}

ContractionShape Conv2DEmitter::contractionOf(const Region &region,
                                              const ChannelBlock &block) const {
  ContractionShape result = shape.contraction();
  result.rows = region.rows;
  result.cols = region.cols;
  result.channels = block.channels;
  return result;
}

void Conv2D::emit(KernelBuilder &b, ValueRange buffers, ValueRange immediates,
                  const Target &target) const {
  Conv2DEmitter(b, shape.flattened(), clamp, target, buffers, immediates).emit();
}

std::unique_ptr<Kernel> makeConv2D(ConfigReader &config) {
  return std::make_unique<Conv2D>(config);
}

} // namespace adfc::kernels
