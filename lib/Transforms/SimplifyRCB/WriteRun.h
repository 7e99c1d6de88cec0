//===- WriteRun.h - A run of configuration writes, made short -------------===//
#ifndef ADFC_TRANSFORMS_SIMPLIFYRCB_WRITERUN_H
#define ADFC_TRANSFORMS_SIMPLIFYRCB_WRITERUN_H

#include "Transforms/SimplifyRCB/RegisterFile.h"

#include "mlir/IR/Builders.h"

namespace adfc {

/// Collects writes that follow each other and touch configuration registers only, so that their
/// order does not matter, and writes instead what the run changes.
class WriteRun {
public:
  explicit WriteRun(const RegisterMap &registers) : registers(registers) {}

  /// Takes `op` into the run. False, and nothing done, where it is no such write.
  bool take(mlir::Operation &op);
  /// Replaces the run's operations, which end before `builder`'s insertion point, by the shortest
  /// equivalent ones.
  void flush(mlir::OpBuilder &builder);
  /// `op`, which stays, may change registers: what it writes is no longer known.
  void forget(mlir::Operation &op);

private:
  /// Consecutive words of one register class, from `first` to `last` inclusive.
  struct Range {
    uint32_t first, last;
  };

  void want(mlir::Location location, uint32_t address, RegisterValue value);
  void takeBind(rcb::BindBufferOp bind);
  bool stands(uint32_t address, const RegisterValue &value) const;
  std::vector<uint32_t> bindsNeeded() const;
  std::vector<Range> rangesNeeded(const std::vector<uint32_t> &binds) const;
  std::optional<uint32_t> fillWord(uint32_t address, const std::vector<uint32_t> &binds) const;
  void emit(mlir::OpBuilder &builder, const Range &range, const std::vector<uint32_t> &binds);

  const RegisterMap &registers;
  /// What stood before the run, and what shall stand after it.
  RegisterValues standing, wanted;
  std::map<uint32_t, mlir::Location> locations;
  std::vector<mlir::Operation *> taken;
};

} // namespace adfc

#endif // ADFC_TRANSFORMS_SIMPLIFYRCB_WRITERUN_H
