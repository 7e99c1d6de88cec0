//===- ADFAttrs.cpp - enums and attributes of the adf dialect -------------===//
#include "ADF/ADFDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace adfc::adf;

#include "ADF/ADFEnums.cpp.inc"

/// `>=` or `==`.
static ParseResult parseComparison(AsmParser &parser, bool &equal) {
  // '=' twice, '>' then '=': MLIR's lexer has no '>=' or '=='.
  equal = succeeded(parser.parseOptionalEqual());
  if (!equal && parser.parseGreater())
    return failure();
  return parser.parseEqual();
}
static void printComparison(AsmPrinter &printer, bool equal) { printer << (equal ? "==" : ">="); }

#define GET_ATTRDEF_CLASSES
#include "ADF/ADFAttrs.cpp.inc"

void ADFDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "ADF/ADFAttrs.cpp.inc"
      >();
}

using Emit = function_ref<InFlightDiagnostic()>;

LogicalResult RescaleAttr::verify(Emit emit, int64_t multiplier, int64_t shift) {
  if (multiplier < 0 || multiplier > INT16_MAX)
    return emit() << "multiplier " << multiplier
                  << " is not in 0..32767: rescale by 16-bit multipliers";
  // TOSA 1.0 RESCALE: 2 <= shift <= 62.
  if (shift < 2 || shift > 62)
    return emit() << "shift " << shift << " is not in 2..62";
  return success();
}

/// Above every extent that fits an array, and so low that no product of a schedule's numbers leaves
/// 64 bits.
constexpr int64_t kMaxExtent = UINT16_MAX;

/// Channels of a memory tile, in each direction (AM020); sets of one core, if there are so many
/// that joins help the hubs.
constexpr int64_t kChannels = 6, kMostSets = kChannels + 2 * (kChannels - 2);

/// What a lock can count to (AM025, 6-bit semaphores).
constexpr int64_t kMaxDepth = 63;

static LogicalResult verifyNumbers(Emit emit, StringRef name, ArrayRef<int64_t> values,
                                   size_t count, int64_t most = kMaxExtent) {
  if (values.size() != count)
    return emit() << "'" << name << "' needs " << count << " numbers, not " << values.size();
  for (int64_t value : values) {
    if (value < 1)
      return emit() << "'" << name << "' has " << value << ": each number must be at least 1";
    if (value > most)
      return emit() << "'" << name << "' has " << value << ": each number must be at most " << most;
  }
  return success();
}

LogicalResult ScheduleAttr::verify(Emit emit, DenseI64ArrayAttr grid, DenseI64ArrayAttr tile,
                                   DenseI64ArrayAttr depth, DenseI64ArrayAttr memtiles,
                                   int64_t rounds, int64_t cycles, bool, int64_t first,
                                   int64_t members, int64_t later, bool, int64_t handover, bool) {
  if (failed(verifyNumbers(emit, "grid", grid, 2)) ||
      failed(verifyNumbers(emit, "tile", tile, 4)) ||
      failed(verifyNumbers(emit, "depth", depth, 3, kMaxDepth)) ||
      (memtiles && failed(verifyNumbers(emit, "memtiles", memtiles, 2))))
    return failure();
  if (rounds < 1 || cycles < 1)
    return emit() << "'rounds' and 'cycles' must be at least 1";
  if (first < 0 || first >= kMostSets)
    return emit() << "'first' is " << first << ": there are at most " << kMostSets
                  << " sets, from 0";
  if (members < 0 || members > 5)
    return emit() << "'members' is " << members << ": a set has at most 5 cores";
  if (rounds > kMaxExtent)
    return emit() << "'rounds' is " << rounds << ": must be at most " << kMaxExtent;
  if (later < 0 || later > cycles)
    return emit() << "'later' is " << later << ": such a call computes less, in at most " << cycles
                  << " cycles";
  // One word of a core program each.
  if (cycles > UINT32_MAX)
    return emit() << "'cycles' is " << cycles << ": must be at most " << UINT32_MAX;
  if (handover < 0 || handover > UINT32_MAX)
    return emit() << "'handover' is " << handover << ": must be 0 to " << UINT32_MAX;
  return success();
}

LogicalResult ResidentAttr::verify(Emit emit, int64_t sets, int64_t cores, int64_t hubs,
                                   int64_t activations, DenseI64ArrayAttr weights, int64_t output,
                                   bool streamed, bool, int64_t stack, bool shared,
                                   int64_t buffers) {
  // One of a join's channels brings inputs. What a hub has no channel for is received and sent by
  // the two joins beside it, with channels that they have left: to send, two.
  if (sets < 1 || cores < 1 || cores >= kChannels)
    return emit() << "'sets' and 'cores' are " << sets << " and " << cores
                  << ": sets have 1 to 5 cores";
  int64_t over = sets - kChannels, left = 2 * (kChannels - 1 - cores);
  if (over > 0 && (over > left || shared || 2 * hubs > sets))
    return emit() << "'sets' is " << sets << ": more than 6 take joins of their own, two of them "
                  << "for each hub, and at most " << kChannels + left << " are possible of "
                  << cores << " cores";
  constexpr int64_t served = kChannels + 2 * 2;
  if (hubs < 1 || hubs > sets || sets > served * hubs)
    return emit() << "'hubs' is " << hubs << ": must be at most the " << sets
                  << " sets, and one serves at most " << served;
  if (stack < 1 || sets % stack)
    return emit() << "'stack' is " << stack << ", which must divide the " << sets << " sets";
  if (shared && (!streamed || cores > 4 || sets > sets * cores / stack))
    return emit() << "'shared' takes streamed weights, at most 4 cores in a set, and a column of "
                     "cores for each set";
  if (buffers < 2 || buffers > 3)
    return emit() << "'buffers' is " << buffers << ": a core has two or three for activations";
  if (activations < 4 || activations % 64 || output < 4 || output % 4)
    return emit() << "'activations' must be a positive multiple of 64 bytes, 'output' of 4";
  if (failed(verifyNumbers(emit, "weights", weights, 2)))
    return failure();
  if (weights[0] % 64 || weights[1] > 32 || !llvm::isPowerOf2_64(weights[1]))
    return emit() << "'weights' must be a multiple of 64 bytes and a power of two up to 32";
  return success();
}

LogicalResult StageAttr::verify(Emit emit, int64_t lanes, DenseI64ArrayAttr depths,
                                DenseI64ArrayAttr cores, DenseI64ArrayAttr joins,
                                DenseI64ArrayAttr slabs, DenseI64ArrayAttr weights,
                                DenseI64ArrayAttr relays, DenseI64ArrayAttr relayTiles,
                                int64_t cascade, int64_t handover, DenseI64ArrayAttr bands,
                                int64_t segment, bool gathered, bool paired) {
  if (lanes < 1)
    return emit() << "'lanes' is " << lanes << ": must be at least 1";
  if (cascade < 1 || cascade > 8)
    return emit() << "'cascade' is " << cascade << ": 1 to 8 cores make a sum";
  if (handover < 0)
    return emit() << "'handover' is " << handover << ": must not be negative";
  if (segment < 0)
    return emit() << "'segment' is " << segment << ": must not be negative";
  for (int64_t depth : depths.asArrayRef())
    if (depth < 1 || depth > kMaxDepth)
      return emit() << "'depths' has " << depth << ": must be 1 to " << kMaxDepth;
  if (bands && bands.size() != depths.size())
    return emit() << "'bands' has " << bands.size() << " numbers, 'depths' " << depths.size();
  if (gathered && (cascade > 1 || relays))
    return emit() << "has 'gathered', so its cores are in no cascade, and nothing comes through "
                     "'relays'";
  if (paired && cores.size() / 2 / cascade % 2)
    return emit() << "has 'paired', but an odd number of cores that have results";
  for (int64_t count : bands ? bands.asArrayRef() : ArrayRef<int64_t>())
    if (count < 1)
      return emit() << "'bands' has " << count << ": must be at least 1";
  for (auto [name, tiles] :
       {std::pair("cores", cores), std::pair("joins", joins), std::pair("slabs", slabs),
        std::pair("weights", weights), std::pair("relay_tiles", relayTiles)}) {
    if (!tiles)
      continue;
    if (tiles.size() % 2)
      return emit() << "'" << name << "' must be pairs of column and row";
    if (llvm::any_of(tiles.asArrayRef(), [](int64_t at) { return at < 0; }))
      return emit() << "'" << name << "' has a negative column or row";
  }
  if (cores.empty() || cores.size() % (2 * cascade) ||
      (!joins.empty() && joins.size() * cascade != cores.size()))
    return emit() << "'cores' needs at least one tile, 'joins' as many or none; with 'cascade', "
                     "'cores' has so many tiles for each of the joins";
  return success();
}

int64_t StageAttr::bandsOf(unsigned operand) const { return getBands() ? getBands()[operand] : 1; }

int64_t StageAttr::relaysOf(unsigned operand) const {
  return getRelays() ? getRelays()[operand] : 0;
}

size_t StageAttr::firstRelay(unsigned operand, size_t part, size_t parts) const {
  size_t before = 0;
  for (unsigned other = 0; other < operand; ++other)
    before += parts * relaysOf(other);
  return part ? before + part * relaysOf(operand) : before;
}

LogicalResult AcquireAttr::verify(Emit emit, LockKind, bool equal, int64_t value) {
  // A lock counts 0..63 (AM025, 6-bit semaphores); `>= 0` would never wait.
  if (value < (equal ? 0 : 1) || value > 63)
    return emit() << "value " << value << " is out of range: `>=` takes 1..63, `==` takes 0..63";
  return success();
}

LogicalResult ReleaseAttr::verify(Emit emit, LockKind, int64_t value) {
  if (value < 1 || value > 63)
    return emit() << "value " << value << " is not in 1..63";
  return success();
}

LogicalResult PortAttr::verify(Emit emit, PortKind kind, int64_t index) {
  if (index < 0 || index > 7)
    return emit() << stringifyPortKind(kind) << " port " << index << " does not exist on any tile";
  return success();
}
