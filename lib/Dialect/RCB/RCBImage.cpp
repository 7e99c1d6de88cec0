//===- RCBImage.cpp - What an image holds, and its verifiers --------------===//
#include "RCB/RCBDialect.h"

#include "Target/DeviceModel.h"
#include "adfc/spec/rcb_isa.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallBitVector.h"

#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace adfc;
using namespace adfc::rcb;

//===- rcb.image ----------------------------------------------------------===//

template <typename OpT> static OpT theOne(ImageOp image) {
  return *image.getBody().front().getOps<OpT>().begin();
}

/// The first program with `load`, or without; null where there is none.
static ProgramOp findProgram(ImageOp image, bool load) {
  for (ProgramOp program : image.getBody().front().getOps<ProgramOp>())
    if (program.getLoad() == load)
      return program;
  return {};
}

ProgramOp ImageOp::getProgram() { return findProgram(*this, /*load=*/false); }
ProgramOp ImageOp::getLoadProgram() { return findProgram(*this, /*load=*/true); }
CoreProgramsOp ImageOp::getCorePrograms() { return theOne<CoreProgramsOp>(*this); }

int64_t ImageOp::getBufferBytes(Buffer buffer) {
  switch (buffer) {
  case Buffer::INPUT:
    return getInputBytes();
  case Buffer::OUTPUT:
    return getOutputBytes();
  case Buffer::ARENA:
    return getArenaBytes();
  case Buffer::WEIGHTS:
    return getWeightsBytes();
  }
  llvm_unreachable("a buffer of another kind");
}

static LogicalResult verifyKernelIds(ImageOp image) {
  llvm::SmallBitVector seen(llvm::range_size(image.getBody().getOps<KernelOp>()));
  for (KernelOp kernel : image.getBody().getOps<KernelOp>()) {
    uint64_t id = kernel.getId();
    if (id >= seen.size())
      return kernel.emitOpError("has id ")
             << id << ": the ids of " << seen.size() << " kernels must be 0 to " << seen.size() - 1;
    if (seen.test(id))
      return kernel.emitOpError("has id ") << id << ", which another kernel has: number them anew";
    seen.set(id);
  }
  return success();
}

LogicalResult ImageOp::verify() {
  if (!DeviceModel::find(getDevice()))
    return emitOpError("names the unknown device \"")
           << getDevice() << "\": known are " << DeviceModel::knownNames();
  for (int64_t bytes : {getInputBytes(), getOutputBytes(), getArenaBytes(), getWeightsBytes()})
    if (bytes < 0)
      return emitOpError("has a buffer of ") << bytes << " bytes: sizes must not be negative";
  return success();
}

/// At most one program that loads, then the one that runs.
static LogicalResult verifyPrograms(ImageOp image) {
  ProgramOp load, run;
  for (ProgramOp program : image.getBody().front().getOps<ProgramOp>()) {
    ProgramOp &seen = program.getLoad() ? load : run;
    if (seen)
      return program.emitOpError("is the image's second one")
             << (program.getLoad() ? " with" : " without") << " load: make them one";
    if (program.getLoad() && run)
      return program.emitOpError("has load: it must stand before the one without");
    seen = program;
  }
  if (!run)
    return image.emitOpError("must hold exactly one rcb.program without load: it is what runs");
  return success();
}

LogicalResult ImageOp::verifyRegions() {
  Block &body = getBody().front();
  if (failed(verifyPrograms(*this)))
    return failure();
  if (!llvm::hasSingleElement(body.getOps<CoreProgramsOp>()))
    return emitOpError("must hold exactly one rcb.core_programs");
  for (Operation &op : body)
    if (!isa<ProgramOp, CoreProgramsOp, KernelOp, DataOp, IoOp, LayerOp>(op))
      return op.emitOpError(
          "must not stand in an rcb.image: instructions stand in its rcb.program");
  return verifyKernelIds(*this);
}

//===- rcb.data, rcb.io ---------------------------------------------------===//

/// An error where [offset, offset + bytes) is not inside the buffer.
static LogicalResult verifyInside(Operation *op, Buffer buffer, int64_t offset, int64_t bytes) {
  int64_t size = cast<ImageOp>(op->getParentOp()).getBufferBytes(buffer);
  if (offset < 0 || bytes < 0 || offset + bytes > size)
    return op->emitOpError("covers bytes ")
           << offset << " to " << offset + bytes << " of the " << stringifyBuffer(buffer)
           << " buffer, which has " << size << " bytes";
  return success();
}

LogicalResult DataOp::verify() {
  if (!isa<DenseElementsAttr, DenseResourceElementsAttr>(getValue()) ||
      !getValue().getElementType().isInteger(8))
    return emitOpError("must hold a dense tensor of i8: data is bytes");
  return verifyInside(*this, Buffer::WEIGHTS, getOffset(), getValue().getNumElements());
}

void DataOp::copyBytes(MutableArrayRef<char> to) {
  if (auto dense = dyn_cast<DenseElementsAttr>(getValue())) {
    if (dense.isSplat())
      std::fill(to.begin(), to.end(), dense.getRawData().front());
    else
      llvm::copy(dense.getRawData(), to.begin());
    return;
  }
  AsmResourceBlob *blob = cast<DenseResourceElementsAttr>(getValue()).getRawHandle().getBlob();
  if (blob)
    llvm::copy(blob->getData(), to.begin());
}

LogicalResult IoOp::verify() {
  if (getBuffer() != Buffer::INPUT && getBuffer() != Buffer::OUTPUT)
    return emitOpError("must be in the input or output buffer");
  if (getShape().empty() || getShape().size() > 6 ||
      llvm::any_of(getShape(), [](int64_t d) { return d <= 0; }))
    return emitOpError("must have 1 to 6 positive dimensions");
  if (getValid() == 0 || static_cast<int64_t>(getValid()) > getShape().back())
    return emitOpError("has ") << getValid() << " valid elements of " << getShape().back()
                               << " in its last dimension: must be 1 to that";
  int64_t bytes = 1;
  for (int64_t d : getShape())
    bytes *= d;
  return verifyInside(*this, getBuffer(), getOffset(), bytes);
}
