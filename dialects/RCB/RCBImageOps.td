// The operations around a program: what an image holds.
#ifndef ADFC_RCB_IMAGEOPS_TD
#define ADFC_RCB_IMAGEOPS_TD

include "RCB/RCBDialect.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"

def RCB_ImageOp : RCB_Op<"image", [IsolatedFromAbove, Symbol, SymbolTable, NoTerminator, SingleBlock,
                                   NoRegionArguments]> {
  let summary = "a program and all that it needs";
  let description = [{
    One model, compiled for `device`: its `rcb.program`, which is played for each inference, at most one
    `rcb.program load` before it, which is played once, one `rcb.core_programs`, and its `rcb.kernel`, `rcb.data`,
    `rcb.io` and `rcb.layer` operations. `input`, `output`, `arena` and `weights` are the sizes of the DDR
    buffers in bytes.

    Example:
    ```mlir
    rcb.image @main device "ve2802" input 64 output 64 arena 4096 weights 1024 { ... }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$device, I64Attr:$input_bytes, I64Attr:$output_bytes,
                       I64Attr:$arena_bytes, I64Attr:$weights_bytes);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `device` $device `input` $input_bytes `output` $output_bytes `arena` $arena_bytes
    `weights` $weights_bytes attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The program that is played for each inference, and the one that is played once before; null
    /// where there is none.
    ProgramOp getProgram();
    ProgramOp getLoadProgram();
    /// The image's one blob of core programs.
    CoreProgramsOp getCorePrograms();
    /// Declared bytes of a DDR buffer.
    int64_t getBufferBytes(Buffer buffer);
  }];
}

def RCB_ProgramOp : RCB_Op<"program", [HasParent<"ImageOp">, NoTerminator, SingleBlock, NoRegionArguments]> {
  let summary = "a list of instructions";
  let description = [{
    The instructions, in the order in which they are performed. The last one, and only that, is `rcb.end`. Every
    address is that of a register of a tile that the device has.

    A program with `load` puts into the array what stays there: weights, core programs, routes, descriptors that never
    change. It is played before the first inference and after the array was reset. The program without it is played
    for each inference; it begins with what the load program, or a run of itself, has left.

    Example:
    ```mlir
    rcb.program load {
      rcb.load_core (2, 3) from 0 words 64
      rcb.end
    }
    rcb.program {
      rcb.phase 0
      rcb.write32 (2, 0) 0x1d214, 0x0
      rcb.wait_task (2, 0) mm2s 0 max 100000
      rcb.end
    }
    ```
  }];
  let arguments = (ins UnitAttr:$load);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "(`load` $load^)? attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
}

def RCB_CoreProgramsOp : RCB_Op<"core_programs", [HasParent<"ImageOp">]> {
  let summary = "the programs of the core tiles, one after the other";
  let description = [{
    32-bit words that `rcb.load_core` copies from. Each program is in there once, however many cores run it.

    Example: `rcb.core_programs [0x201ac, 0x8]`
  }];
  let arguments = (ins DenseI32ArrayAttr:$words);
  let assemblyFormat = "custom<HexWords>($words) attr-dict";
}

def RCB_KernelOp : RCB_Op<"kernel", [HasParent<"ImageOp">, Symbol]> {
  let summary = "a kernel that core programs call by its number";
  let description = [{
    `id` is what a core program's call names; `kind` and `config` say what is computed.

    Example: `rcb.kernel @add_0 id 0 kind "add" {count = 64 : i64}`
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$id, StrAttr:$kind, DictionaryAttr:$config);
  let assemblyFormat = "$sym_name `id` $id `kind` $kind $config attr-dict";
}

def RCB_DataOp : RCB_Op<"data", [HasParent<"ImageOp">, Symbol]> {
  let summary = "constant bytes in DDR";
  let description = [{
    Bytes of the weights buffer, from byte `offset` on.

    Example: `rcb.data @conv1.weights at 64 = dense<0> : tensor<1024xi8>`
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$offset, ElementsAttr:$value);
  let assemblyFormat = "$sym_name `at` $offset `=` $value attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Copies the bytes to `to`, which is as long as they are.
    void copyBytes(::llvm::MutableArrayRef<char> to);
  }];
}

def RCB_IoOp : RCB_Op<"io", [HasParent<"ImageOp">, Symbol]> {
  let summary = "an input or output of the model";
  let description = [{
    A tensor at byte `offset` of the input or output buffer. `shape` is the tensor's, as stored in DDR: int8, innermost
    dimension last, channels padded to whole words; of the last dimension the first `valid` elements count.

    Example: `rcb.io @x input at 0 shape [1, 8, 8, 4] valid 1`
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, RCB_BufferAttr:$buffer, I64Attr:$offset,
                       DenseI64ArrayAttr:$shape, I64Attr:$valid);
  let assemblyFormat = "$sym_name $buffer `at` $offset `shape` $shape `valid` $valid attr-dict";
  let hasVerifier = 1;
}

def RCB_LayerOp : RCB_Op<"layer", [HasParent<"ImageOp">]> {
  let summary = "which layer a phase is";
  let description = [{
    What phase `id` does, for reports: the layer's name, its kernel's kind, its multiply-accumulates, the core tiles
    that compute it, the bytes that it moves to and from DDR, and the data memory that the fullest core tile needs. Its
    location is the user's source line.

    Example: `rcb.layer 3 "layer1.0.conv1" kind "conv2d" macs 115605504 cores 28 ddr 438272 memory 49152`
  }];
  let arguments = (ins I64Attr:$id, StrAttr:$name, StrAttr:$kind, I64Attr:$macs, I64Attr:$cores,
                       I64Attr:$ddr_bytes, I64Attr:$core_bytes);
  let assemblyFormat = [{
    $id $name `kind` $kind `macs` $macs `cores` $cores `ddr` $ddr_bytes `memory` $core_bytes attr-dict
  }];
}

#endif // ADFC_RCB_IMAGEOPS_TD
