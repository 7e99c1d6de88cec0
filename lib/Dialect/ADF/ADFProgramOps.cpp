//===- ADFProgramOps.cpp - tiled and placed level: parsing and verifiers --===//
#include "ADF/ADFOps.h"
#include "ProgramSyntax.h"
#include "adfc/spec/core_program.h"

using namespace mlir;
using namespace adfc::adf;

#define GET_OP_CLASSES
#include "ADF/ADFOps.cpp.inc"

//===- program scope
//------------------------------------------------------------------------------===//

LogicalResult ProgramOp::verify() {
  if (getTiles() < 1)
    return emitOpError("needs at least one core tile, not ") << getTiles();
  if (getAvoid().size() % 2)
    return emitOpError("'avoid' must list (column, row) pairs");
  for (Operation &op : getBody().getOps())
    if (!isa<DDROp, KernelDefOp, PhaseOp>(op))
      return op.emitOpError(
          "has no place in adf.program: it holds adf.ddr, adf.kernel and adf.phase");
  return success();
}

static int64_t product(ArrayRef<int64_t> values) {
  int64_t result = 1;
  for (int64_t value : values)
    result *= value;
  return result;
}

static LogicalResult verifyEnd(BDOp bd, StringRef what, int64_t bytes) {
  int64_t end = bd.getEndWord();
  if (end * 4 <= bytes)
    return success();
  return bd.emitOpError("reaches ") << end * 4 << " bytes into " << what << " of " << bytes
                                    << " bytes: make that longer or 'dims' smaller";
}

static LogicalResult verifyPiece(BDOp bd, const mlir::SymbolTable &symbols) {
  auto ddr = symbols.lookup<DDROp>(*bd.getDdr());
  if (!ddr)
    return bd.emitOpError("names ") << bd.getDdrAttr() << ", which is no adf.ddr of the program";
  return verifyEnd(bd, "a DDR piece", ddr.getBytes());
}

static LogicalResult verifyKernel(CallOp call, const mlir::SymbolTable &symbols) {
  if (symbols.lookup<KernelDefOp>(call.getKernel()))
    return success();
  return call.emitOpError("calls ")
         << call.getKernelAttr() << ", which is no adf.kernel of the program";
}

/// Symbols of the program that its phases use. Not SymbolUserOpInterface: a phase is a symbol table
/// too, so that the program's would be made anew for each, in time that grows with the square.
LogicalResult ProgramOp::verifyRegions() {
  mlir::SymbolTable symbols(*this);
  WalkResult result = walk([&](Operation *op) {
    LogicalResult valid = success();
    if (auto bd = dyn_cast<BDOp>(op); bd && bd.getDdr())
      valid = verifyPiece(bd, symbols);
    else if (auto call = dyn_cast<CallOp>(op))
      valid = verifyKernel(call, symbols);
    return failed(valid) ? WalkResult::interrupt() : WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

LogicalResult PhaseOp::verify() {
  auto steps = llvm::range_size(getBody().getOps<StepOp>());
  for (auto task : getBody().getOps<DMAOp>())
    if (task.getStep() && *task.getStep() >= steps)
      return task.emitOpError("is of step ") << *task.getStep() << ", but the phase has " << steps;
  return success();
}

LogicalResult DDROp::verify() {
  if (getBytes() < 1 || getBytes() % 4)
    return emitOpError("'bytes' is ")
           << getBytes() << ": must be a positive multiple of 4 (whole words)";
  if (getOffset() && (*getOffset() < 0 || *getOffset() % 4))
    return emitOpError("'offset' is ") << *getOffset() << ": must be a multiple of 4, not negative";
  bool boundary = getBuffer() == BufferKind::Input || getBuffer() == BufferKind::Output;
  if (boundary != getDims().has_value())
    return emitOpError(boundary ? "a program input or output needs 'dims' and 'valid'"
                                : "only program inputs and outputs have 'dims' and 'valid'");
  if (boundary && (getDims()->empty() || product(*getDims()) != static_cast<int64_t>(getBytes())))
    return emitOpError("'dims' must multiply to 'bytes' (int8 elements)");
  if (boundary && (*getValid() < 1 || static_cast<int64_t>(*getValid()) > getDims()->back()))
    return emitOpError("'valid' must be 1..")
           << getDims()->back() << ", elements of the last dimension";
  bool weights = getBuffer() == BufferKind::Weights;
  if (weights != getInit().has_value())
    return emitOpError(weights ? "weights need their bytes: '= dense<...>'"
                               : "only weights have initial bytes");
  if (weights) {
    ShapedType type = getInit()->getShapedType();
    if (!type.getElementType().isInteger(8) ||
        type.getNumElements() != static_cast<int64_t>(getBytes()))
      return emitOpError("initial bytes must be tensor<") << getBytes() << "xi8>, not " << type;
  }
  return success();
}

//===- places and memory
//--------------------------------------------------------------------------===//

LogicalResult TileOp::verify() {
  if (getCol().has_value() && (*getCol() < 0 || *getRow() < 0))
    return emitOpError("coordinates (")
           << *getCol() << ", " << *getRow() << ") must not be negative";
  return success();
}

static LogicalResult verifyBytes(Operation *op, int64_t bytes, std::optional<int64_t> address) {
  if (bytes < 4 || bytes % 4)
    return op->emitOpError("'bytes' is ")
           << bytes << ": must be a positive multiple of 4 (whole words)";
  if (address && (*address < 0 || *address % 4))
    return op->emitOpError("'address' is ")
           << *address << ": must be a multiple of 4, not negative";
  return success();
}

static LogicalResult verifyLive(Operation *op, std::optional<ArrayRef<int64_t>> live) {
  if (live && (live->size() != 2 || (*live)[0] < 0 || (*live)[1] < (*live)[0]))
    return op->emitOpError("'live' must be the first and the last step");
  return success();
}

static TileOp tileOf(Value tile) { return tile.getDefiningOp<TileOp>(); }

LogicalResult WindowOp::verify() {
  if (tileOf(getTile()).getKind() == TileKind::Shim)
    return emitOpError("cannot be on a shim tile: it has no memory");
  // A lock counts to 63 (AM025); BD iteration wraps after at most 64.
  if (getDepth() < 1 || getDepth() > 63)
    return emitOpError("'depth' is ") << getDepth() << ": must be 1..63, what its locks can count";
  if (failed(verifyBytes(*this, getBytes(), getAddress())))
    return failure();
  if (getStride() && getDepth() > 1 && *getStride() < getBytes())
    return emitOpError("'stride' is ")
           << *getStride() << ", less than the buffer's " << getBytes() << " bytes";
  if (getLocks() && (getLocks()->size() != 2 || (*getLocks())[0] == (*getLocks())[1]))
    return emitOpError("'locks' must be two different numbers: [empty, full]");
  return verifyLive(*this, getLive());
}

LogicalResult BufferOp::verify() {
  if (tileOf(getTile()).getKind() != TileKind::Core)
    return emitOpError("must be on a core tile: it is a kernel's scratch memory");
  if (failed(verifyLive(*this, getLive())))
    return failure();
  return verifyBytes(*this, getBytes(), getAddress());
}

//===- data movement
//------------------------------------------------------------------------------===//

LogicalResult StreamOp::verify() {
  if (getTargets().empty())
    return emitOpError("needs at least one target");
  llvm::SmallPtrSet<Value, 8> seen;
  for (Value target : getTargets())
    if (!seen.insert(target).second)
      return emitOpError("lists a target twice");
  return success();
}

LogicalResult CascadeOp::verify() {
  for (Value tile : {getSource(), getTarget()})
    if (tileOf(tile).getKind() != TileKind::Core)
      return emitOpError("joins core tiles only");
  if (getSource() == getTarget())
    return emitOpError("leads from a core to itself");
  // 512 bits at a time (AM020); a call's block is what the emulator keeps of it.
  int64_t bytes = getBytes();
  if (bytes < 64 || bytes % 64 || bytes > CORE_PROGRAM_CASCADE_BYTES)
    return emitOpError("'bytes' is ") << bytes << ": must be a multiple of 64 (512 bits), at most "
                                      << CORE_PROGRAM_CASCADE_BYTES << "; send less in each call";
  for (auto other : cast<PhaseOp>((*this)->getParentOp()).getBody().getOps<CascadeOp>()) {
    if (other == *this)
      break;
    if (other.getSource() == getSource() || other.getTarget() == getTarget())
      return emitOpError("is the second cascade ")
             << (other.getSource() == getSource() ? "out of" : "into") << " a core: it has one";
  }
  return success();
}

int64_t DMAOp::getTotalWords() {
  int64_t words = 0;
  for (auto bd : getBody().getOps<BDOp>())
    words += bd.getWords();
  return words * getRepeat();
}

LogicalResult DMAOp::verify() {
  if (getRepeat() < 1)
    return emitOpError("'repeat' must be at least 1");
  auto phase = cast<PhaseOp>((*this)->getParentOp());
  bool once = phase.getMode() == PhaseMode::Once;
  if ((phase.stays() != (getEndless() || getStep()) && !(once && getEndless())) ||
      (getEndless() && getStep()))
    return emitOpError("must be 'endless' or have a 'step' in a resident phase or a pipeline; "
                       "elsewhere it has no step, and is 'endless' in a phase of mode once only");
  bool repeats = getRepeat() != 1 && phase.getMode() == PhaseMode::Resident;
  if (getEndless() && (getToken() || repeats))
    return emitOpError("is 'endless', so it has no 'token', nor 'repeat' in a resident phase");
  if (getAwaits() && !getStep())
    return emitOpError("'awaits' the step before its own, so it needs a 'step'");
  if (getPackets() && (getDirection() != Direction::S2MM || !getEndless() || once))
    return emitOpError("takes 'packets', which only an endless s2mm task of a resident phase does");
  if (once && getEndless() && failed(verifyIsHeldBack()))
    return failure();
  if (getBody().front().empty())
    return emitOpError("needs at least one adf.bd");
  for (Operation &op : getBody().getOps())
    if (!isa<BDOp>(op))
      return op.emitOpError("has no place in adf.dma: it holds adf.bd");
  return success();
}

/// When the phase ends, its channel must be able to be reset, with nothing on its way.
LogicalResult DMAOp::verifyIsHeldBack() {
  if (getTile().getDefiningOp<TileOp>().getKind() == TileKind::Shim)
    return emitOpError("is 'endless' on a shim tile, whose channels cannot be reset when the phase "
                       "has ended: give it a 'repeat'");
  auto bds = getBody().getOps<BDOp>();
  if (getDirection() == Direction::MM2S && !bds.empty() && !(*bds.begin()).getAcquire())
    return emitOpError("is 'endless' and sends without a lock: let its first descriptor acquire "
                       "one, or give it a 'repeat'");
  return success();
}

LogicalResult DMAOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto stream = symbols.lookupSymbolIn<StreamOp>((*this)->getParentOp(), getStreamAttr());
  if (!stream)
    return emitOpError("names the stream ") << getStreamAttr() << ", which is not in its phase";
  bool source = getDirection() == Direction::MM2S;
  bool attached =
      source ? stream.getSource() == getTile() : llvm::is_contained(stream.getTargets(), getTile());
  if (!attached)
    return emitOpError("is on a tile that is not ")
           << (source ? "the source" : "a target") << " of " << getStreamAttr();
  return success();
}

int64_t BDOp::getMemoryWords() { return product(getCounts()); }

int64_t BDOp::getWords() {
  int64_t words = 1;
  for (auto [i, count] : llvm::enumerate(getCounts())) {
    words *= count;
    if (getPadBefore() && i < getPadBefore()->size())
      words = words / count * (count + (*getPadBefore())[i] + (*getPadAfter())[i]);
  }
  return words;
}

int64_t BDOp::getEndWord() {
  int64_t last = getOffset();
  for (auto [count, step] : llvm::zip_equal(getCounts(), getSteps()))
    last += (count - 1) * step;
  if (getIteration())
    last += ((*getIteration())[0] - 1) * (*getIteration())[1];
  return last + 1;
}

static LogicalResult verifyDims(BDOp bd) {
  if (bd.getCounts().empty() || bd.getCounts().size() != bd.getSteps().size())
    return bd.emitOpError("'dims' needs at least one <count x step>");
  for (int64_t count : bd.getCounts())
    if (count < 1)
      return bd.emitOpError("'dims' has the count ") << count << ": must be at least 1";
  for (int64_t step : bd.getSteps())
    if (step < 0)
      return bd.emitOpError("'dims' has the step ") << step << ": must not be negative";
  if (bd.getPadBefore()) {
    if (bd.getPadBefore()->size() > bd.getCounts().size())
      return bd.emitOpError("'pad' has more dimensions than 'dims'");
    for (int64_t pad : llvm::concat<const int64_t>(*bd.getPadBefore(), *bd.getPadAfter()))
      if (pad < 0)
        return bd.emitOpError("'pad' has ") << pad << ": must not be negative";
  }
  // Iteration wrap is a 6-bit field, stored less one (AM025).
  if (std::optional<ArrayRef<int64_t>> iteration = bd.getIteration()) {
    if (iteration->size() < 2 || iteration->size() > 3 || (*iteration)[0] < 1 ||
        (*iteration)[0] > 64 || (*iteration)[1] < 0)
      return bd.emitOpError(
          "'iteration' must be <wrap x step> with a wrap of 1..64 and a step that is not negative");
    if (iteration->size() > 2 && ((*iteration)[2] < 0 || (*iteration)[2] >= (*iteration)[0]))
      return bd.emitOpError("'iteration' begins with run ")
             << (*iteration)[2] << ": must be one of its " << (*iteration)[0] << ", from 0 on";
  }
  return success();
}

static LogicalResult verifyWindowBD(BDOp bd, DMAOp dma) {
  auto window = bd.getWindow().getDefiningOp<WindowOp>();
  if (window.getTile() != dma.getTile() && (tileOf(window.getTile()).getKind() != TileKind::Mem ||
                                            tileOf(dma.getTile()).getKind() != TileKind::Mem))
    return bd.emitOpError("uses a window of another tile than its channel's: only memory tiles "
                          "reach their neighbours'");
  if (window.getDepth() == 1 || !bd.getIteration())
    return verifyEnd(bd, "a window", window.getBytes());
  if (window.getStride() != window.getBytes())
    return bd.emitOpError(
        "must not have 'iteration' unless the window's buffers follow one another: "
        "on a window of depth > 1 it goes round the ring by itself");
  return verifyEnd(bd, "a window", window.getDepth() * window.getBytes());
}

LogicalResult BDOp::verify() {
  auto dma = cast<DMAOp>((*this)->getParentOp());
  TileKind kind = tileOf(dma.getTile()).getKind();
  if (static_cast<bool>(getWindow()) == getDdr().has_value())
    return emitOpError("needs either a window or a DDR piece");
  if ((kind == TileKind::Shim) != getDdr().has_value())
    return emitOpError("shim tiles move DDR pieces, memory and core tiles move windows");
  if (getOffset() < 0)
    return emitOpError("'offset' must not be negative");
  if (failed(verifyDims(*this)))
    return failure();
  if (getPadBefore() && (kind != TileKind::Mem || dma.getDirection() != Direction::MM2S))
    return emitOpError("only memory tiles pad, and only on mm2s");
  if (getWindow())
    return verifyWindowBD(*this, dma);
  if (getAcquire() || getRelease())
    return emitOpError("must not use locks: DDR pieces have none");
  return success();
}

//===- core programs
//------------------------------------------------------------------------------===//

static LogicalResult verifyCoreBody(Operation *owner, Block &body) {
  for (Operation &op : body)
    if (!isa<LoopOp, AcquireOp, ReleaseOp, AdvanceOp, CallOp>(op))
      return op.emitOpError("has no place in a core program");
  return success();
}

/// Which neighbours' windows are in reach is checked where tiles have places.
static LogicalResult verifyMemory(CoreOp core, Operation *op, Value memory) {
  Operation *definition = memory.getDefiningOp();
  if (auto cascade = dyn_cast<CascadeOp>(definition)) {
    if (cascade.getSource() == core.getTile() || cascade.getTarget() == core.getTile())
      return success();
    return op->emitOpError("uses a cascade that is not its core's");
  }
  Value tile = isa<WindowOp>(definition) ? cast<WindowOp>(definition).getTile()
                                         : cast<BufferOp>(definition).getTile();
  if (tile == core.getTile() ||
      (isa<WindowOp>(definition) && tileOf(tile).getKind() == TileKind::Core))
    return success();
  return op->emitOpError("uses memory that is neither its core's nor a window of another core");
}

LogicalResult CoreOp::verify() {
  if (tileOf(getTile()).getKind() != TileKind::Core)
    return emitOpError("must be on a core tile");
  if (failed(verifyCoreBody(*this, getBody().front())))
    return failure();
  WalkResult result = (*this)->walk([&](Operation *op) {
    for (Value operand : op->getOperands())
      if (op != getOperation() && failed(verifyMemory(*this, op, operand)))
        return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

LogicalResult LoopOp::verify() {
  if (getCount() < 1)
    return emitOpError("'count' must be at least 1");
  unsigned nesting = 1;
  for (Operation *op = (*this)->getParentOp(); isa<LoopOp>(op); op = op->getParentOp())
    ++nesting;
  if (nesting > 4)
    return emitOpError("is nested more than four deep, which core programs cannot express");
  return verifyCoreBody(*this, getBody().front());
}

LogicalResult CallOp::verify() {
  if (getOperands().size() > 8 || getImmediates().size() > 8)
    return emitOpError("takes at most 8 buffers and 8 immediates");
  if (getCycles() < 1)
    return emitOpError("'cycles' must be at least 1");
  return success();
}
