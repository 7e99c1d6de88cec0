"""Dialect `rcb`: its ops (TableGen) and their encoder and decoder (C++), from spec/rcb.toml.

Standard library only: CMake runs it before anything is installed.
"""

import re
from pathlib import Path

from adfc.spec.rcb import GENERATED, Enumeration, Instruction, Isa, load

# ---- TableGen ------------------------------------------------------------------------------------

_ODS_TYPES = {
    "offset": "I64Attr",
    "words": "ConfinedAttr<DenseI32ArrayAttr, [DenseArrayMinCt<1>]>",
    "direction": "RCB_DirectionAttr",
    "buffer": "RCB_BufferAttr",
}
_ODS_CUSTOM = {"address": "Address", "tile": "Tile", "hex": "Hex", "words": "HexWords"}

_ODS_INTRO = """\
// {generated}
//
// Ops of dialect `rcb`, one per instruction. The file that includes this one provides
//   RCB_Dialect, and `class RCB_Op<string mnemonic, list<Trait> traits = []>`
// and the dialect's .cpp provides, before RCBOps.cpp.inc, a parser and a printer for each custom<>:
//   ParseResult parseAddress(OpAsmParser &, IntegerAttr &);   // i32, as (column, row) 0xOFFSET
//   void printAddress(OpAsmPrinter &, Operation *, IntegerAttr);
//   ... Tile: i32 (column << 8 | row), as (column, row); Hex: i32, in hexadecimal
//   ParseResult parseHexWords(OpAsmParser &, DenseI32ArrayAttr &);   // [0x1, 0x2]
//   void printHexWords(OpAsmPrinter &, Operation *, DenseI32ArrayAttr);
#ifndef ADFC_SPEC_RCBOPS_TD
#define ADFC_SPEC_RCBOPS_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/CommonAttrConstraints.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
"""


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _ods_enum(enumeration: Enumeration) -> list[str]:
    camel = _camel(enumeration.name)
    lines = [f'def RCB_{camel}Attr : I32EnumAttr<"{camel}", "{enumeration.description}", [']
    cases = [
        f'  I32EnumAttrCase<"{case.name.upper()}", {case.value}, "{case.name}">'
        for case in enumeration.cases
    ]
    lines += [",\n".join(cases), "]> {", '  let cppNamespace = "::adfc::rcb";', "}", ""]
    return lines


def _ods_op(op: Instruction, isa: Isa) -> list[str]:
    kinds = {operand.name: operand.kind for operand in op.operands}
    traits = ""
    if "mask" in kinds and "value" in kinds:
        traits = (
            ', [PredOpTrait<"value has no bit outside mask: clear those bits of value",'
            ' CPred<"(getValue() & ~getMask()) == 0">>]'
        )
    lines = [
        f'def RCB_{op.op_class} : RCB_Op<"{op.mnemonic}"{traits}> {{',
        f'  let summary = "{op.summary}";',
        "  let description = [{",
        f"    {op.description}",
        "",
        "    Example:",
        "    ```mlir",
        f"    rcb.{op.mnemonic} {op.example}".rstrip(),
        "    ```",
        "  }];",
    ]
    bounded = f"ConfinedAttr<I32Attr, [IntMinValue<1>, IntMaxValue<{isa.max_wait_cycles}>]>"
    types = {**_ODS_TYPES, "cycles": bounded, "count": "ConfinedAttr<I32Attr, [IntPositive]>"}
    if op.operands:
        arguments = ", ".join(f"{types.get(o.kind, 'I32Attr')}:${o.name}" for o in op.operands)
        lines.append(f"  let arguments = (ins {arguments});")

    def directive(match: re.Match[str]) -> str:
        custom = _ODS_CUSTOM.get(kinds[match[1]])
        return f"custom<{custom}>(${match[1]})" if custom else match[0]

    form = re.sub(r"\$(\w+)", directive, op.assembly)
    lines += [f'  let assemblyFormat = "{f"{form} attr-dict".strip()}";', "}", ""]
    return lines


def ods(isa: Isa) -> str:
    """adfc/spec/RCBOps.td: one op per instruction, and the enumerations of their operands."""
    lines = [_ODS_INTRO.format(generated=GENERATED)]
    for enumeration in isa.enums:
        lines += _ods_enum(enumeration)
    for op in isa.instructions:
        lines += _ods_op(op, isa)
    lines += ["#endif // ADFC_SPEC_RCBOPS_TD", ""]
    return "\n".join(lines)


# ---- C++ -----------------------------------------------------------------------------------------


def _encode(op: Instruction) -> list[str]:
    unused = "" if op.operands else "/*op*/"
    lines = [
        f"static inline void encodeOperands({op.op_class} {unused or 'op'},"
        f" ::llvm::SmallVectorImpl<uint32_t> &{'words' if op.operands else '/*words*/'}) {{"
    ]
    for operand in op.operands:
        get = f"op.get{_camel(operand.name)}()"
        if operand.kind == "words":
            lines.append(f"  words.append({get}.begin(), {get}.end());")
        elif operand.kind == "offset":
            lines.append(f"  words.push_back(static_cast<uint32_t>({get}));")
            lines.append(f"  words.push_back(static_cast<uint32_t>({get} >> 32));")
        else:
            lines.append(f"  words.push_back(static_cast<uint32_t>({get}));")
    return [*lines, "}"]


def _decode(op: Instruction) -> list[str]:
    arguments: list[str] = []
    for operand in op.operands:
        word = f"words[{operand.word}]"
        if operand.kind == "words":
            arguments.append(
                "::llvm::ArrayRef<int32_t>(reinterpret_cast<const int32_t *>(words.data())"
                f" + {operand.word}, words.size() - {operand.word})"
            )
        elif operand.kind == "offset":
            arguments.append(
                f"static_cast<uint64_t>({word}) | static_cast<uint64_t>(words[{operand.word + 1}])"
                " << 32"
            )
        elif operand.kind in ("direction", "buffer"):
            arguments.append(f"static_cast<{_camel(operand.kind)}>({word})")
        else:
            arguments.append(word)
    length = f"words.size() > {op.words}" if op.has_payload else f"words.size() == {op.words}"
    checks = [
        f"symbolize{_camel(o.kind)}(words[{o.word}])"
        for o in op.operands
        if o.kind in ("direction", "buffer")
    ]
    condition = " && ".join([length, *checks])
    call = ", ".join(["builder", "location", *arguments])
    return [
        f"  case {op.opcode}: // {op.name}",
        f"    if (!({condition}))",
        "      return nullptr;",
        f"    return {op.op_class}::create({call}).getOperation();",
    ]


def encoding_inc(isa: Isa) -> str:
    """adfc/spec/RCBEncoding.inc: encoder and decoder between ops of dialect rcb and words."""
    lines = [
        f"// {GENERATED}",
        "//",
        "// GET_RCB_OP_LIST  all instruction classes, separated by commas",
        "// GET_RCB_ENCODER  encodeInstruction(op, words): appends op's words",
        "// GET_RCB_DECODER  decodeInstruction(builder, location, words): one instruction's op",
        "// The includer is in the namespace of the op classes and has included rcb_isa.h.",
        "",
        "#ifdef GET_RCB_OP_LIST",
        "#undef GET_RCB_OP_LIST",
        ", ".join(op.op_class for op in isa.instructions),
        "#endif",
        "",
        "#ifdef GET_RCB_ENCODER",
        "#undef GET_RCB_ENCODER",
    ]
    for op in isa.instructions:
        lines += _encode(op)
    lines += [
        "",
        "/// Appends the words of one instruction. Fails, with a diagnostic: not one, or too long.",
        "static inline ::llvm::LogicalResult",
        "encodeInstruction(::mlir::Operation *op, ::llvm::SmallVectorImpl<uint32_t> &words) {",
        "  size_t start = words.size();",
        "  words.push_back(0);",
        "  uint32_t opcode;",
    ]
    for i, op in enumerate(isa.instructions):
        keyword = "if" if i == 0 else "} else if"
        lines += [
            f"  {keyword} (auto op{op.opcode} = ::llvm::dyn_cast<{op.op_class}>(op)) {{",
            f"    opcode = {op.opcode};",
            f"    encodeOperands(op{op.opcode}, words);",
        ]
    lines += [
        "  } else {",
        "    words.pop_back();",
        '    return op->emitOpError("is no rcb instruction: it has no encoding");',
        "  }",
        "  size_t length = words.size() - start;",
        f"  if (length > {isa.max_instruction_words})",
        f'    return op->emitOpError("has ") << length << " words, the longest instruction has '
        f'{isa.max_instruction_words}: split it";',
        "  words[start] = RCB_WORD0(opcode, static_cast<uint32_t>(length));",
        "  return ::llvm::success();",
        "}",
        "#endif",
        "",
        "#ifdef GET_RCB_DECODER",
        "#undef GET_RCB_DECODER",
        "/// Makes the op of one instruction, all of `words`. nullptr: not valid.",
        "static inline ::mlir::Operation *decodeInstruction(::mlir::OpBuilder &builder,",
        "    ::mlir::Location location, ::llvm::ArrayRef<uint32_t> words) {",
        "  if (words.empty() || RCB_LENGTH(words[0]) != words.size() || RCB_FLAGS(words[0]) != 0)",
        "    return nullptr;",
        "  switch (RCB_OPCODE(words[0])) {",
    ]
    for op in isa.instructions:
        lines += _decode(op)
    lines += ["  default:", "    return nullptr;", "  }", "}", "#endif", ""]
    return "\n".join(lines)


def outputs(spec: Path) -> dict[str, str]:
    """All generated files: path under the include folder -> text."""
    isa = load(spec)
    return {
        "adfc/spec/RCBOps.td": ods(isa),
        "adfc/spec/RCBEncoding.inc": encoding_inc(isa),
    }
