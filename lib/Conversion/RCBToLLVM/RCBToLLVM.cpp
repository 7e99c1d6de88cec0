//===- RCBToLLVM.cpp - convert-rcb-to-llvm --------------------------------===//
//
// What each instruction calls, and with what, is the engine's doing: see runtime/engine/engine.c.
//
//===----------------------------------------------------------------------===//
#include "Conversion/RCBToLLVM/RCBToLLVM.h"

#include "Conversion/RCBToLLVM/RhalCalls.h"
#include "RCB/RCBDialect.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace adfc;

namespace adfc {
#define GEN_PASS_DEF_CONVERTRCBTOLLVM
#include "Conversion/RCBToLLVM/RCBToLLVMPasses.h.inc"
} // namespace adfc

namespace {

constexpr llvm::StringLiteral entryName = "adfc_native_program";
constexpr llvm::StringLiteral loadName = "adfc_native_load";
constexpr llvm::StringLiteral bindName = "adfc_native_bind";
constexpr llvm::StringLiteral pollName = "adfc_native_poll";
constexpr llvm::StringLiteral coreProgramsName = "adfc_native_core_programs";

/// Lowers one image's instructions.
class Lowering {
public:
  Lowering(ModuleOp module, rcb::ImageOp image)
      : builder(module.getContext()), calls(module, builder), image(image),
        coreWords(static_cast<int64_t>(image.getCorePrograms().getWords().size())) {}

  void run(int64_t partInstructions);

private:
  void addBind(Location location);
  void addPoll(Location location);
  void addProgram(rcb::ProgramOp program, StringRef name, int64_t partInstructions);
  std::string addPart(ArrayRef<Operation *> instructions);
  void lower(Operation *op);
  void lowerWrites(Operation *op);

  Value word(Operation *op, uint32_t value) { return calls.word(op->getLoc(), value); }
  void checked(Operation *op, StringRef name, ValueRange arguments) {
    calls.checked(op->getLoc(), name, arguments);
  }

  OpBuilder builder;
  RhalCalls calls;
  rcb::ImageOp image;
  int64_t coreWords;
  size_t partCount = 0;
};

/// i32 adfc_native_bind(i32 address, i32 buffer, i64 offset): the engine's BIND_BUFFER.
void Lowering::addBind(Location location) {
  LLVM::LLVMFuncOp function =
      calls.begin(location, bindName, /*isPublic=*/false, {calls.i32(), calls.i32(), calls.i64()});
  Value address = function.getArgument(0);
  Value slot = calls.slot(location, calls.i64());
  calls.checked(location, "rhal_buffer_address", {function.getArgument(1), slot});
  Value base = LLVM::LoadOp::create(builder, location, calls.i64(), slot);
  Value target = LLVM::AddOp::create(builder, location, base, function.getArgument(2));
  Value low = LLVM::TruncOp::create(builder, location, calls.i32(), target);
  calls.checked(location, "rhal_write32", {address, low});
  Value shifted = LLVM::LShrOp::create(builder, location, target, calls.wide(location, 32));
  Value high = LLVM::TruncOp::create(builder, location, calls.i32(), shifted);
  Value next = LLVM::AddOp::create(builder, location, address, calls.word(location, 4));
  calls.checked(location, "rhal_mask_write32", {next, calls.word(location, 0xFFFF), high});
  calls.end(location);
}

/// i32 adfc_native_poll(i32 address, i32 mask, i32 value, i32 max_cycles): a poll whose last value
/// nobody wants.
void Lowering::addPoll(Location location) {
  SmallVector<Type> parameters(4, calls.i32());
  LLVM::LLVMFuncOp function = calls.begin(location, pollName, /*isPublic=*/false, parameters);
  SmallVector<Value> arguments(function.getArguments());
  arguments.push_back(calls.slot(location, calls.i32()));
  calls.checked(location, "rhal_poll", arguments);
  calls.end(location);
}

void Lowering::lowerWrites(Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](rcb::Write32Op write) {
        checked(op, "rhal_write32", {word(op, write.getAddress()), word(op, write.getValue())});
      })
      .Case([&](rcb::MaskWrite32Op write) {
        checked(
            op, "rhal_mask_write32",
            {word(op, write.getAddress()), word(op, write.getMask()), word(op, write.getValue())});
      })
      .Case([&](rcb::BlockWriteOp write) {
        ArrayRef<int32_t> words = write.getWords();
        checked(op, "rhal_block_write",
                {word(op, write.getAddress()), calls.words(op->getLoc(), words),
                 word(op, static_cast<uint32_t>(words.size()))});
      })
      .Case([&](rcb::BlockSetOp set) {
        checked(op, "rhal_block_set",
                {word(op, set.getAddress()), word(op, set.getValue()), word(op, set.getCount())});
      })
      .Case([&](rcb::BindBufferOp bind) {
        checked(op, bindName,
                {word(op, bind.getAddress()), word(op, static_cast<uint32_t>(bind.getBuffer())),
                 calls.wide(op->getLoc(), bind.getOffset())});
      });
}

void Lowering::lower(Operation *op) {
  Type none = LLVM::LLVMVoidType::get(op->getContext());
  llvm::TypeSwitch<Operation *>(op)
      .Case<rcb::Write32Op, rcb::MaskWrite32Op, rcb::BlockWriteOp, rcb::BlockSetOp,
            rcb::BindBufferOp>([&](Operation *write) { lowerWrites(write); })
      .Case([&](rcb::MaskPollOp poll) {
        checked(op, pollName,
                {word(op, poll.getAddress()), word(op, poll.getMask()), word(op, poll.getValue()),
                 word(op, poll.getMaxCycles())});
      })
      .Case([&](rcb::WaitTaskOp wait) {
        checked(op, "rhal_wait_task",
                {word(op, wait.getTile()), word(op, static_cast<uint32_t>(wait.getDirection())),
                 word(op, wait.getChannel()), word(op, wait.getMaxCycles())});
      })
      .Case([&](rcb::LoadCoreOp load) {
        checked(op, "rhal_load_core",
                {word(op, load.getTile()),
                 calls.element(op->getLoc(), coreProgramsName, coreWords, load.getOffset() / 4),
                 word(op, load.getWords())});
      })
      .Case([&](rcb::CacheSyncOp sync) {
        checked(op, "rhal_cache_sync",
                {word(op, static_cast<uint32_t>(sync.getBuffer())),
                 word(op, static_cast<uint32_t>(sync.getDirection()))});
      })
      .Case([&](rcb::BarrierOp) { checked(op, "rhal_barrier", {}); })
      .Case([&](rcb::TimestampOp stamp) {
        calls.call(op->getLoc(), "rhal_timestamp", none, {word(op, stamp.getId())});
      })
      .Case([&](rcb::PhaseOp phase) {
        calls.call(op->getLoc(), "rhal_phase", none, {word(op, phase.getId())});
      })
      .Case<rcb::NopOp, rcb::EndOp>([](Operation *) {});
}

std::string Lowering::addPart(ArrayRef<Operation *> instructions) {
  std::string name = ("adfc_native_part_" + llvm::Twine(partCount++)).str();
  Location location = instructions.front()->getLoc();
  calls.begin(location, name, /*isPublic=*/false);
  for (Operation *op : instructions)
    lower(op);
  calls.end(location);
  return name;
}

/// i32 `name`(): the program's instructions.
void Lowering::addProgram(rcb::ProgramOp program, StringRef name, int64_t partInstructions) {
  Location location = image.getLoc();
  SmallVector<Operation *> instructions;
  for (Operation &op : program.getBody().front())
    instructions.push_back(&op);
  SmallVector<std::string> parts;
  ArrayRef<Operation *> rest = instructions;
  while (!rest.empty()) {
    size_t count = std::min(rest.size(), static_cast<size_t>(partInstructions));
    parts.push_back(addPart(rest.take_front(count)));
    rest = rest.drop_front(count);
  }
  calls.begin(location, name, /*isPublic=*/true);
  for (const std::string &part : parts)
    calls.checked(location, part, {});
  calls.end(location);
}

/// Whether a program of the image has an operation of this kind.
template <typename OpT> static bool has(rcb::ImageOp image) {
  return llvm::any_of(image.getBody().getOps<rcb::ProgramOp>(), [](rcb::ProgramOp program) {
    return !program.getBody().getOps<OpT>().empty();
  });
}

void Lowering::run(int64_t partInstructions) {
  Location location = image.getLoc();
  if (coreWords)
    calls.addGlobal(location, coreProgramsName, image.getCorePrograms().getWords());
  if (has<rcb::BindBufferOp>(image))
    addBind(location);
  if (has<rcb::MaskPollOp>(image))
    addPoll(location);
  if (rcb::ProgramOp load = image.getLoadProgram())
    addProgram(load, loadName, partInstructions);
  addProgram(image.getProgram(), entryName, partInstructions);
  image.erase();
}

struct ConvertRCBToLLVMPass : adfc::impl::ConvertRCBToLLVMBase<ConvertRCBToLLVMPass> {
  using ConvertRCBToLLVMBase::ConvertRCBToLLVMBase;

  void runOnOperation() override {
    auto images = llvm::to_vector(getOperation().getOps<rcb::ImageOp>());
    if (images.size() != 1) {
      getOperation().emitError("must hold exactly one rcb.image to become a native program, not ")
          << images.size();
      return signalPassFailure();
    }
    if (partInstructions < 1) {
      getOperation().emitError("part-instructions must be at least 1");
      return signalPassFailure();
    }
    Lowering(getOperation(), images.front()).run(partInstructions);
  }
};

} // namespace
