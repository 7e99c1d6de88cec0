//===- RCBEncoder.h - Programs and images as bytes ------------------------===//
#ifndef ADFC_TARGET_RCBENCODER_H
#define ADFC_TARGET_RCBENCODER_H

#include "RCB/RCBDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <string>
#include <vector>

namespace adfc::rcb {

/// The program's words, header included (spec/rcb.toml). Fails with a diagnostic where an
/// instruction is too long.
mlir::FailureOr<std::vector<uint32_t>> encodeProgram(ProgramOp program);

/// Fills `program`, which is empty, with the instructions in `words`. Fails with a diagnostic that
/// names the word.
mlir::LogicalResult decodeProgram(llvm::ArrayRef<uint32_t> words, ProgramOp program);

/// What an image's sections hold. JSON where it is a table that another writer packs.
struct ImageContents {
  std::vector<uint32_t> program;
  /// Empty where the image has no load program.
  std::vector<uint32_t> loadProgram;
  std::vector<uint32_t> corePrograms;
  std::vector<char> weights;
  /// [{"name", "kind", "config"}], by id.
  std::string kernels;
  /// {"inputs": [{"name", "offset", "dims", "valid"}], "outputs", "input_bytes", "output_bytes",
  /// "arena_bytes"}.
  std::string io;
  /// [{"id", "name", "kind", "macs", "cores", "ddr_bytes", "core_bytes", "file", "line"}], by
  /// phase; file and line are the user's, "" and 0 where they are not known.
  std::string layers;
};

/// The contents of the module's one image. Fails with a diagnostic.
mlir::FailureOr<ImageContents> encodeImage(mlir::ModuleOp module);

/// What of an image's sections its control program needs.
struct ImageSections {
  llvm::ArrayRef<uint32_t> program;
  /// Empty: there is none.
  llvm::ArrayRef<uint32_t> loadProgram;
  llvm::ArrayRef<uint32_t> corePrograms;
  int64_t inputBytes, outputBytes, arenaBytes, weightBytes;
};

/// A module with one rcb.image that holds the programs and the core programs. Fails with a
/// diagnostic.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> decodeImage(mlir::MLIRContext *context,
                                                               const ImageSections &sections);

} // namespace adfc::rcb

#endif // ADFC_TARGET_RCBENCODER_H
