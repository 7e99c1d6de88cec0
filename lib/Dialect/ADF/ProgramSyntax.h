//===- ProgramSyntax.h - custom directives of the tiled level's assembly --===//
#ifndef ADFC_LIB_DIALECT_ADF_PROGRAMSYNTAX_H
#define ADFC_LIB_DIALECT_ADF_PROGRAMSYNTAX_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/OpImplementation.h"

namespace adfc::adf {

/// `<a SEPARATOR b>`; the separator is `x` or `,`.
inline mlir::ParseResult parsePair(mlir::OpAsmParser &parser, int64_t &a, int64_t &b, bool comma) {
  return mlir::failure(parser.parseLess() || parser.parseInteger(a) ||
                       (comma ? parser.parseComma() : parser.parseKeyword("x")) ||
                       parser.parseInteger(b) || parser.parseGreater());
}

/// `[<a SEPARATOR b>, ...]` into two arrays.
inline mlir::ParseResult parsePairs(mlir::OpAsmParser &parser, mlir::DenseI64ArrayAttr &a,
                                    mlir::DenseI64ArrayAttr &b, bool comma) {
  llvm::SmallVector<int64_t> first, second;
  auto pair = [&] { return parsePair(parser, first.emplace_back(), second.emplace_back(), comma); };
  if (parser.parseCommaSeparatedList(mlir::OpAsmParser::Delimiter::Square, pair))
    return mlir::failure();
  a = parser.getBuilder().getDenseI64ArrayAttr(first);
  b = parser.getBuilder().getDenseI64ArrayAttr(second);
  return mlir::success();
}

inline void printPairs(mlir::OpAsmPrinter &printer, mlir::DenseI64ArrayAttr a,
                       mlir::DenseI64ArrayAttr b, llvm::StringRef separator) {
  printer << '[';
  llvm::interleaveComma(llvm::zip_equal(a.asArrayRef(), b.asArrayRef()), printer, [&](auto pair) {
    printer << '<' << std::get<0>(pair) << separator << std::get<1>(pair) << '>';
  });
  printer << ']';
}

inline mlir::ParseResult parseDims(mlir::OpAsmParser &parser, mlir::DenseI64ArrayAttr &counts,
                                   mlir::DenseI64ArrayAttr &steps) {
  return parsePairs(parser, counts, steps, /*comma=*/false);
}
inline void printDims(mlir::OpAsmPrinter &printer, mlir::Operation *,
                      mlir::DenseI64ArrayAttr counts, mlir::DenseI64ArrayAttr steps) {
  printPairs(printer, counts, steps, " x ");
}

inline mlir::ParseResult parsePads(mlir::OpAsmParser &parser, mlir::DenseI64ArrayAttr &before,
                                   mlir::DenseI64ArrayAttr &after) {
  return parsePairs(parser, before, after, /*comma=*/true);
}
inline void printPads(mlir::OpAsmPrinter &printer, mlir::Operation *,
                      mlir::DenseI64ArrayAttr before, mlir::DenseI64ArrayAttr after) {
  printPairs(printer, before, after, ", ");
}

/// `<wrap x step>`, or `<wrap x step from first>`
inline mlir::ParseResult parseIteration(mlir::OpAsmParser &parser,
                                        mlir::DenseI64ArrayAttr &iteration) {
  int64_t wrap, step, first;
  if (parser.parseLess() || parser.parseInteger(wrap) || parser.parseKeyword("x") ||
      parser.parseInteger(step))
    return mlir::failure();
  llvm::SmallVector<int64_t, 3> values{wrap, step};
  if (mlir::succeeded(parser.parseOptionalKeyword("from"))) {
    if (parser.parseInteger(first))
      return mlir::failure();
    values.push_back(first);
  }
  iteration = parser.getBuilder().getDenseI64ArrayAttr(values);
  return parser.parseGreater();
}
inline void printIteration(mlir::OpAsmPrinter &printer, mlir::Operation *,
                           mlir::DenseI64ArrayAttr iteration) {
  printer << '<' << iteration[0] << " x " << iteration[1];
  if (iteration.size() > 2)
    printer << " from " << iteration[2];
  printer << '>';
}

/// `[(c, r), ...]`
inline mlir::ParseResult parseCoordinates(mlir::OpAsmParser &parser,
                                          mlir::DenseI64ArrayAttr &coordinates) {
  llvm::SmallVector<int64_t> values;
  auto pair = [&]() -> mlir::ParseResult {
    return mlir::failure(parser.parseLParen() || parser.parseInteger(values.emplace_back()) ||
                         parser.parseComma() || parser.parseInteger(values.emplace_back()) ||
                         parser.parseRParen());
  };
  if (parser.parseCommaSeparatedList(mlir::OpAsmParser::Delimiter::Square, pair))
    return mlir::failure();
  coordinates = parser.getBuilder().getDenseI64ArrayAttr(values);
  return mlir::success();
}
inline void printCoordinates(mlir::OpAsmPrinter &printer, mlir::Operation *,
                             mlir::DenseI64ArrayAttr coordinates) {
  printer << '[';
  for (int64_t i = 0, e = coordinates.size(); i + 1 < e; i += 2)
    printer << (i ? ", (" : "(") << coordinates[i] << ", " << coordinates[i + 1] << ')';
  printer << ']';
}

} // namespace adfc::adf

#endif // ADFC_LIB_DIALECT_ADF_PROGRAMSYNTAX_H
