//===- Config.h - Reads a kernel's configuration --------------------------===//
#ifndef ADFC_KERNELS_CONFIG_H
#define ADFC_KERNELS_CONFIG_H

#include "Kernels/Kernels.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/Twine.h"

namespace adfc::kernels {

/// Reads entries of one kernel's configuration and keeps the first thing found wrong. After a
/// mistake the readers return harmless values (their lower bound), so that a family reads
/// everything and then asks `finish` once.
class ConfigReader {
public:
  explicit ConfigReader(const KernelSpec &spec) : spec(spec) {}

  /// `count` integers, each in [low, high]; `array<i64: ...>` and `[1, 2]` are both read.
  llvm::SmallVector<int64_t, 4> integers(llvm::StringRef key, unsigned count, int64_t low,
                                         int64_t high);
  /// Any number of integers, each in [low, high].
  llvm::SmallVector<int64_t, 4> list(llvm::StringRef key, int64_t low, int64_t high);
  int64_t integer(llvm::StringRef key, int64_t low, int64_t high);
  /// A string; the empty one where the entry is missing.
  std::string text(llvm::StringRef key);
  /// Whether there is such an entry.
  bool has(llvm::StringRef key) const { return spec.config && spec.config.contains(key); }
  /// A boolean, 0 or 1, or a unit attribute; false where the entry is missing.
  bool flag(llvm::StringRef key);

  /// Notes `message` where `condition` does not hold.
  void require(bool condition, const llvm::Twine &message);

  /// The first mistake, an entry that nobody read included.
  llvm::Error finish();

private:
  const KernelSpec &spec;
  llvm::StringSet<> known;
  std::string mistake;
};

} // namespace adfc::kernels

#endif // ADFC_KERNELS_CONFIG_H
