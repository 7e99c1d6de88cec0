//===- DecodeImage.cpp - rcb.image from an image's sections ---------------===//
#include "Target/RCBEncoder.h"

#include "adfc/spec/devices.h"
#include "adfc/spec/rcb_isa.h"

#include "mlir/IR/Verifier.h"

using namespace mlir;

static StringRef deviceName(uint32_t ordinal) {
  for (const adfc_device &device : adfc_devices)
    if (device.ordinal == ordinal)
      return device.name;
  return {};
}

static LogicalResult addProgram(OpBuilder &builder, Location location, bool load,
                                ArrayRef<uint32_t> words) {
  auto program = adfc::rcb::ProgramOp::create(builder, location, load);
  program.getBody().emplaceBlock();
  return adfc::rcb::decodeProgram(words, program);
}

FailureOr<OwningOpRef<ModuleOp>> adfc::rcb::decodeImage(MLIRContext *context,
                                                        const ImageSections &sections) {
  context->loadDialect<RCBDialect>();
  Location location = UnknownLoc::get(context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(location);
  if (sections.program.size() <= RCB_HEADER_WORDS)
    return module->emitError("the program is shorter than its header"), failure();
  StringRef device = deviceName(sections.program[RCB_HEADER_DEVICE]);
  if (device.empty())
    return module->emitError("the program is for an unknown device, number ")
               << sections.program[RCB_HEADER_DEVICE],
           failure();
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  auto image = ImageOp::create(builder, location, "main", device, sections.inputBytes,
                               sections.outputBytes, sections.arenaBytes, sections.weightBytes);
  builder.createBlock(&image.getBody());
  SmallVector<int32_t> core(sections.corePrograms.begin(), sections.corePrograms.end());
  if (!sections.loadProgram.empty() &&
      failed(addProgram(builder, location, /*load=*/true, sections.loadProgram)))
    return failure();
  if (failed(addProgram(builder, location, /*load=*/false, sections.program)))
    return failure();
  CoreProgramsOp::create(builder, location, core);
  if (failed(verify(*module)))
    return failure();
  return module;
}
