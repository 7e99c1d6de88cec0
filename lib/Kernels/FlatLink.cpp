//===- FlatLink.cpp - An object file as one block of bytes ----------------===//
#include "Kernels/FlatLink.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ExecutionEngine/JITLink/JITLink.h"
#include "llvm/ExecutionEngine/JITLink/aarch32.h"

namespace adfc::kernels {

using namespace llvm::jitlink;
namespace orc = llvm::orc;

namespace {
/// Gives a graph's segments one block of host memory after the other, and addresses from `base`.
class FlatMemory : public JITLinkMemoryManager {
public:
  FlatMemory(llvm::SmallVector<char, 0> &bytes, uint64_t base) : bytes(bytes), base(base) {}

  void allocate(const JITLinkDylib *, LinkGraph &graph, OnAllocatedFunction onAllocated) override {
    BasicLayout layout(graph);
    llvm::SmallVector<uint64_t> offsets;
    uint64_t size = 0;
    for (auto &[group, segment] : layout.segments()) {
      bool writable = static_cast<int>(group.getMemProt()) & static_cast<int>(orc::MemProt::Write);
      if (writable || segment.ZeroFillSize != 0)
        return onAllocated(llvm::createStringError("the kernels' code has writable data"));
      if (segment.Alignment.value() > flatAlignment)
        return onAllocated(llvm::createStringError("the kernels' code wants an alignment of " +
                                                   llvm::Twine(segment.Alignment.value()) +
                                                   " bytes"));
      offsets.push_back(size);
      size = llvm::alignTo(size + segment.ContentSize, flatAlignment);
    }
    bytes.assign(size, 0);
    for (auto [offset, entry] : llvm::zip_equal(offsets, layout.segments())) {
      entry.second.Addr = orc::ExecutorAddr(base + offset);
      entry.second.WorkingMem = bytes.data() + offset;
    }
    if (llvm::Error error = layout.apply())
      return onAllocated(std::move(error));
    onAllocated(std::make_unique<Allocation>());
  }

  void deallocate(std::vector<FinalizedAlloc> allocations,
                  OnDeallocatedFunction onDeallocated) override {
    for (FinalizedAlloc &allocation : allocations)
      allocation.release();
    onDeallocated(llvm::Error::success());
  }

private:
  /// The bytes belong to the caller, so there is nothing to finish or free.
  struct Allocation : InFlightAlloc {
    void abandon(OnAbandonedFunction onAbandoned) override { onAbandoned(llvm::Error::success()); }
    void finalize(OnFinalizedFunction onFinalized) override {
      onFinalized(FinalizedAlloc(orc::ExecutorAddr(flatAlignment)));
    }
  };

  llvm::SmallVector<char, 0> &bytes;
  uint64_t base;
};

/// Branches to Thumb code have bit 0 set (Armv7-M ARM, A4.1.1).
static bool isThumb(const LinkGraph &graph, Symbol &symbol) {
  const llvm::Triple &triple = graph.getTargetTriple(); // of Thumb objects too: Arm's
  return (triple.isARM() || triple.isThumb()) &&
         aarch32::hasTargetFlags(symbol, aarch32::ThumbSymbol);
}

class FlatContext : public JITLinkContext {
public:
  FlatContext(FlatCode &code, llvm::Error &error, uint64_t base)
      : JITLinkContext(nullptr), code(code), error(error), base(base), memory(code.bytes, base) {}

  JITLinkMemoryManager &getMemoryManager() override { return memory; }

  void notifyFailed(llvm::Error failure) override {
    error = llvm::joinErrors(std::move(error), std::move(failure));
  }

  void lookup(const LookupMap &symbols,
              std::unique_ptr<JITLinkAsyncLookupContinuation> then) override {
    std::vector<std::string> names;
    for (const auto &entry : symbols)
      names.push_back((*entry.first).str());
    llvm::sort(names);
    if (names.empty())
      return then->run(AsyncLookupResult());
    then->run(llvm::createStringError("the kernels' code needs " + llvm::join(names, ", ") +
                                      ", which is defined nowhere"));
  }

  llvm::Error notifyResolved(LinkGraph &graph) override {
    for (Symbol *symbol : graph.defined_symbols()) {
      if (!symbol->hasName())
        continue;
      uint64_t offset = symbol->getAddress().getValue() - base;
      code.symbols[*symbol->getName()] = isThumb(graph, *symbol) ? offset | 1 : offset;
    }
    return llvm::Error::success();
  }

  void notifyFinalized(JITLinkMemoryManager::FinalizedAlloc allocation) override {
    allocation.release();
  }

private:
  FlatCode &code;
  llvm::Error &error;
  uint64_t base;
  FlatMemory memory;
};
} // namespace

static llvm::Expected<FlatCode> linkAt(llvm::MemoryBufferRef object, uint64_t base) {
  // Held here, for JITLink still refers to names when it has dropped a graph that failed.
  auto names = std::make_shared<orc::SymbolStringPool>();
  auto graph = createLinkGraphFromObject(object, names);
  if (!graph)
    return graph.takeError();
  FlatCode code;
  llvm::Error error = llvm::Error::success();
  link(std::move(*graph), std::make_unique<FlatContext>(code, error, base));
  if (error)
    return error;
  return code;
}

llvm::Expected<FlatCode> linkFlat(llvm::MemoryBufferRef object) {
  auto code = linkAt(object, 0x100000);
  if (!code)
    return code.takeError();
  // Equal bytes at two addresses that differ in many bits: nothing depends on the address.
  auto elsewhere = linkAt(object, 0x7654321 * flatAlignment);
  if (!elsewhere)
    return elsewhere.takeError();
  if (code->bytes != elsewhere->bytes)
    return llvm::createStringError("the kernels' code depends on the address that it runs at");
  return code;
}

} // namespace adfc::kernels
