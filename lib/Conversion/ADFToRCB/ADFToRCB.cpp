//===- ADFToRCB.cpp - convert-adf-to-rcb ----------------------------------===//
#include "Conversion/ADFToRCB/ADFToRCB.h"

#include "Conversion/ADFToRCB/PhaseEmitter.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace adfc;

namespace adfc {
#define GEN_PASS_DEF_CONVERTADFTORCB
#include "Conversion/ADFToRCB/ADFToRCBPasses.h.inc"
} // namespace adfc

namespace {

/// DDR buffers end at a multiple of this, as their pieces start (a cache line of the host).
constexpr int64_t bufferAlignment = 64;

/// Turns one program into an image.
class ImageBuilder {
public:
  ImageBuilder(adf::ProgramOp program, const DeviceModel &device)
      : program(program), device(device), symbols(program), builder(program) {}

  LogicalResult run();

private:
  int64_t bufferBytes(adf::BufferKind kind);
  LogicalResult addPieces();
  void addKernels();
  void addLayer(adf::PhaseOp phase, uint32_t id);
  void addSteps(adf::PhaseOp phase);
  LogicalResult addProgram();

  adf::ProgramOp program;
  const DeviceModel &device;
  SymbolTable symbols;
  OpBuilder builder;
  llvm::StringMap<uint32_t> kernelIds;
};

int64_t ImageBuilder::bufferBytes(adf::BufferKind kind) {
  int64_t bytes = 0;
  for (auto ddr : program.getBody().getOps<adf::DDROp>())
    if (ddr.getBuffer() == kind)
      bytes = std::max(bytes, static_cast<int64_t>(*ddr.getOffset() + ddr.getBytes()));
  return static_cast<int64_t>(llvm::alignTo(bytes, bufferAlignment));
}

/// Inputs, outputs and weights.
LogicalResult ImageBuilder::addPieces() {
  for (auto ddr : program.getBody().getOps<adf::DDROp>()) {
    auto offset = static_cast<int64_t>(*ddr.getOffset());
    if (ddr.getBuffer() == adf::BufferKind::Weights)
      rcb::DataOp::create(builder, ddr.getLoc(), ddr.getSymName(), offset, *ddr.getInit());
    else if (ddr.getBuffer() != adf::BufferKind::Arena)
      rcb::IoOp::create(builder, ddr.getLoc(), ddr.getSymName(),
                        static_cast<rcb::Buffer>(ddr.getBuffer()), offset, *ddr.getDims(),
                        *ddr.getValid());
  }
  return success();
}

void ImageBuilder::addKernels() {
  for (auto kernel : program.getBody().getOps<adf::KernelDefOp>()) {
    auto id = static_cast<uint32_t>(kernelIds.size());
    kernelIds[kernel.getSymName()] = id;
    rcb::KernelOp::create(builder, kernel.getLoc(), kernel.getSymName(), id, kernel.getKind(),
                          kernel.getConfig());
  }
}

/// End of the memory that a window or buffer takes, in bytes.
int64_t memoryEnd(Operation &op) {
  if (auto window = dyn_cast<adf::WindowOp>(op); window && window.getAddress())
    return static_cast<int64_t>(*window.getAddress() + window.getBytes() +
                                (window.getDepth() - 1) * *window.getStride());
  if (auto buffer = dyn_cast<adf::BufferOp>(op); buffer && buffer.getAddress())
    return static_cast<int64_t>(*buffer.getAddress() + buffer.getBytes());
  return 0;
}

void ImageBuilder::addLayer(adf::PhaseOp phase, uint32_t id) {
  int64_t cores = 0, ddrBytes = 0, coreBytes = 0;
  StringRef kind = "none";
  auto kindOf = [](Value tile) { return tile.getDefiningOp<adf::TileOp>().getKind(); };
  phase.walk([&](Operation *op) {
    if (auto call = dyn_cast<adf::CallOp>(op)) {
      kind = symbols.lookup<adf::KernelDefOp>(call.getKernel()).getKind();
    } else if (isa<adf::CoreOp>(op)) {
      ++cores;
    } else if (auto task = dyn_cast<adf::DMAOp>(op)) {
      if (kindOf(task.getTile()) == adf::TileKind::Shim)
        ddrBytes += 4 * task.getTotalWords();
    } else if (isa<adf::WindowOp, adf::BufferOp>(op)) {
      if (kindOf(op->getOperand(0)) == adf::TileKind::Core)
        coreBytes = std::max(coreBytes, memoryEnd(*op));
    }
  });
  rcb::LayerOp::create(builder, phase.getLoc(), id, phase.getLayer(), kind, phase.getMacs(), cores,
                       ddrBytes, coreBytes);
}

/// Bytes that each step's shims move from and to DDR.
static SmallVector<int64_t> ddrBytesOfSteps(adf::PhaseOp phase, size_t steps) {
  SmallVector<int64_t> bytes(steps, 0);
  for (auto task : phase.getBody().getOps<adf::DMAOp>())
    if (task.getStep() &&
        task.getTile().getDefiningOp<adf::TileOp>().getKind() == adf::TileKind::Shim)
      bytes[*task.getStep()] += 4 * task.getTotalWords();
  return bytes;
}

/// The steps of a resident phase are the program's layers.
void ImageBuilder::addSteps(adf::PhaseOp phase) {
  auto steps = llvm::to_vector(phase.getBody().getOps<adf::StepOp>());
  SmallVector<int64_t> ddrBytes = ddrBytesOfSteps(phase, steps.size());
  int64_t coreBytes = 0;
  for (Operation &op : phase.getBody().getOps())
    if (isa<adf::WindowOp, adf::BufferOp>(op) &&
        op.getOperand(0).getDefiningOp<adf::TileOp>().getKind() == adf::TileKind::Core)
      coreBytes = std::max(coreBytes, memoryEnd(op));
  for (auto [id, step] : llvm::enumerate(steps))
    rcb::LayerOp::create(builder, step.getLoc(), static_cast<uint32_t>(id), step.getLayer(),
                         step.getKind(), step.getMacs(), step.getCores(), ddrBytes[id], coreBytes);
}

static rcb::ProgramOp makeProgram(OpBuilder &builder, Location location, bool load) {
  auto list = rcb::ProgramOp::create(builder, location, load);
  list.getBody().emplaceBlock();
  return list;
}

/// The first phase; where it has no cores, and each inference runs it, all up to one that has.
static size_t phasesTogether(ArrayRef<adf::PhaseOp> phases) {
  auto loads = [](adf::PhaseOp phase) {
    return phase.getMode() == adf::PhaseMode::Once && phase.getBody().getOps<adf::CoreOp>().empty();
  };
  size_t loading = llvm::find_if_not(phases, loads) - phases.begin();
  adf::PhaseOp last = phases[std::min(loading, phases.size() - 1)];
  return loads(last) || last.getMode() != adf::PhaseMode::Once ? 1 : loading + 1;
}

LogicalResult ImageBuilder::addProgram() {
  Location location = program.getLoc();
  auto phases = llvm::to_vector(program.getBody().getOps<adf::PhaseOp>());
  bool stays = llvm::any_of(
      phases, [](adf::PhaseOp phase) { return phase.getMode() != adf::PhaseMode::Once; });
  rcb::ProgramOp load = stays ? makeProgram(builder, location, true) : nullptr;
  rcb::ProgramOp list = makeProgram(builder, location, false);
  OpBuilder inRun = OpBuilder::atBlockBegin(&list.getBody().front());
  OpBuilder inLoad = stays ? OpBuilder::atBlockBegin(&load.getBody().front()) : inRun;
  InstructionBuilder run(inRun), once(inLoad);
  InstructionBuilder &setUp = stays ? once : run;
  PhaseEmitter emitter(device, setUp, symbols, kernelIds);
  run.add<rcb::CacheSyncOp>(location, rcb::Buffer::INPUT, rcb::Direction::MM2S);
  setUp.add<rcb::CacheSyncOp>(location, rcb::Buffer::WEIGHTS, rcb::Direction::MM2S);
  emitter.emitStart(program);
  uint32_t id = 0;
  for (adf::PhaseOp phase : phases)
    if (phase.stays()) {
      addSteps(phase);
      id += static_cast<uint32_t>(llvm::range_size(phase.getBody().getOps<adf::StepOp>()));
    }
  for (ArrayRef<adf::PhaseOp> rest = phases; !rest.empty();) {
    ArrayRef<adf::PhaseOp> now = rest.take_front(phasesTogether(rest));
    rest = rest.drop_front(now.size());
    adf::PhaseOp phase = now.front();
    emitter.emitTo(phase.getMode() == adf::PhaseMode::Once ? run : setUp);
    if (phase.stays()) {
      if (failed(emitter.emitResident(phase, run)))
        return failure();
      continue;
    }
    if (phase.getMode() == adf::PhaseMode::Once)
      for (auto [i, each] : llvm::enumerate(now))
        addLayer(each, id + static_cast<uint32_t>(i));
    if (failed(emitter.emit(now, id)))
      return failure();
    id += static_cast<uint32_t>(now.size());
  }
  run.add<rcb::CacheSyncOp>(location, rcb::Buffer::OUTPUT, rcb::Direction::S2MM);
  run.add<rcb::EndOp>(location);
  if (stays)
    once.add<rcb::EndOp>(location);
  SmallVector<int32_t> words(emitter.corePrograms().words());
  builder.setInsertionPoint(stays ? load : list);
  rcb::CoreProgramsOp::create(builder, location, words);
  return success();
}

LogicalResult ImageBuilder::run() {
  for (auto ddr : program.getBody().getOps<adf::DDROp>())
    if (!ddr.getOffset())
      return ddr.emitOpError("has no offset: run adf-allocate first");
  auto image = rcb::ImageOp::create(
      builder, program.getLoc(), program.getSymName(), program.getDevice(),
      bufferBytes(adf::BufferKind::Input), bufferBytes(adf::BufferKind::Output),
      bufferBytes(adf::BufferKind::Arena), bufferBytes(adf::BufferKind::Weights));
  builder.setInsertionPointToStart(&image.getBody().emplaceBlock());
  addKernels();
  if (failed(addPieces()) || failed(addProgram()))
    return failure();
  program.erase();
  return success();
}

struct ConvertADFToRCBPass : adfc::impl::ConvertADFToRCBBase<ConvertADFToRCBPass> {
  using ConvertADFToRCBBase::ConvertADFToRCBBase;

  void runOnOperation() override {
    for (auto program : llvm::make_early_inc_range(getOperation().getOps<adf::ProgramOp>())) {
      const DeviceModel *device = deviceOf(program);
      if (!device || failed(ImageBuilder(program, *device).run()))
        return signalPassFailure();
    }
  }
};

} // namespace
