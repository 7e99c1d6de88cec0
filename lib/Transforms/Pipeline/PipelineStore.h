//===- PipelineStore.h - how a lane's messages come to lie in a slab ------===//
#ifndef ADFC_TRANSFORMS_PIPELINE_PIPELINESTORE_H
#define ADFC_TRANSFORMS_PIPELINE_PIPELINESTORE_H

#include "Transforms/Pipeline/PipelineBands.h"
#include "Transforms/Tile/AccessPattern.h"

namespace adfc {

/// Bytes from one band of a slab to the next, where they have places of their own and an image so
/// many bytes.
inline int64_t bandBytes(int64_t bytes, const Bands &bands) {
  return adf::roundUp(llvm::divideCeil(bytes, bands.count), 64);
}

/// A part of a tensor: rows [firstRow, endRow) of channels [firstChannel, endChannel).
struct TensorPart {
  int64_t firstRow, endRow, firstChannel, endChannel;
  int64_t channels() const { return endChannel - firstChannel; }
  int64_t rows() const { return endRow - firstRow; }
};

/// A part of an operand in a memory tile. `scrap` takes what comes but is not kept.
struct Slab {
  mlir::Value tile, window, scrap; ///< `scrap` is null where all is kept
  TensorPart part;
  size_t lane = 0; ///< of the tensor: the one that brings it
  Bands bands;     ///< of an image; `part` is what is kept of the first one in a ring
  llvm::SmallVector<SpatialTile> tiles; ///< windows that are sent, with rows as they lie here
  /// Memory tiles that it comes through, with their windows; the lane leads to the first one.
  llvm::SmallVector<std::pair<mlir::Value, mlir::Value>, 2> relays;

  mlir::Value entryTile() const { return relays.empty() ? tile : relays.front().first; }
  mlir::Value entryWindow() const { return relays.empty() ? window : relays.front().second; }
};

/// What one descriptor does with messages that follow one another.
struct StoreRun {
  bool kept;
  AccessPattern pattern;
};

/// How an image's messages go to memory. Empty, with a reason, where they do not fit a slab's part.
struct StorePlan {
  std::vector<StoreRun> runs;
  int64_t scrapBytes = 0;
  std::string failure;
};

/// Where so many words go that nobody reads, and the bytes that it takes: each run of them begins
/// at the next word, so that much goes to little memory. `most`: what a descriptor's field can
/// count to; none where that is too little.
std::optional<std::pair<AccessPattern, int64_t>> scrapPattern(int64_t words, int64_t most);

/// `part` grown to whole messages that have some of it.
TensorPart wholeMessages(const TensorPart &part, const Lane &lane, const adf::Extent &tensor);

/// Messages with any of `part` go there, at `pixel` words from pixel to pixel, `row` from row to
/// row, its first at word `offset`; others to scrap.
StorePlan storeMessages(const Lane &lane, const TensorPart &part, const adf::Extent &tensor,
                        int64_t offset, int64_t pixel, int64_t row);

} // namespace adfc

#endif // ADFC_TRANSFORMS_PIPELINE_PIPELINESTORE_H
