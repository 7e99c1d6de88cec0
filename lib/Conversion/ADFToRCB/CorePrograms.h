//===- CorePrograms.h - The core programs of an image, each once ----------===//
#ifndef ADFC_CONVERSION_ADFTORCB_COREPROGRAMS_H
#define ADFC_CONVERSION_ADFTORCB_COREPROGRAMS_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <map>
#include <vector>

namespace adfc {

/// Collects core programs one after the other; equal ones are kept once.
class CorePrograms {
public:
  /// The byte offset of `program`, which is added where it is new.
  uint32_t add(llvm::ArrayRef<uint32_t> program);
  llvm::ArrayRef<uint32_t> words() const { return all; }

private:
  std::vector<uint32_t> all;
  std::map<std::vector<uint32_t>, uint32_t> offsets;
};

} // namespace adfc

#endif // ADFC_CONVERSION_ADFTORCB_COREPROGRAMS_H
