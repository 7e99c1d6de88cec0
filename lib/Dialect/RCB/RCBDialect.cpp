//===- RCBDialect.cpp - The rcb dialect: text forms -----------------------===//
#include "RCB/RCBDialect.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace adfc::rcb;

#include "RCB/RCBDialect.cpp.inc"
#include "RCB/RCBEnums.cpp.inc"

void RCBDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "RCB/RCBOps.cpp.inc"
      >();
}

//===- Addresses, tiles and hexadecimal words -----------------------------===//

// (column << 25) | (row << 20) | offset: AM025, "AIE-ML tile address space".
static constexpr unsigned columnShift = 25, rowShift = 20;
static constexpr uint32_t offsetMask = (1u << rowShift) - 1;
static constexpr uint32_t rowMask = (1u << (columnShift - rowShift)) - 1;

static void setWord(OpAsmParser &parser, uint32_t word, IntegerAttr &attr) {
  attr = parser.getBuilder().getI32IntegerAttr(static_cast<int32_t>(word));
}

static ParseResult parseField(OpAsmParser &parser, StringRef what, uint64_t limit,
                              uint32_t &value) {
  SMLoc place = parser.getCurrentLocation();
  uint64_t parsed;
  if (parser.parseInteger(parsed))
    return failure();
  if (parsed > limit)
    return parser.emitError(place) << what << " must be at most " << limit;
  value = static_cast<uint32_t>(parsed);
  return success();
}

static ParseResult parseCoordinates(OpAsmParser &parser, uint64_t maxColumn, uint64_t maxRow,
                                    uint32_t &column, uint32_t &row) {
  return failure(parser.parseLParen() || parseField(parser, "a column", maxColumn, column) ||
                 parser.parseComma() || parseField(parser, "a row", maxRow, row) ||
                 parser.parseRParen());
}

static ParseResult parseAddress(OpAsmParser &parser, IntegerAttr &attr) {
  uint32_t column, row, offset;
  if (parseCoordinates(parser, UINT32_MAX >> columnShift, rowMask, column, row) ||
      parseField(parser, "an offset in a tile", offsetMask, offset))
    return failure();
  setWord(parser, column << columnShift | row << rowShift | offset, attr);
  return success();
}

static uint32_t wordOf(IntegerAttr attr) {
  return static_cast<uint32_t>(attr.getValue().getZExtValue());
}

static void printHexWord(OpAsmPrinter &printer, uint32_t word) {
  printer << llvm::format("0x%x", word);
}

static void printAddress(OpAsmPrinter &printer, Operation *, IntegerAttr attr) {
  uint32_t word = wordOf(attr);
  printer << "(" << (word >> columnShift) << ", " << (word >> rowShift & rowMask) << ") ";
  printHexWord(printer, word & offsetMask);
}

static ParseResult parseTile(OpAsmParser &parser, IntegerAttr &attr) {
  uint32_t column, row;
  if (parseCoordinates(parser, 0xFF, 0xFF, column, row))
    return failure();
  setWord(parser, column << 8 | row, attr);
  return success();
}

static void printTile(OpAsmPrinter &printer, Operation *, IntegerAttr attr) {
  uint32_t word = wordOf(attr);
  printer << "(" << (word >> 8) << ", " << (word & 0xFF) << ")";
}

static ParseResult parseHex(OpAsmParser &parser, IntegerAttr &attr) {
  uint32_t word;
  if (parseField(parser, "a word", UINT32_MAX, word))
    return failure();
  setWord(parser, word, attr);
  return success();
}

static void printHex(OpAsmPrinter &printer, Operation *, IntegerAttr attr) {
  printHexWord(printer, wordOf(attr));
}

static ParseResult parseHexWords(OpAsmParser &parser, DenseI32ArrayAttr &attr) {
  SmallVector<int32_t> words;
  auto parseWord = [&]() -> ParseResult {
    uint32_t word;
    if (parseField(parser, "a word", UINT32_MAX, word))
      return failure();
    words.push_back(static_cast<int32_t>(word));
    return success();
  };
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square, parseWord))
    return failure();
  attr = parser.getBuilder().getDenseI32ArrayAttr(words);
  return success();
}

static void printHexWords(OpAsmPrinter &printer, Operation *, DenseI32ArrayAttr attr) {
  printer << "[";
  llvm::interleaveComma(attr.asArrayRef(), printer,
                        [&](int32_t word) { printHexWord(printer, static_cast<uint32_t>(word)); });
  printer << "]";
}

#define GET_OP_CLASSES
#include "RCB/RCBOps.cpp.inc"
