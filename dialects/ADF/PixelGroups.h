//===- PixelGroups.h - windows of pixels that lie without padding ---------===//
#ifndef ADFC_ADF_PIXELGROUPS_H
#define ADFC_ADF_PIXELGROUPS_H

#include "ADF/KernelModel.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace adfc::adf {

/// How output columns read rows of an input whose pixels lie one behind the other in memory, though
/// their channels are no whole words, such as colour images of 3 bytes a pixel.
///
/// Descriptors and kernels go by words. Output columns begin at each byte of a word in turn: so
/// many as begin at different ones make a group, and are its *phases*. All columns of a phase read
/// runs of words that begin `words` apart and hold their pixels at the same place, so that one
/// block of weights, with zeros for bytes that are not theirs, serves them.
struct PixelGroups {
  int64_t rowWords; ///< of a row of the input
  int64_t step;     ///< from group to group
  int64_t run;      ///< that an output column reads of a row
  int64_t first;    ///< of a row, where group 0 begins; below 0: in the padding
  llvm::SmallVector<int64_t, 4> offsets; ///< of each phase's run, in words behind its group's begin
  llvm::SmallVector<int64_t, 4> shifts;  ///< of each phase: bytes of its run before its first pixel

  /// What a window holds of a row, for neighbouring output columns.
  struct Window {
    int64_t begin, words; ///< of the row, padding included
    int64_t firstPhase;   ///< of its first column
  };

  int64_t phases() const { return static_cast<int64_t>(offsets.size()); }
  Window window(int64_t column, int64_t columns) const;

  /// Of pixels of `channels` bytes; none where rows are no whole words or pixels are, or where
  /// columns are left out or made.
  static std::optional<PixelGroups> of(int64_t channels, const AxisMap &columns);
};

} // namespace adfc::adf

#endif // ADFC_ADF_PIXELGROUPS_H
