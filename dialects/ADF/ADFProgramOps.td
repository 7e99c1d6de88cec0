// Tiled and placed level: phases of tiles, windows, streams, DMA tasks and core programs.
#ifndef ADFC_ADF_PROGRAM_OPS_TD
#define ADFC_ADF_PROGRAM_OPS_TD

include "ADF/ADFGraphOps.td"

//===- Program scope -------------------------------------------------------------------------------===//

def ADF_ProgramOp : ADF_Op<"program", [IsolatedFromAbove, Symbol, SymbolTable, SingleBlock, NoTerminator]> {
  let summary = "a network as phases that run one after the other";
  let description = [{
    Holds `adf.ddr`, `adf.kernel` and `adf.phase` operations. `tiles` is the number of core tiles that may be used,
    `avoid` lists (column, row) of tiles that may not.

    ```mlir
    adf.program @main device "ve2802" tiles 28 avoid [(2, 3)] { ... }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$device, I64Attr:$tiles, DenseI64ArrayAttr:$avoid);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `device` $device `tiles` $tiles `avoid` custom<Coordinates>($avoid) attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def ADF_DDROp : ADF_Op<"ddr", [Symbol, HasParent<"ProgramOp">]> {
  let summary = "a piece of a DDR buffer";
  let description = [{
    `buffer` says in which of the runtime's buffers it lies, `bytes` how long it is. `adf-allocate` adds the byte `offset`.
    A program input or output says its array order shape in `dims` (the last one with channel padding) and how many of
    the last dimension's elements are `valid`. Weights carry their bytes, in the order in which they are streamed.

    ```mlir
    adf.ddr @input0 buffer(input) bytes(200704) dims [1, 224, 224, 4] valid 3
    adf.ddr @conv1.weights buffer(weights) bytes(64) offset(128) = dense<1> : tensor<64xi8>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ADF_BufferKind:$buffer, I64Attr:$bytes, OptionalAttr<I64Attr>:$offset,
                       OptionalAttr<DenseI64ArrayAttr>:$dims, OptionalAttr<I64Attr>:$valid,
                       OptionalAttr<ElementsAttr>:$init);
  let assemblyFormat = [{
    $sym_name `buffer` `(` $buffer `)` `bytes` `(` $bytes `)` (`offset` `(` $offset^ `)`)?
    (`dims` $dims^ `valid` $valid)? attr-dict (`=` $init^)?
  }];
  let hasVerifier = 1;
}

def ADF_KernelDefOp : ADF_Op<"kernel", [Symbol, HasParent<"ProgramOp">]> {
  let summary = "a kernel of a kind, specialised to sizes";
  let description = [{
    ```mlir
    adf.kernel @add_0 kind "add" config {count = 1024 : i64, a = [1073, 11], b = [2048, 11], out = [16384, 26], clamp = [0, 127]}
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$kind, DictionaryAttr:$config);
  let assemblyFormat = "$sym_name `kind` $kind `config` $config attr-dict";
}

def ADF_PhaseOp : ADF_Op<"phase", [Symbol, SymbolTable, SingleBlock, NoTerminator, HasParent<"ProgramOp">]> {
  let summary = "what the array does for one kernel operation";
  let description = [{
    Everything in it is active together; the phase has ended when its DMA tasks with `token` have completed and its
    cores are done. `layer` is the kernel operation that it does (or part of it), with its multiply-accumulates.

    `mode` says when it runs: `once` for each inference (the default); `load`: once, before the first inference, to bring
    what stays on the array; `resident`: all that stays is set up once, and each inference goes through its `adf.step`s;
    `pipeline`: the same with a single step, in which all cores are at work, each on what others have made before.

    `segment` is that of a pipelined program that the phase is for, where there are several (see `#adf.stage`).

    ```mlir
    adf.phase @conv1 layer "conv1" macs 118013952 { ... }
    adf.phase @network mode resident layer "" macs 1814073344 { ... }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, DefaultValuedAttr<ADF_PhaseMode, "::adfc::adf::PhaseMode::Once">:$mode,
                       StrAttr:$layer, I64Attr:$macs, OptionalAttr<I64Attr>:$segment);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name (`mode` $mode^)? `layer` $layer `macs` $macs (`segment` $segment^)? attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Whether it is set up once, and its cores and endless tasks stay at work from inference to inference.
    bool stays() { return getMode() == PhaseMode::Resident || getMode() == PhaseMode::Pipeline; }
  }];
}

def ADF_StepOp : ADF_Op<"step", [HasParent<"PhaseOp">]> {
  let summary = "a step of a resident phase: what it does for one kernel operation; or all of a pipeline";
  let description = [{
    The steps of a phase are numbered from 0 in their order; `adf.dma` names the step that starts it. A step's tasks may
    still be at work when the next step's are started, and when those of the step after that are which data keep in order.

    ```mlir
    adf.step layer "conv1" kind "conv2d" macs 118013952 cores 24
    ```
  }];
  let arguments = (ins StrAttr:$layer, StrAttr:$kind, I64Attr:$macs, I64Attr:$cores);
  let assemblyFormat = "`layer` $layer `kind` $kind `macs` $macs `cores` $cores attr-dict";
}

//===- Phase scope: places and memory --------------------------------------------------------------===//

def ADF_TileOp : ADF_Op<"tile", [HasParent<"PhaseOp">]> {
  let summary = "a tile, virtual until it has coordinates";
  let description = [{
    Several virtual shim or memory tiles may be placed on one physical tile; a core tile is placed alone.

    ```mlir
    %c = adf.tile core
    %m = adf.tile mem at(2, 1)
    ```
  }];
  let arguments = (ins ADF_TileKind:$kind, OptionalAttr<I64Attr>:$col, OptionalAttr<I64Attr>:$row);
  let results = (outs ADF_TileType:$result);
  let assemblyFormat = "$kind (`at` `(` $col^ `,` $row `)`)? attr-dict";
  let hasVerifier = 1;
}

def ADF_WindowOp : ADF_Op<"window", [HasParent<"PhaseOp">]> {
  let summary = "a ring of equal buffers with an empty and a full lock";
  let description = [{
    `depth` buffers of `bytes`. At the start of the phase the lock `empty` is `depth` and the lock `full` 0.
    `adf-allocate` adds the byte `address` of the first buffer, the distance `stride` in bytes from one buffer to the
    next, where it is not given, and the locks' numbers. A buffer descriptor on a window of depth > 1 goes round the ring
    by itself, one buffer for each time it runs (BD iteration: wrap = depth, step = stride); so does `adf.advance` in a
    core.

    In a resident phase, `live [first, last]` are the steps that write and read the window: windows that do not live
    together may share their memory and locks, and the lock `full` is set back to 0 after `last`. The lock `empty` of
    such a window is 0 at the start: a gate, which the control program opens for tasks of a step that await `most` (see `adf.dma`).

    ```mlir
    %a = adf.window on %c depth 2 bytes 8192
    %b = adf.window on %c depth 2 bytes 8192 address 1024 stride 16384 locks [0, 1]
    ```
  }];
  let arguments = (ins ADF_TileType:$tile, I64Attr:$depth, I64Attr:$bytes, OptionalAttr<I64Attr>:$address,
                       OptionalAttr<I64Attr>:$stride, OptionalAttr<DenseI64ArrayAttr>:$locks,
                       OptionalAttr<DenseI64ArrayAttr>:$live);
  let results = (outs ADF_WindowType:$result);
  let assemblyFormat = [{
    `on` $tile `depth` $depth `bytes` $bytes (`address` $address^)? (`stride` $stride^)? (`locks` $locks^)?
    (`live` $live^)? attr-dict
  }];
  let hasVerifier = 1;
}

def ADF_BufferOp : ADF_Op<"buffer", [HasParent<"PhaseOp">]> {
  let summary = "scratch memory of a core, without locks";
  let description = [{
    ```mlir
    %acc = adf.buffer on %c bytes 4096
    ```

    `live [first, last]` as in `adf.window`.
  }];
  let arguments = (ins ADF_TileType:$tile, I64Attr:$bytes, OptionalAttr<I64Attr>:$address,
                       OptionalAttr<DenseI64ArrayAttr>:$live);
  let results = (outs ADF_BufferType:$result);
  let assemblyFormat = "`on` $tile `bytes` $bytes (`address` $address^)? (`live` $live^)? attr-dict";
  let hasVerifier = 1;
}

//===- Phase scope: data movement ------------------------------------------------------------------===//

def ADF_StreamOp : ADF_Op<"stream", [Symbol, HasParent<"PhaseOp">]> {
  let summary = "a stream of words from one DMA channel to one or more";
  let description = [{
    Circuit-switched; with several targets each word goes to all of them. One `adf.dma mm2s` on the source feeds it,
    one `adf.dma s2mm` on each target drains it.

    ```mlir
    adf.stream @act0 from %m to %c0, %c1
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ADF_TileType:$source, Variadic<ADF_TileType>:$targets);
  let assemblyFormat = "$sym_name `from` $source `to` $targets attr-dict";
  let hasVerifier = 1;
}

def ADF_CascadeOp : ADF_Op<"cascade", [HasParent<"PhaseOp">]> {
  let summary = "the cascade from one core to its eastern or southern neighbour";
  let description = [{
    A 512-bit connection of accumulators. The calls of both cores that have it as an operand are paired: each call of
    the source's sends a block of `bytes`, a call of the target's receives it, and neither ends without the other. A core
    has one cascade in and one out.

    ```mlir
    %k = adf.cascade from %c0 to %c1 bytes 1024
    ```
  }];
  let arguments = (ins ADF_TileType:$source, ADF_TileType:$target, I64Attr:$bytes);
  let results = (outs ADF_CascadeType:$result);
  let assemblyFormat = "`from` $source `to` $target `bytes` $bytes attr-dict";
  let hasVerifier = 1;
}

def ADF_DMAOp : ADF_Op<"dma", [HasParent<"PhaseOp">, SingleBlock, NoTerminator,
                               DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a task of a DMA channel: a chain of buffer descriptors";
  let description = [{
    The descriptors run in order, the whole chain `repeat` times (more than 256 times takes several pushes to the
    channel's queue). With `token` the task's end is waited for. A task that is `endless` is started once, and its chain
    never ends. In a resident phase or a pipeline a task is `endless` or belongs to a `step`; in a phase of mode `once` its
    channel is reset when the phase has ended. There and in a pipeline `repeat` is how often the chain runs in an inference.
    A task that takes `packets` ends each descriptor's run where the sender's run ends, however short (finish on TLAST).

    The tasks of a step are started while the step before is at work, and their descriptors wait for locks. One that
    `awaits` is started later: where `all` of the step before has ended, every task of it that has a `token`; or `most` of
    it, where a channel's last task with a `token` may still be at work. One that awaits `most`, and has a descriptor that
    acquires the lock `empty` of a window that is `live`, is started like any other: the control program opens this gate,
    for all messages of the step that wait at it, when most has ended.

    ```mlir
    adf.dma on %m mm2s channel 2 stream @act0 repeat 4 { ... }
    ```
  }];
  let arguments = (ins ADF_TileType:$tile, ADF_Direction:$direction, OptionalAttr<I64Attr>:$channel,
                       FlatSymbolRefAttr:$stream, DefaultValuedAttr<I64Attr, "1">:$repeat, UnitAttr:$token,
                       UnitAttr:$packets, UnitAttr:$endless, OptionalAttr<I64Attr>:$step,
                       OptionalAttr<ADF_Await>:$awaits);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `on` $tile $direction (`channel` $channel^)? `stream` $stream (`repeat` $repeat^)? (`token` $token^)?
    (`packets` $packets^)? (`endless` $endless^)? (`step` $step^)? (`awaits` $awaits^)?
    attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// 32-bit words that the task moves through its stream, padding and repeats included.
    int64_t getTotalWords();
    /// Whether it may be endless in a phase that ends.
    ::llvm::LogicalResult verifyIsHeldBack();
  }];
}

def ADF_BDOp : ADF_Op<"bd", [HasParent<"DMAOp">]> {
  let summary = "a buffer descriptor";
  let description = [{
    Moves words between its channel's stream and a window of the channel's tile, or a piece of DDR. Channels 0 to 3 of
    a memory tile reach windows, and their locks, of its western and eastern neighbour too.
    Everything counts 32-bit words: `offset` from the beginning of the window or DDR piece; `dims` as
    `<count x step>`, innermost first; `pad` as `<before, after>` zeros for each of the first dimensions, counted in that
    dimension's positions; `iteration <wrap x step>`: each time the descriptor runs, the start moves by `step`, and
    after `wrap` times back; `iteration <wrap x step from n>`: the first run is number `n`. On a window of depth > 1 a descriptor without `iteration` goes round the ring, one buffer for
    each time it runs; with it, it may reach all buffers, which must follow one another.

    ```mlir
    adf.bd %slab offset 0 dims [<16 x 1>, <56 x 16>, <9 x 896>] pad [<0, 0>, <1, 1>, <1, 0>] acquire <full == 1>
    adf.bd @conv1.out offset 448 dims [<16 x 1>, <56 x 16>]
    ```
  }];
  let arguments = (ins Optional<ADF_WindowType>:$window, OptionalAttr<FlatSymbolRefAttr>:$ddr, I64Attr:$offset,
                       DenseI64ArrayAttr:$counts, DenseI64ArrayAttr:$steps,
                       OptionalAttr<DenseI64ArrayAttr>:$pad_before, OptionalAttr<DenseI64ArrayAttr>:$pad_after,
                       OptionalAttr<DenseI64ArrayAttr>:$iteration, OptionalAttr<ADF_AcquireAttr>:$acquire,
                       OptionalAttr<ADF_ReleaseAttr>:$release, OptionalAttr<I64Attr>:$id);
  let assemblyFormat = [{
    ($window^)? ($ddr^)? `offset` $offset `dims` custom<Dims>($counts, $steps)
    (`pad` custom<Pads>($pad_before, $pad_after)^)? (`iteration` custom<Iteration>($iteration)^)?
    (`acquire` $acquire^)? (`release` $release^)? (`id` $id^)? attr-dict
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Words in the stream for one run, padding included.
    int64_t getWords();
    /// Words of memory for one run, without padding.
    int64_t getMemoryWords();
    /// One past the last word that is touched in the window's first buffer or the DDR piece, iteration included.
    int64_t getEndWord();
  }];
}

def ADF_ConnectOp : ADF_Op<"connect", [HasParent<"PhaseOp">]> {
  let summary = "a connection in a stream switch";
  let description = [{
    Circuit-switched, from a slave port (where words come in) to a master port of the switch of tile (column, row).

    ```mlir
    adf.connect at(2, 3) from <south 1> to <dma 0> stream @act0
    ```
  }];
  let arguments = (ins I64Attr:$col, I64Attr:$row, ADF_PortAttr:$slave, ADF_PortAttr:$master,
                       FlatSymbolRefAttr:$stream);
  let assemblyFormat = "`at` `(` $col `,` $row `)` `from` $slave `to` $master `stream` $stream attr-dict";
}

//===- Core programs -------------------------------------------------------------------------------===//

class ADF_CoreBodyOp<string opMnemonic, list<Trait> traits = []>
    : ADF_Op<opMnemonic, traits # [ParentOneOf<["CoreOp", "LoopOp"]>]>;

def ADF_CoreOp : ADF_Op<"core", [HasParent<"PhaseOp">, SingleBlock, NoTerminator]> {
  let summary = "the program of a core tile";
  let description = [{
    ```mlir
    adf.core on %c { ... }
    ```

    An `endless` program starts again at its end; its windows stay where they are. A program may use windows of other core
    tiles, with their locks, where those are its southern, western or northern neighbours.
  }];
  let arguments = (ins ADF_TileType:$tile, UnitAttr:$endless);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "`on` $tile (`endless` $endless^)? attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def ADF_LoopOp : ADF_CoreBodyOp<"loop", [SingleBlock, NoTerminator]> {
  let summary = "does its body `count` times";
  let description = [{
    At most four loops may be nested.

    ```mlir
    adf.loop 8 { ... }
    ```
  }];
  let arguments = (ins I64Attr:$count);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$count attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def ADF_AcquireOp : ADF_CoreBodyOp<"acquire"> {
  let summary = "waits for a lock of a window";
  let description = [{
    ```mlir
    adf.acquire %a <full >= 1>
    ```
  }];
  let arguments = (ins ADF_WindowType:$window, ADF_AcquireAttr:$lock);
  let assemblyFormat = "$window $lock attr-dict";
}

def ADF_ReleaseOp : ADF_CoreBodyOp<"release"> {
  let summary = "adds to a lock of a window";
  let description = [{
    ```mlir
    adf.release %a <empty + 1>
    ```
  }];
  let arguments = (ins ADF_WindowType:$window, ADF_ReleaseAttr:$lock);
  let assemblyFormat = "$window $lock attr-dict";
}

def ADF_AdvanceOp : ADF_CoreBodyOp<"advance"> {
  let summary = "goes to the next buffer of a window's ring";
  let description = [{
    ```mlir
    adf.advance %a
    ```
  }];
  let arguments = (ins ADF_WindowType:$window);
  let assemblyFormat = "$window attr-dict";
}

def ADF_CallOp : ADF_CoreBodyOp<"call"> {
  let summary = "calls a kernel on current buffers";
  let description = [{
    Operands are windows (their current buffer) and scratch buffers of the core's tile, and its cascades; `immediates` are
    the kernel's 32-bit numbers; `cycles` is the modelled time in AIE cycles.

    ```mlir
    adf.call @conv2d_0(%a, %w, %o, %acc) immediates [1, 0] cycles 1234
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<ADF_OperandType>:$operands, DenseI32ArrayAttr:$immediates,
                       I64Attr:$cycles);
  let assemblyFormat = [{
    $kernel `(` $operands `:` type($operands) `)` `immediates` $immediates `cycles` $cycles attr-dict
  }];
  let hasVerifier = 1;
}

#endif // ADFC_ADF_PROGRAM_OPS_TD
