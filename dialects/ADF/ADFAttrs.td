// Enums and attributes of the adf dialect.
#ifndef ADFC_ADF_ATTRS_TD
#define ADFC_ADF_ATTRS_TD

include "ADF/ADFDialect.td"

class ADF_Enum<string name, string summary, list<I32EnumAttrCase> cases> : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::adfc::adf";
}

def ADF_TileKind : ADF_Enum<"TileKind", "kind of tile", [
  I32EnumAttrCase<"Shim", 0, "shim">, I32EnumAttrCase<"Mem", 1, "mem">, I32EnumAttrCase<"Core", 2, "core">]>;

// The numbers are the runtime's DDR buffer ids.
def ADF_BufferKind : ADF_Enum<"BufferKind", "which DDR buffer", [
  I32EnumAttrCase<"Input", 0, "input">, I32EnumAttrCase<"Output", 1, "output">,
  I32EnumAttrCase<"Arena", 2, "arena">, I32EnumAttrCase<"Weights", 3, "weights">]>;

def ADF_PhaseMode : ADF_Enum<"PhaseMode", "when a phase runs", [
  I32EnumAttrCase<"Once", 0, "once">, I32EnumAttrCase<"Load", 1, "load">,
  I32EnumAttrCase<"Resident", 2, "resident">, I32EnumAttrCase<"Pipeline", 3, "pipeline">]>;

// The numbers are the runtime's DMA direction codes.
def ADF_Direction : ADF_Enum<"Direction", "direction of a DMA channel", [
  I32EnumAttrCase<"S2MM", 0, "s2mm">, I32EnumAttrCase<"MM2S", 1, "mm2s">]>;

def ADF_Await : ADF_Enum<"Await", "what of the step before a task of a step waits for", [
  I32EnumAttrCase<"Most", 0, "most">, I32EnumAttrCase<"All", 1, "all">]>;

def ADF_LockKind : ADF_Enum<"LockKind", "which of a window's two locks", [
  I32EnumAttrCase<"Empty", 0, "empty">, I32EnumAttrCase<"Full", 1, "full">]>;

def ADF_PortKind : ADF_Enum<"PortKind", "side of a stream switch", [
  I32EnumAttrCase<"DMA", 0, "dma">, I32EnumAttrCase<"Core", 1, "core">, I32EnumAttrCase<"North", 2, "north">,
  I32EnumAttrCase<"South", 3, "south">, I32EnumAttrCase<"East", 4, "east">, I32EnumAttrCase<"West", 5, "west">]>;

// The numbers stand in kernels' configurations. Those below 100 give a value for each channel where an operand
// has; the others give one for each pixel.
def ADF_StepKind : ADF_Enum<"StepKind", "operation of a row program", [
  I32EnumAttrCase<"Input", 0, "input">, I32EnumAttrCase<"Literal", 1, "literal">,
  I32EnumAttrCase<"Channel", 2, "channel">, I32EnumAttrCase<"Add", 10, "add">, I32EnumAttrCase<"Sub", 11, "sub">,
  I32EnumAttrCase<"Mul", 12, "mul">, I32EnumAttrCase<"Maximum", 13, "max">, I32EnumAttrCase<"Minimum", 14, "min">,
  I32EnumAttrCase<"Divide", 15, "intdiv">, I32EnumAttrCase<"ShiftRight", 16, "arithmetic_right_shift">,
  I32EnumAttrCase<"ShiftLeft", 17, "logical_left_shift">,
  I32EnumAttrCase<"ShiftRightLogical", 18, "logical_right_shift">, I32EnumAttrCase<"And", 19, "and">,
  I32EnumAttrCase<"Or", 20, "or">, I32EnumAttrCase<"Xor", 21, "xor">, I32EnumAttrCase<"Abs", 30, "abs">,
  I32EnumAttrCase<"Negate", 31, "negate">, I32EnumAttrCase<"Clz", 32, "clz">, I32EnumAttrCase<"Clamp", 33, "clamp">,
  I32EnumAttrCase<"Rescale", 34, "rescale">, I32EnumAttrCase<"RescaleEach", 35, "rescale_each">,
  I32EnumAttrCase<"Table8", 36, "table8">, I32EnumAttrCase<"Table16", 37, "table16">,
  I32EnumAttrCase<"ReduceSum", 100, "reduce_sum">, I32EnumAttrCase<"ReduceMax", 101, "reduce_max">,
  I32EnumAttrCase<"ReduceMin", 102, "reduce_min">]>;

def ADF_Tiling : ADF_Enum<"Tiling", "what of its inputs a part of an operator's result needs", [
  I32EnumAttrCase<"Elementwise", 0, "elementwise">, I32EnumAttrCase<"Rows", 1, "rows">,
  I32EnumAttrCase<"Windows", 2, "windows">]>;

class ADF_Attr<string name, string attrMnemonic> : AttrDef<ADF_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def ADF_RescaleAttr : ADF_Attr<"Rescale", "rescale"> {
  let summary = "one TOSA rescale with a 16-bit multiplier";
  let description = [{
    `(int64(v) * multiplier + (1 << (shift - 1))) >> shift`: TOSA 1.0 RESCALE, SINGLE_ROUND.

    Example: `#adf.rescale<19661, 15>`
  }];
  let parameters = (ins "int64_t":$multiplier, "int64_t":$shift);
  let assemblyFormat = "`<` $multiplier `,` $shift `>`";
  let genVerifyDecl = 1;
}

def ADF_ScheduleAttr : ADF_Attr<"Schedule", "schedule"> {
  let summary = "how one kernel operation is split over cores and time";
  let description = [{
    * `grid = [gs, gc]`: spatial groups x channel groups of cores.
    * `tile = [th, tw, oc, ic]`: output rows, output columns, output channels and input channels of one kernel call.
    * `depth = [act, weights, out]`: buffers of each window's ring in a core.
    * `memtiles = [slabs, joins]`: over how many memory tiles the input and the output are spread; default: as few as
      there are four spatial groups (slabs) and four cores (joins) for each.
    * `rounds`: the layer's rows are done in so many phases, one after the other (for what does not fit at once).
    * `cycles`: modelled AIE cycles of one kernel call.
    * `chained`: the cores that compute the layer's first operand go on with this layer, tile by tile; its operand
      never leaves them (in resident programs, and poolings in pipelined ones).
    * `first`: the set of cores, of those that share a group of rows, that has the first channels (resident programs
      only); a layer that needs not all sets leaves others idle each time. Where sets are left over because groups have
      equally many, it is the set with which the first group begins; the groups take the next ones, round and round.
    * `members`: of each set so many cores do the layer (resident programs only; 0: all of them). The windows of a
      layer that works on each channel alone are as much shorter.
    * `later`: modelled AIE cycles of a call for a tile of rows behind another one of its core, which computes only the
      rows that the chained layer has not seen: a core keeps those that its windows share (resident programs only; 0:
      every call computes all).
    * `early`: tiles of rows that read nothing of what the layer before makes last come first, in a round, and before that
      layer has ended; of the first layer, those whose rows of the input then come first (resident programs only).
    * `handover`: modelled AIE cycles of a call that hands sums on over the cascade: the cores of a set come in pairs, of
      which the western one sums up every other chunk of the input channels, from the first on, and the eastern one the
      rest and, before its last chunk, what it is handed, one tile of output channels after the other. `grid` counts pairs
      (resident programs only; 0: each core sums up all input channels).
    * `unpadded`: the layer, a convolution of less than a word of channels or of a part of one more, reads an input of the
      network whose pixels lie without padding in DDR and on the array (resident programs only; see `ADF/PixelGroups.h`).

    Example: `#adf.schedule<grid = [4, 7], tile = [2, 56, 16, 64], depth = [2, 2, 2], cycles = 4096>`
  }];
  let parameters = (ins "::mlir::DenseI64ArrayAttr":$grid, "::mlir::DenseI64ArrayAttr":$tile,
                        "::mlir::DenseI64ArrayAttr":$depth, OptionalParameter<"::mlir::DenseI64ArrayAttr">:$memtiles,
                        DefaultValuedParameter<"int64_t", "1">:$rounds, "int64_t":$cycles,
                        DefaultValuedParameter<"bool", "false">:$chained, DefaultValuedParameter<"int64_t", "0">:$first,
                        DefaultValuedParameter<"int64_t", "0">:$members, DefaultValuedParameter<"int64_t", "0">:$later,
                        DefaultValuedParameter<"bool", "false">:$early, DefaultValuedParameter<"int64_t", "0">:$handover,
                        DefaultValuedParameter<"bool", "false">:$unpadded);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def ADF_ResidentAttr : ADF_Attr<"Resident", "resident"> {
  let summary = "how a program that stays on the array shares the cores' memory";
  let description = [{
    * `sets`, `cores`: core tiles in use, `cores` in each of `sets` sets; the cores of a set share their activations.
    * `hubs`: memory tiles with all tensors; each serves some neighbouring sets. Where a hub has more streams than its six channels, joins beside
      it receive and send the others, which takes two joins for each hub and channels that cores leave;
    * `activations`: bytes of each activation buffer of a core, which hold windows of any shorter length;
    * `buffers`: how many of them there are, two or three;
    * `weights = [bytes, depth]`: a core's ring of weights; a layer's block takes the next power of two of its buffers;
    * `output`: bytes of a core's output buffer;
    * `streamed`: weights come from DDR for each inference, ahead of their use, through a memory tile for each core; without it, they are
      loaded once and stay in the memory tiles;
    * `divided`: each hub keeps only those rows of a layer's result that the sets read which it serves; without it, all rows;
    * `stack`: core tiles of a column that receive the same weights, for they do the same channels of different rows: of
      so many equal parts of the sets, the first stands in the lowest row, and the others above it, set by set;
    * `shared`: the outputs of a set are gathered in a memory tile that streamed weights pass through, instead of one of its own.

    Example: `#adf.resident<sets = 6, cores = 4, hubs = 2, activations = 15360, weights = [2432, 8], output = 2240>`
  }];
  let parameters = (ins "int64_t":$sets, "int64_t":$cores, "int64_t":$hubs, "int64_t":$activations, "::mlir::DenseI64ArrayAttr":$weights,
                        "int64_t":$output, DefaultValuedParameter<"bool", "false">:$streamed,
                        DefaultValuedParameter<"bool", "false">:$divided, DefaultValuedParameter<"int64_t", "1">:$stack,
                        DefaultValuedParameter<"bool", "false">:$shared, DefaultValuedParameter<"int64_t", "2">:$buffers);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def ADF_StageAttr : ADF_Attr<"Stage", "stage"> {
  let summary = "where a layer of a pipelined program is on the array";
  let description = [{
    Tiles are (column, row) pairs, flattened. `cores` has one for each core of the schedule's grid, group of rows by group
    of rows; `slabs` one for each part of each operand: operand by operand, group of rows by group of rows and, where
    channels stay apart, group of channels by group of channels. With `cascade` greater than 1, so many cores, each the
    neighbour of the next to the north or west, stand for each core of the grid: each has as many of the input channels
    and hands its sums on over the cascade; the last one sends the result. What they read is a part of the operand for
    each of them. Where each has several chunks, it keeps its sums in memory, and a call of `handover` cycles copies them to
    or from the cascade. The result leaves in `lanes` streams, each with as many
    of the groups of channels. `joins` has a memory tile for each core, which gathers what the core sends; neighbours of
    a lane that name one tile share a join, and one join hands on to the next. It is empty where each lane has one core.
    `weights` has a memory tile for each group of channels, where its weights stay. `depths`: images that a slab of each
    operand holds at a time. Where that is too little for what waits, an operand comes through as many memory tiles on
    the way as `relays` says, each holding two images; `relay_tiles` has them for each part of the operand in the order
    of the way.

    With `bands`, an image of an operand comes in so many bands of rows, each of which is handed on as soon as it is complete,
    and `depths` counts bands. Where all bands are read alike and none with rows of another, a slab is a ring of any number of
    them; else of whole images. Memory tiles on the way then hold as many as the slab.

    The layers of a `segment` are on the array together, all images of a batch go through them, and those of the next
    segment follow. What a later one reads goes through DDR.

    With `gathered`, an input of the network comes to each group of rows in a stream of its own, which brings the rows of one
    window after the other: a lane that all of them share moves a word a cycle. Each window is then a band.

    With `paired`, every two cores of a lane send in one stream, in the order in which they are in the lane: the second one
    writes its results to memory of the first, which must be its southern, western or northern neighbour. Four streams lead
    south from a column, which has more cores than that.

    Example: `#adf.stage<lanes = 1, depths = [2], cores = [0, 3, 0, 4], joins = [0, 2, 0, 2], slabs = [0, 1],
    weights = [0, 1, 0, 1]>`
  }];
  let parameters = (ins "int64_t":$lanes, "::mlir::DenseI64ArrayAttr":$depths, "::mlir::DenseI64ArrayAttr":$cores,
                        "::mlir::DenseI64ArrayAttr":$joins, "::mlir::DenseI64ArrayAttr":$slabs,
                        "::mlir::DenseI64ArrayAttr":$weights, OptionalParameter<"::mlir::DenseI64ArrayAttr">:$relays,
                        OptionalParameter<"::mlir::DenseI64ArrayAttr">:$relay_tiles,
                        DefaultValuedParameter<"int64_t", "1">:$cascade, DefaultValuedParameter<"int64_t", "0">:$handover,
                        OptionalParameter<"::mlir::DenseI64ArrayAttr">:$bands, DefaultValuedParameter<"int64_t", "0">:$segment,
                        DefaultValuedParameter<"bool", "false">:$gathered,
                        DefaultValuedParameter<"bool", "false">:$paired);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Bands of rows in which an image of operand `operand` comes.
    int64_t bandsOf(unsigned operand) const;
    /// Memory tiles that operand `operand` comes through, and the number of the first one's place.
    int64_t relaysOf(unsigned operand) const;
    size_t firstRelay(unsigned operand, size_t part, size_t parts) const;
  }];
}

def ADF_AcquireAttr : ADF_Attr<"Acquire", "acquire"> {
  let summary = "a lock acquire";
  let description = [{
    `<full >= 1>` waits until the lock is at least 1 and subtracts 1; `<full == 1>` waits until it is 1 and leaves it.

    Example: `#adf.acquire<full >= 1>`
  }];
  let parameters = (ins EnumParameter<ADF_LockKind>:$lock, "bool":$equal, "int64_t":$value);
  let assemblyFormat = "`<` $lock custom<Comparison>($equal) $value `>`";
  let genVerifyDecl = 1;
}

def ADF_ReleaseAttr : ADF_Attr<"Release", "release"> {
  let summary = "a lock release";
  let description = [{
    Adds `value` to the lock.

    Example: `#adf.release<full + 1>`
  }];
  let parameters = (ins EnumParameter<ADF_LockKind>:$lock, "int64_t":$value);
  let assemblyFormat = "`<` $lock `+` $value `>`";
  let genVerifyDecl = 1;
}

def ADF_StepAttr : ADF_Attr<"Step", "step"> {
  let summary = "one operation of a row program";
  let description = [{
    `operands` are numbers of earlier steps. `numbers` are

    * the operand's number for `input`, the value for `literal`,
    * the constant's number for `channel`, `table8` and `table16`; those of multipliers and shifts, and the bits of the
      result, for `rescale_each`,
    * multiplier, shift and bits of the result for `rescale` (saturated to so many bits),
    * low and high for `clamp`, the shift for `mul`, 1 for an `arithmetic_right_shift` that rounds.

    Example: `#adf.step<rescale [3], [19661, 15, 8]>`
  }];
  let parameters = (ins EnumParameter<ADF_StepKind>:$kind, "::mlir::DenseI64ArrayAttr":$operands,
                        "::mlir::DenseI64ArrayAttr":$numbers);
  let assemblyFormat = "`<` $kind $operands `,` $numbers `>`";
}

def ADF_PortAttr : ADF_Attr<"Port", "port"> {
  let summary = "a port of a stream switch";
  let description = [{
    Example: `#adf.port<north 2>`
  }];
  let parameters = (ins EnumParameter<ADF_PortKind>:$kind, "int64_t":$index);
  let assemblyFormat = "`<` $kind $index `>`";
  let genVerifyDecl = 1;
}

#endif // ADFC_ADF_ATTRS_TD
