//===- Rowwise.cpp - rowwise: a program of integer operations for each pixel -===//
//
// Values of a pixel's channels are computed again from the inputs for each reduction and for the
// result, rather than kept: no memory is needed, and what is computed is short.
//
//===----------------------------------------------------------------------===//
#include "Kernels/KernelFamily.h"
#include "Kernels/RowProgram.h"
#include "Kernels/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
class Rowwise : public Kernel {
public:
  explicit Rowwise(ConfigReader &config) : program(RowProgram::read(config)) {
    auto out = config.integers("out", 3, 1, 1 << 20);
    pixels = out[0];
    valid = out[1];
    channels = out[2];
    config.require(valid <= channels && pixels <= (1 << 20) / channels,
                   "'out' must be [pixels, valid channels, channels] of a tile's memory");
  }

  KernelInterface interface() const override {
    KernelInterface result;
    for (int64_t i = 0; i < program.inputs; ++i)
      result.buffers.push_back({"in" + std::to_string(i), pixels * channels});
    if (int64_t words = program.offsetOf(program.constants.size()))
      result.buffers.push_back({"constants", 4 * words});
    result.buffers.push_back({"out", pixels * channels, true});
    return result;
  }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange, const Target &target) const override {
    Value constants;
    if (int64_t words = program.offsetOf(program.constants.size()))
      constants = b.typed(buffers[program.inputs], 0, b.getI32Type(), words);
    StepEmitter steps(b, program, buffers.take_front(program.inputs), constants);
    int64_t lanes = std::max<int64_t>(1, target.vectorBytes / 4);
    // Without reductions and constants of channels, all pixels are one.
    bool alike = !program.reduces() && !program.readsChannels();
    int64_t count = alike ? 1 : pixels, width = alike ? pixels * channels : channels;
    int64_t used = alike ? width : valid;
    b.forEach(count, 1, [&](Value pixel) {
      Value place = b.mul(pixel, width);
      steps.enterPixel(place);
      for (auto [index, step] : llvm::enumerate(program.steps)) {
        if (step.isReduction())
          steps.setNarrow(index, reduce(b, steps, step, lanes));
        else if (step.narrow)
          steps.computeNarrow(index);
      }
      finish(b, steps, buffers.back(), place, used, width, lanes);
    });
  }

private:
  /// A reduction over the valid channels, as a vector of one.
  Value reduce(KernelBuilder &b, StepEmitter &steps, const RowStep &step, int64_t lanes) const {
    int64_t operand = step.operands[0], whole = valid / lanes * lanes;
    Value total;
    auto join = [&](Value vector) {
      Value sum = vector::ReductionOp::create(b, kindOf(step), vector);
      total = total ? combine(b, step, total, sum) : sum;
    };
    if (whole > 0) {
      Value start = b.splat(b.vectorType(lanes, b.getI32Type()), neutral(step));
      join(b.reduce(whole / lanes, start,
                    [&](Value trip, ValueRange carried) -> KernelBuilder::Values {
                      Value values = steps.evaluate(operand, b.mul(trip, lanes), lanes);
                      return {combine(b, step, carried[0], values)};
                    })[0]);
    }
    for (int64_t part = lanes / 2, done = whole; part > 0; part /= 2)
      if (done + part <= valid) {
        join(steps.evaluate(operand, b.index(done), part));
        done += part;
      }
    return vector::BroadcastOp::create(b, b.vectorType(1, b.getI32Type()), total);
  }

  /// Stores the last step's values, and zeros behind the valid channels.
  void finish(KernelBuilder &b, StepEmitter &steps, Value out, Value place, int64_t used,
              int64_t width, int64_t lanes) const {
    b.forEachVector(used, lanes, [&](Value channel, int64_t count) {
      Value values = steps.evaluate(program.steps.size() - 1, channel, count);
      VectorType bytes = b.vectorType(count, b.getI8Type());
      b.store(arith::TruncIOp::create(b, bytes, values), out, b.add(place, channel));
    });
    Value zero = b.splat(b.vectorType(1, b.getI8Type()), 0);
    for (int64_t channel = used; channel < width; ++channel)
      b.store(zero, out, b.add(place, channel));
  }

  static vector::CombiningKind kindOf(const RowStep &step) {
    if (step.kind == adf::StepKind::ReduceSum)
      return vector::CombiningKind::ADD;
    return step.kind == adf::StepKind::ReduceMax ? vector::CombiningKind::MAXSI
                                                 : vector::CombiningKind::MINSI;
  }
  static int64_t neutral(const RowStep &step) {
    if (step.kind == adf::StepKind::ReduceSum)
      return 0;
    return step.kind == adf::StepKind::ReduceMax ? std::numeric_limits<int32_t>::min()
                                                 : std::numeric_limits<int32_t>::max();
  }
  static Value combine(KernelBuilder &b, const RowStep &step, Value lhs, Value rhs) {
    if (step.kind == adf::StepKind::ReduceSum)
      return arith::AddIOp::create(b, lhs, rhs);
    if (step.kind == adf::StepKind::ReduceMax)
      return arith::MaxSIOp::create(b, lhs, rhs);
    return arith::MinSIOp::create(b, lhs, rhs);
  }

  RowProgram program;
  int64_t pixels = 1, valid = 1, channels = 1;
};
} // namespace

std::unique_ptr<Kernel> makeRowwise(ConfigReader &config) {
  return std::make_unique<Rowwise>(config);
}

} // namespace adfc::kernels
