//===- Target.cpp - The instruction sets that kernels are compiled for ----===//
#include "Kernels/Target.h"
#include "Kernels/MicroKernel.h"

namespace adfc::kernels {

/// In the order of `Isa`.
static llvm::ArrayRef<Target> targets() {
  using namespace llvm::CodeModel;
  // clang-format off
  static const Target all[] = {
      {Isa::X86_64_AMX, "x86_64-amx", "x86_64-unknown-linux-gnu", "x86-64-v4",
       "+avx512vnni,+amx-tile,+amx-int8", Small, 64, {&amxMicroKernel(), &vnniMicroKernel(), &halfVnniMicroKernel()}},
      {Isa::X86_64_VNNI, "x86_64-vnni", "x86_64-unknown-linux-gnu", "x86-64-v4",
       "+avx512vnni", Small, 64, {&vnniMicroKernel(), &halfVnniMicroKernel()}},
      {Isa::X86_64, "x86_64", "x86_64-unknown-linux-gnu", "x86-64-v2",
       "", Small, 16, {&portableMicroKernel()}},
      {Isa::AArch64, "aarch64", "aarch64-unknown-linux-gnu", "generic",
       "", Tiny, 16, {&portableMicroKernel()}},
      {Isa::RISCV64, "riscv64", "riscv64-unknown-linux-gnu", "generic-rv64",
       "+m,+a,+f,+d,+c", Small, 16, {&portableMicroKernel()}},
      {Isa::ThumbV81M, "thumbv8.1m-mve", "thumbv8.1m.main-none-eabihf", "cortex-m55",
       "+mve", Small, 16, {&portableMicroKernel()}},
      {Isa::ThumbV7EM, "thumbv7em", "thumbv7em-none-eabi", "cortex-m4",
       "", Small, 16, {&portableMicroKernel()}},
  };
  // clang-format on
  return all;
}

const Target &getTarget(Isa isa) {
  const Target &target = targets()[static_cast<size_t>(isa)];
  assert(target.isa == isa && "the table must be in the order of Isa");
  return target;
}

llvm::StringRef isaName(Isa isa) { return getTarget(isa).name; }

std::optional<Isa> parseIsa(llvm::StringRef name) {
  for (const Target &target : targets())
    if (target.name == name)
      return target.isa;
  return std::nullopt;
}

llvm::ArrayRef<Isa> allIsas() {
  static constexpr Isa all[] = {Isa::X86_64_AMX, Isa::X86_64_VNNI, Isa::X86_64,   Isa::AArch64,
                                Isa::RISCV64,    Isa::ThumbV81M,   Isa::ThumbV7EM};
  return all;
}

} // namespace adfc::kernels
