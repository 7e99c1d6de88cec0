//===- PipelineBands.h - an operand that comes band by band ---------------===//
//
// An image of an operand comes to its slabs in bands of rows. Each is handed on as soon as it is
// complete, and given back when no window reads it any more. Where all bands are read alike, and no
// window reads two of them, a slab is a ring of bands, whatever an image has; else it holds whole
// images, of which each band has a place of its own.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_TRANSFORMS_PIPELINE_PIPELINEBANDS_H
#define ADFC_TRANSFORMS_PIPELINE_PIPELINEBANDS_H

#include "Transforms/Pipeline/PipelinePlan.h"

namespace adfc {

struct Bands {
  int64_t count = 1; ///< of an image
  int64_t rows = 0;  ///< of the tensor in each; the last may have fewer
  bool ring = false;
  bool windows = false; ///< each is a tile's window, whatever its rows: no other tile reads of it

  /// Times that a slab's chain of descriptors runs for an image.
  int64_t runs() const { return ring ? count : 1; }
  /// Chains of descriptors that are not each other's: one for each band but in a ring.
  int64_t chains() const { return ring ? 1 : count; }
};

/// The bands of an operand that `lane` brings; an error on the reader's operation where its
/// schedule asks for bands that it cannot have.
mlir::FailureOr<Bands> planBands(const StagePlan &stage, unsigned operand, const Lane &lane,
                                 const adf::Extent &tensor);

/// What `lane` brings of one band.
Lane laneOfBand(const Lane &lane, const Bands &bands, int64_t band);

/// Windows of neighbouring tiles that one descriptor sends, bands that it waits for before, and
/// bands that it gives back.
struct Send {
  size_t first, end;
  int64_t acquires, releases;
  int64_t rowsApart; ///< from one tile's window to the next one's
};

/// How a group of cores gets the windows of `tiles`, for each run of a slab's chain.
std::vector<Send> sendsOf(const StagePlan &stage, llvm::ArrayRef<SpatialTile> tiles,
                          const Bands &bands);

} // namespace adfc

#endif // ADFC_TRANSFORMS_PIPELINE_PIPELINEBANDS_H
