//===- BufferDescriptor.h - DMA buffer descriptors as register words ------===//
#ifndef ADFC_TARGET_BUFFERDESCRIPTOR_H
#define ADFC_TARGET_BUFFERDESCRIPTOR_H

#include "Target/DeviceModel.h"

#include "llvm/ADT/SmallVector.h"

#include <optional>
#include <string>

namespace adfc {

/// `count` positions `step` words apart.
struct BdDim {
  int64_t count = 1;
  int64_t step = 1;
};

/// Zeros that a memory tile adds before and after a dimension, in positions of that dimension.
struct BdPad {
  int64_t before = 0;
  int64_t after = 0;
};

/// A lock request. Acquire: `value` < 0 waits until the lock is at least |value| and subtracts,
/// otherwise waits until it is `value`. Release: adds `value`.
struct BdLock {
  int id = 0;
  int value = 0;
};

/// What a buffer descriptor says. All sizes are 32-bit words.
struct BufferDescriptor {
  /// Words on the stream, padding included.
  int64_t length = 0;
  /// Address in the tile's own memory. Shim tiles: 0, since the address is bound when the program
  /// starts.
  int64_t base = 0;
  /// Memory tiles: whose memory and locks, the western neighbour's (-1), the tile's own (0), or the
  /// eastern neighbour's (1).
  int neighbour = 0;
  /// Innermost first.
  llvm::SmallVector<BdDim, 4> dims;
  llvm::SmallVector<BdPad, 4> pads;
  /// Each run moves the start by `step`; after `count` runs back. The first is run number
  /// `firstRun`.
  BdDim iteration;
  int64_t firstRun = 0;
  std::optional<BdLock> acquire, release;
  /// The descriptor that follows in a chain.
  std::optional<int> next;
};

/// The registers' words. Fails, with one line that names the value and its limit, where the
/// descriptor does not fit them.
struct EncodedDescriptor {
  llvm::SmallVector<uint32_t, 8> words;
  std::string failure;
};
EncodedDescriptor encodeDescriptor(TileKind kind, const BufferDescriptor &bd);

/// Whether word number `index` of such a descriptor, of value `word`, holds an iteration, which
/// counts as the descriptor runs.
bool descriptorIterates(TileKind kind, int index, uint32_t word);

} // namespace adfc

#endif // ADFC_TARGET_BUFFERDESCRIPTOR_H
