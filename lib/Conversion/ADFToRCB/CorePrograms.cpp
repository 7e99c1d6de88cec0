//===- CorePrograms.cpp ---------------------------------------------------===//
#include "Conversion/ADFToRCB/CorePrograms.h"

using namespace adfc;

uint32_t CorePrograms::add(llvm::ArrayRef<uint32_t> program) {
  auto offset = static_cast<uint32_t>(all.size() * sizeof(uint32_t));
  auto [known, added] = offsets.try_emplace(program.vec(), offset);
  if (added)
    all.insert(all.end(), program.begin(), program.end());
  return known->second;
}
