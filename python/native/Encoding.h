//===- Encoding.h - From modules to bytes ---------------------------------===//
#ifndef ADFC_PYTHON_ENCODING_H
#define ADFC_PYTHON_ENCODING_H

#include "Module.h"

#include "Target/RCBEncoder.h"

#include <array>
#include <string_view>

namespace adfc::python {

/// The contents of the module's rcb.image.
rcb::ImageContents encode(Module &module);
/// A module with the rcb.image that holds these sections' words; bytes of the buffers input,
/// output, arena and weights. An empty load program is none.
std::shared_ptr<Module> decode(std::shared_ptr<Context> context, std::string_view program,
                               std::string_view corePrograms, std::array<int64_t, 4> bufferBytes,
                               std::string_view loadProgram);
/// The fused graphs as JSON, for the planner.
std::string graphJson(Module &module);
/// LLVM IR, and object code for this processor, of a module after convert-rcb-to-llvm.
std::string nativeIR(Module &module);
std::string nativeObject(Module &module);
/// The section `code.<isa>` of kernels in the JSON form of ImageContents::kernels.
std::string compileKernels(const std::string &kernels, const std::string &isa);
/// What calls of these kernels take, as JSON: [{"buffers": [{"name", "bytes", "written"}],
/// "immediates": [name]}].
std::string describeKernels(const std::string &kernels);
/// The section of one kernel from an object file's bytes, whose entry is `symbol`.
std::string linkKernel(std::string_view object, const std::string &symbol);
/// What a C compiler has to know of an instruction set, as JSON: {"triple", "cpu", "features",
/// "code_model", "vector_bytes"}.
std::string instructionSet(const std::string &isa);

} // namespace adfc::python

#endif // ADFC_PYTHON_ENCODING_H
