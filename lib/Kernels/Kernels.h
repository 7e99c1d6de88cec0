//===- Kernels.h - Machine code for the kernels that core tiles call ------===//
//
// A kernel specialisation (a name, a kind and its configuration, as they stand on `adf.kernel`)
// becomes machine code for the processor that emulates the array. All code follows one calling
// convention:
//
//   void kernel(uint8_t *const *buffers, const int32_t *immediates);
//
// The buffers point into one core tile's data memory. Code touches nothing outside the buffers'
// extents
// (`describeKernel`), calls nothing, needs no relocation and at most `maxKernelStackBytes` of
// stack.
//
// Integer semantics are TOSA 1.0's: rescale(v) = (int64(v) * multiplier + (1 << (shift - 1))) >>
// shift, saturated to int8, then clamped.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_KERNELS_KERNELS_H
#define ADFC_KERNELS_KERNELS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace adfc::kernels {

/// Stack that one kernel call may use, in bytes.
constexpr int64_t maxKernelStackBytes = 8192;

/// One kernel specialisation. `config` is read only while a function below runs.
struct KernelSpec {
  std::string name;
  std::string kind;
  mlir::DictionaryAttr config;
};

/// Instruction sets that code can be made for, most demanding first.
enum class Isa {
  X86_64_AMX,  ///< x86-64-v4 with AVX512-VNNI, AMX-TILE and AMX-INT8
  X86_64_VNNI, ///< x86-64-v4 with AVX512-VNNI
  X86_64,      ///< x86-64-v2: any x86-64 since 2009
  AArch64,     ///< Armv8-A with Advanced SIMD
  RISCV64,     ///< rv64gc
  ThumbV81M,   ///< Armv8.1-M Mainline with the integer M-profile Vector Extension (Cortex-M55)
  ThumbV7EM,   ///< Armv7E-M and above: Cortex-M4, M7, M33, M55
};

/// Name as in an image's section `code.<name>`: "x86_64-amx", "x86_64-vnni", "x86_64", "aarch64",
/// "riscv64", "thumbv8.1m-mve", "thumbv7em".
llvm::StringRef isaName(Isa isa);
/// The reverse of `isaName`; nothing for an unknown name.
std::optional<Isa> parseIsa(llvm::StringRef name);
/// Every instruction set, in the order of the enumeration.
llvm::ArrayRef<Isa> allIsas();

/// What a kernel call takes. Bytes are exact extents: nothing beyond is read or written.
struct KernelInterface {
  struct Buffer {
    std::string name;
    int64_t bytes = 0;
    bool written = false;
  };
  llvm::SmallVector<Buffer, 4> buffers;
  llvm::SmallVector<std::string, 4> immediates;
};

/// The kinds of kernel that can be made ("add", "conv2d", ...), sorted.
std::vector<std::string> kernelKinds();

/// Checks a specialisation and says what its calls take. Fails with one line that names the kernel
/// and the configuration entry.
llvm::Expected<KernelInterface> describeKernel(const KernelSpec &spec);

/// Machine code of `specs` for `isa`: the whole section `code.<isa>` of an image, little-endian
/// words [magic 'KCOD', number of kernels, bytes of code, one entry offset per kernel in the order
/// of `specs`], zeros up to the next multiple of 64 bytes, then the code. Entry offsets count from
/// the first byte of the code; on Thumb they have bit 0 set, as branch addresses do. The code runs
/// at any address that is a multiple of 64. Same specifications, same bytes. Fails as
/// `describeKernel` does, on two kernels of one name, and where the code could not be made free of
/// calls, relocations or deep stacks.
llvm::Expected<std::vector<uint8_t>> compileKernels(llvm::ArrayRef<KernelSpec> specs, Isa isa);

/// The section of one kernel whose code comes from an object file of `isa`, such as a C compiler
/// wrote; `symbol` is its entry, of the calling convention above. Fails where the code has writable
/// data, or needs a symbol or an address that it does not bring.
llvm::Expected<std::vector<uint8_t>> linkKernel(llvm::StringRef object, llvm::StringRef symbol);

/// How far `printKernels` goes.
enum class Stage {
  Structured, ///< families have built loops around linalg contractions
  Loops,      ///< the instruction set's micro-kernels have replaced the contractions
  LLVM,       ///< LLVM IR, optimised
  Assembly,   ///< what the assembler sees
};

/// The text of `specs` at one stage on the way to machine code, for people and tests. Fails as
/// `compileKernels`.
llvm::Expected<std::string> printKernels(llvm::ArrayRef<KernelSpec> specs, Isa isa, Stage stage);

} // namespace adfc::kernels

#endif // ADFC_KERNELS_KERNELS_H
