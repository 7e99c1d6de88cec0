//===- FlatLink.h - An object file as one block of bytes ------------------===//
#ifndef ADFC_KERNELS_FLATLINK_H
#define ADFC_KERNELS_FLATLINK_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace adfc::kernels {

/// Alignment that flat code may count on, in bytes.
constexpr uint64_t flatAlignment = 64;

struct FlatCode {
  llvm::SmallVector<char, 0> bytes;
  llvm::StringMap<uint64_t> symbols; ///< offsets from the first byte, with Thumb's bit 0
};

/// Links an ELF object into code and constants that run at any address that is a multiple of
/// `flatAlignment`. Fails on a symbol that is defined nowhere, on writable data, and on anything
/// that depends on the address.
llvm::Expected<FlatCode> linkFlat(llvm::MemoryBufferRef object);

} // namespace adfc::kernels

#endif // ADFC_KERNELS_FLATLINK_H
