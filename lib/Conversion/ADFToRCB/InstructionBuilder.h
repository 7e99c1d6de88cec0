//===- InstructionBuilder.h - Builds rcb instructions ---------------------===//
#ifndef ADFC_CONVERSION_ADFTORCB_INSTRUCTIONBUILDER_H
#define ADFC_CONVERSION_ADFTORCB_INSTRUCTIONBUILDER_H

#include "RCB/RCBDialect.h"
#include "Target/DeviceModel.h"

#include "mlir/IR/Builders.h"

namespace adfc {

/// Appends instructions to a program. Offsets are those of registers within their tile.
class InstructionBuilder {
public:
  explicit InstructionBuilder(mlir::OpBuilder &builder) : builder(&builder) {}

  void write(mlir::Location location, TileCoord tile, uint32_t offset, uint32_t value);
  void writeBlock(mlir::Location location, TileCoord tile, uint32_t offset,
                  llvm::ArrayRef<uint32_t> words);
  void set(mlir::Location location, TileCoord tile, uint32_t offset, uint32_t count,
           uint32_t value);
  void bind(mlir::Location location, TileCoord tile, uint32_t offset, rcb::Buffer buffer,
            int64_t bytes);
  void loadCore(mlir::Location location, TileCoord tile, uint32_t offset, uint32_t words);
  void waitTask(mlir::Location location, TileCoord tile, Direction direction, int channel,
                uint32_t maxCycles);

  template <typename OpT, typename... Args> void add(mlir::Location location, Args &&...args) {
    OpT::create(*builder, location, std::forward<Args>(args)...);
  }

private:
  mlir::OpBuilder *builder;
};

} // namespace adfc

#endif // ADFC_CONVERSION_ADFTORCB_INSTRUCTIONBUILDER_H
