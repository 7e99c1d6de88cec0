//===- RowProgram.h - the integer operations of a rowwise kernel ----------===//
//
// A step is an operation of TOSA 1.0 on int32 values: one for each channel of a pixel, or
// ("narrow") one for the pixel, where it is a reduction or reads nothing else.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_KERNELS_ROWPROGRAM_H
#define ADFC_KERNELS_ROWPROGRAM_H

#include "ADF/ADFDialect.h"
#include "Kernels/Config.h"
#include "Kernels/KernelBuilder.h"

namespace adfc::kernels {

struct RowStep {
  adf::StepKind kind;
  llvm::SmallVector<int64_t, 2> operands;
  llvm::SmallVector<int64_t, 3> numbers;
  bool narrow;

  bool isReduction() const { return static_cast<uint32_t>(kind) >= 100; }
};

struct RowProgram {
  llvm::SmallVector<RowStep> steps;
  llvm::SmallVector<int64_t, 4> constants; ///< elements of each
  int64_t inputs = 1;

  /// Entries "inputs", "steps" and "constants": a step is its kind, its number of operands, these,
  /// how many numbers it has, and these.
  static RowProgram read(ConfigReader &config);

  bool reduces() const;
  /// Whether a step reads a value of its channel from a constant.
  bool readsChannels() const;
  /// First int32 of a constant in their buffer.
  int64_t offsetOf(int64_t constant) const;
};

/// Builds steps on vectors of i32; narrow ones are vectors of one.
class StepEmitter {
public:
  StepEmitter(KernelBuilder &b, const RowProgram &program, mlir::ValueRange inputs,
              mlir::Value constants)
      : b(b), program(program), inputs(inputs), constants(constants) {}

  /// From here on, values are of a pixel whose first channel is element `place` of the inputs.
  void enterPixel(mlir::Value place);
  void setNarrow(int64_t step, mlir::Value value) { narrow[step] = value; }
  /// Computes a narrow step that is no reduction.
  void computeNarrow(int64_t step) { narrow[step] = compute(step, b.index(0), 1); }
  /// Starts over with channels `channel` ... `channel` + `lanes` - 1 and gives a step's values.
  mlir::Value evaluate(int64_t step, mlir::Value channel, int64_t lanes);

private:
  mlir::Value value(int64_t step, mlir::Value channel, int64_t lanes);
  mlir::Value compute(int64_t step, mlir::Value channel, int64_t lanes);
  mlir::Value binary(const RowStep &step, mlir::Value lhs, mlir::Value rhs);
  mlir::Value unary(const RowStep &step, mlir::Value operand, mlir::Value channel);
  mlir::Value divide(mlir::Value lhs, mlir::Value rhs);
  mlir::Value shiftRight(mlir::Value lhs, mlir::Value rhs, bool round);
  mlir::Value saturate(mlir::Value wide, int64_t bits);
  mlir::Value rescale(const RowStep &step, mlir::Value operand, mlir::Value channel);
  mlir::Value table8(mlir::Value index, int64_t constant);
  mlir::Value table16(mlir::Value index, int64_t constant);
  mlir::Value lookUp(mlir::Value index, int64_t constant);
  mlir::Value channelVector(int64_t constant, mlir::Value channel, int64_t lanes);

  KernelBuilder &b;
  const RowProgram &program;
  mlir::ValueRange inputs;
  mlir::Value constants; ///< i32; null: there are none
  mlir::Value pixel;
  llvm::DenseMap<int64_t, mlir::Value> narrow, wide;
};

} // namespace adfc::kernels

#endif // ADFC_KERNELS_ROWPROGRAM_H
