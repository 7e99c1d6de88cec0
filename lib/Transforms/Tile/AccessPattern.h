//===- AccessPattern.h - what one buffer descriptor walks -----------------===//
#ifndef ADFC_TRANSFORMS_TILE_ACCESSPATTERN_H
#define ADFC_TRANSFORMS_TILE_ACCESSPATTERN_H

#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <string>

struct adfc_tile;

namespace adfc {

/// Offsets, counts and steps of a descriptor, in 32-bit words, innermost dimension first.
///
/// legalize() brings it into a form that the descriptors of a kind of tile can hold: it joins
/// dimensions that are one in memory, and splits those whose count is too large for its field.
class AccessPattern {
public:
  explicit AccessPattern(int64_t offset) : offset(offset) {}

  /// Adds the next outer dimension.
  AccessPattern &dim(int64_t count, int64_t step) { return padded(count, step, 0, 0); }
  /// The same, with `before` and `after` positions of zeros around it.
  AccessPattern &padded(int64_t count, int64_t step, int64_t before, int64_t after) {
    dims.push_back({count, step, before, after});
    return *this;
  }

  /// Words on the stream, padding included.
  int64_t words() const;
  bool isPadded() const;

  /// Makes it fit descriptors of such a tile. Returns why that is impossible, or an empty text.
  std::string legalize(const adfc_tile &tile);

  /// The same so many words further on.
  AccessPattern moved(int64_t words) const {
    AccessPattern result = *this;
    result.offset += words;
    return result;
  }

  int64_t getOffset() const { return offset; }
  llvm::SmallVector<int64_t> counts() const;
  llvm::SmallVector<int64_t> steps() const;
  /// Padding of the dimensions up to the last padded one.
  llvm::SmallVector<int64_t> before() const;
  llvm::SmallVector<int64_t> after() const;

private:
  struct Dim {
    int64_t count, step, before, after;
  };

  size_t paddedDims() const;
  void join();
  std::string split(int64_t limit);
  std::string check(const adfc_tile &tile) const;

  int64_t offset;
  llvm::SmallVector<Dim, 5> dims;
};

} // namespace adfc

#endif // ADFC_TRANSFORMS_TILE_ACCESSPATTERN_H
