// Graph level: fused int8 kernels on tensors.
#ifndef ADFC_ADF_GRAPH_OPS_TD
#define ADFC_ADF_GRAPH_OPS_TD

include "ADF/ADFAttrs.td"
include "ADF/ADFInterfaces.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/CommonAttrConstraints.td"
include "mlir/IR/CommonTypeConstraints.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"

class ADF_Op<string opMnemonic, list<Trait> traits = []> : Op<ADF_Dialect, opMnemonic, traits>;

def ADF_GraphOp : ADF_Op<"graph", [IsolatedFromAbove, FunctionOpInterface, SingleBlock]> {
  let summary = "a network of fused kernels";
  let description = [{
    The arguments are the program's inputs, what `adf.output` names are its outputs: int8 tensors in array order
    (NHWC). Layer names in it are unique. `device`, `tiles` and `avoid` say for what its schedules are made: the device's
    name, how many core tiles there are, and (column, row) pairs of tiles that may not be used; `adf-tile` needs them.
    With `resident` weights and activations stay on the array from one inference to the next. With `batch` an inference is
    of so many images, which go through the layers one behind the other, each layer on tiles of its own, which its
    attribute `adf.stage` names.

    ```mlir
    adf.graph @main(%x: tensor<1x8x8x1xi8>) -> tensor<1x10xi8> {
      ...
      adf.output %y : tensor<1x10xi8>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type,
                       OptionalAttr<DictArrayAttr>:$arg_attrs, OptionalAttr<DictArrayAttr>:$res_attrs,
                       OptionalAttr<StrAttr>:$device, OptionalAttr<I64Attr>:$tiles,
                       OptionalAttr<DenseI64ArrayAttr>:$avoid, OptionalAttr<ADF_ResidentAttr>:$resident,
                       OptionalAttr<I64Attr>:$batch);
  let regions = (region SizedRegion<1>:$body);
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::FunctionType":$type)>];
  let skipDefaultBuilders = 1;
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
  }];
}

def ADF_OutputOp : ADF_Op<"output", [Terminator, Pure, HasParent<"GraphOp">]> {
  let summary = "names the graph's outputs";
  let description = [{
    ```mlir
    adf.output %y : tensor<1x10xi8>
    ```
  }];
  let arguments = (ins Variadic<AnyStaticShapeTensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let hasVerifier = 1;
}

def ADF_ConstantOp : ADF_Op<"constant", [ConstantLike, Pure, AllTypesMatch<["value", "result"]>]> {
  let summary = "weights or biases";
  let description = [{
    ```mlir
    %w = adf.constant dense<1> : tensor<16x3x3x4xi8>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs AnyStaticShapeTensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
}

def ADF_Act : TensorRankOf<[I8], [4]>;
def ADF_Bias : TensorRankOf<[I32, I64], [1]>;


class ADF_KernelOpWith<string opMnemonic, list<string> methods>
    : ADF_Op<opMnemonic, [Pure, DeclareOpInterfaceMethods<ADF_KernelOpInterface, methods>]> {
  let hasVerifier = 1;
}

def ADF_Conv2DOp : ADF_KernelOpWith<"conv2d", ["getMacs", "isChannelwise", "getWeightBytes", "getWeightsBlockBytes",
                                               "packWeightsBlock", "getAccumulatorBytes", "getElementBytes",
                                               "getWeightBits", "getPixelGroups"]> {
  let summary = "convolution, rescale per channel to int8 or int16, clamp";
  let description = [{
    Weights are OHWI, the bias is int32; both are constants. `multiplier` and `shift` have one element for each output
    channel. `pad` is [top, bottom, left, right] zeros; input that no output reads is allowed at the end of an axis.
    A fully connected layer is a convolution of a 1x1 image, or of the whole image by a kernel of its size.

    With `wide_input` or `wide_output` that activation is int16: its tensor has two int8 channels for each of its own, their
    bytes, little-endian. The bias is int64 then, and sums are exact to 48 bits, as in TOSA. With `packed` the weights are
    levels from -8 to 7 that are stored two in a byte; activations are int8.

    ```mlir
    %y = adf.conv2d "conv1" %x, %w, %b stride [2, 2] pad [3, 3, 3, 3] dilation [1, 1] clamp [0, 127]
      multiplier dense<19661> : tensor<64xi16> shift dense<15> : tensor<64xi8>
      schedule <grid = [4, 7], tile = [1, 112, 16, 4], depth = [2, 2, 2], cycles = 4000>
      : (tensor<1x224x224x3xi8>, tensor<64x7x7x3xi8>, tensor<64xi32>) -> tensor<1x112x112x64xi8>
    ```
  }];
  let arguments = (ins StrAttr:$layer, ADF_Act:$input, ADF_Act:$weights, ADF_Bias:$bias,
                       DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$pad, DenseI64ArrayAttr:$dilation,
                       DenseI64ArrayAttr:$clamp, ElementsAttr:$multiplier, ElementsAttr:$shift,
                       OptionalAttr<ADF_ScheduleAttr>:$schedule, UnitAttr:$wide_input, UnitAttr:$wide_output,
                       UnitAttr:$packed);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = [{
    $layer $input `,` $weights `,` $bias `stride` $stride `pad` $pad `dilation` $dilation `clamp` $clamp
    `multiplier` $multiplier `shift` $shift (`schedule` $schedule^)? attr-dict `:` functional-type(operands, results)
  }];
}

def ADF_DepthwiseConv2DOp : ADF_KernelOpWith<"depthwise_conv2d", ["getMacs", "getWeightBytes", "getWeightsBlockBytes",
                                                                  "packWeightsBlock", "getElementBytes"]> {
  let summary = "convolution of each channel by a kernel of its own, rescale per channel, clamp";
  let description = [{
    Weights are [kernel height, kernel width, channels, 1], as in TOSA with a channel multiplier of 1; all else is as in
    `adf.conv2d`. With `wide` input and result are int16, as bytes.

    ```mlir
    %y = adf.depthwise_conv2d "dw1" %x, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [0, 127]
      multiplier dense<19661> : tensor<64xi16> shift dense<15> : tensor<64xi8>
      : (tensor<1x25x5x64xi8>, tensor<3x3x64x1xi8>, tensor<64xi32>) -> tensor<1x25x5x64xi8>
    ```
  }];
  let arguments = (ins StrAttr:$layer, ADF_Act:$input, ADF_Act:$weights, ADF_Bias:$bias,
                       DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$pad, DenseI64ArrayAttr:$dilation,
                       DenseI64ArrayAttr:$clamp, ElementsAttr:$multiplier, ElementsAttr:$shift,
                       OptionalAttr<ADF_ScheduleAttr>:$schedule, UnitAttr:$wide);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = [{
    $layer $input `,` $weights `,` $bias `stride` $stride `pad` $pad `dilation` $dilation `clamp` $clamp
    `multiplier` $multiplier `shift` $shift (`schedule` $schedule^)? attr-dict `:` functional-type(operands, results)
  }];
}

// Two activations of one shape; or the second one, of shape 1x1x1xC, holds for every pixel.
class ADF_SumOp<string opMnemonic>
    : ADF_KernelOpWith<opMnemonic, ["getNumActivations", "getStreamedOperand", "getWeightsBlockBytes",
                                    "getElementBytes"]> {
  let arguments = (ins StrAttr:$layer, ADF_Act:$lhs, ADF_Act:$rhs, ADF_RescaleAttr:$lhs_rescale,
                       ADF_RescaleAttr:$rhs_rescale, ADF_RescaleAttr:$out_rescale, DenseI64ArrayAttr:$clamp,
                       OptionalAttr<ADF_ScheduleAttr>:$schedule, UnitAttr:$wide);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = [{
    $layer $lhs `,` $rhs `lhs` $lhs_rescale `rhs` $rhs_rescale `out` $out_rescale `clamp` $clamp
    (`schedule` $schedule^)? attr-dict `:` functional-type(operands, results)
  }];
}

def ADF_AddOp : ADF_SumOp<"add"> {
  let summary = "rescale both operands to int32, add, rescale to int8, clamp";
  let description = [{
    The second operand has the first one's shape, or is one pixel that holds for all. With `wide` operands and result are
    int16, as bytes.

    ```mlir
    %y = adf.add "add1" %a, %b lhs <1073, 11> rhs <2048, 11> out <16384, 26> clamp [0, 127]
      : (tensor<1x56x56x64xi8>, tensor<1x56x56x64xi8>) -> tensor<1x56x56x64xi8>
    ```
  }];
}

def ADF_SubOp : ADF_SumOp<"sub"> {
  let summary = "rescale both operands to int32, subtract, rescale to int8, clamp";
  let description = [{
    The second operand has the first one's shape, or is one pixel that holds for all. With `wide` operands and result are
    int16, as bytes.

    ```mlir
    %y = adf.sub "sub1" %a, %b lhs <1073, 11> rhs <2048, 11> out <16384, 26> clamp [-128, 127]
      : (tensor<1x56x56x64xi8>, tensor<1x56x56x64xi8>) -> tensor<1x56x56x64xi8>
    ```
  }];
}

def ADF_MulOp
    : ADF_KernelOpWith<"mul", ["getNumActivations", "getStreamedOperand", "getWeightsBlockBytes"]> {
  let summary = "multiply, rescale to int8, clamp";
  let description = [{
    The second operand has the first one's shape, or is one pixel that holds for all.

    ```mlir
    %y = adf.mul "gate" %a, %b rescale <16384, 22> clamp [-128, 127]
      : (tensor<1x56x56x64xi8>, tensor<1x56x56x64xi8>) -> tensor<1x56x56x64xi8>
    ```
  }];
  let arguments = (ins StrAttr:$layer, ADF_Act:$lhs, ADF_Act:$rhs, ADF_RescaleAttr:$rescale,
                       DenseI64ArrayAttr:$clamp, OptionalAttr<ADF_ScheduleAttr>:$schedule);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = [{
    $layer $lhs `,` $rhs `rescale` $rescale `clamp` $clamp (`schedule` $schedule^)? attr-dict
    `:` functional-type(operands, results)
  }];
}

def ADF_RescaleOp : ADF_KernelOpWith<"rescale", ["isChannelwise", "takesAllChannels", "getElementBytes"]> {
  let summary = "rescale between int8 and int16, clamp";
  let description = [{
    What is `wide` has int16 elements: two int8 channels for each, its bytes, little-endian.

    ```mlir
    %y = adf.rescale "conv1_as_int8" %x by <16384, 22> clamp [-128, 127] {wide_input}
      : (tensor<1x8x8x32xi8>) -> tensor<1x8x8x16xi8>
    ```
  }];
  let arguments = (ins StrAttr:$layer, ADF_Act:$input, ADF_RescaleAttr:$rescale, DenseI64ArrayAttr:$clamp,
                       OptionalAttr<ADF_ScheduleAttr>:$schedule, UnitAttr:$wide_input, UnitAttr:$wide_output);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = [{
    $layer $input `by` $rescale `clamp` $clamp (`schedule` $schedule^)? attr-dict
    `:` functional-type(operands, results)
  }];
}

def ADF_ArgmaxOp : ADF_KernelOpWith<"argmax", ["isChannelwise", "takesAllChannels"]> {
  let summary = "number of each pixel's channel that has the greatest value";
  let description = [{
    The first of equal ones. The result's four channels are the bytes of an int32, little-endian.

    ```mlir
    %y = adf.argmax "classes" %x : (tensor<1x8x8x21xi8>) -> tensor<1x8x8x4xi8>
    ```
  }];
  let arguments = (ins StrAttr:$layer, ADF_Act:$input, OptionalAttr<ADF_ScheduleAttr>:$schedule);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = [{
    $layer $input (`schedule` $schedule^)? attr-dict `:` functional-type(operands, results)
  }];
}

def ADF_TableOp : ADF_KernelOpWith<"table", ["getWeightBytes", "getWeightsBlockBytes", "packWeightsBlock"]> {
  let summary = "looks each value up in a table of 256";
  let description = [{
    Element `x + 128` of the table is the result for the input `x`.

    ```mlir
    %y = adf.table "sigmoid" %x table dense<5> : tensor<256xi8> : (tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
    ```
  }];
  let arguments = (ins StrAttr:$layer, ADF_Act:$input, ElementsAttr:$table, OptionalAttr<ADF_ScheduleAttr>:$schedule);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = [{
    $layer $input `table` $table (`schedule` $schedule^)? attr-dict `:` functional-type(operands, results)
  }];
}

def ADF_MaxPool2DOp : ADF_KernelOpWith<"max_pool2d", ["hasPadImmediates"]> {
  let summary = "maximum over a moving window";
  let description = [{
    Positions in the padding [top, bottom, left, right] never win.

    ```mlir
    %y = adf.max_pool2d "maxpool" %x kernel [3, 3] stride [2, 2] pad [1, 0, 1, 0]
      : (tensor<1x112x112x64xi8>) -> tensor<1x56x56x64xi8>
    ```
  }];
  let arguments = (ins StrAttr:$layer, ADF_Act:$input, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$stride,
                       DenseI64ArrayAttr:$pad, OptionalAttr<ADF_ScheduleAttr>:$schedule);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = [{
    $layer $input `kernel` $kernel `stride` $stride `pad` $pad (`schedule` $schedule^)? attr-dict
    `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// Of calls whose windows lack so many columns on the left and on the right, which are padding.
    ::mlir::DictionaryAttr getConfigWithout(int64_t left, int64_t right, KernelTile tile);
  }];
}

def ADF_Mean2DOp : ADF_KernelOpWith<"mean2d", []> {
  let summary = "global average: sum over height and width in int32, one rescale to int8, clamp";
  let description = [{
    ```mlir
    %y = adf.mean2d "avgpool" %x rescale <21399, 20> clamp [-128, 127]
      : (tensor<1x7x7x512xi8>) -> tensor<1x1x1x512xi8>
    ```
  }];
  let arguments = (ins StrAttr:$layer, ADF_Act:$input, ADF_RescaleAttr:$rescale, DenseI64ArrayAttr:$clamp,
                       OptionalAttr<ADF_ScheduleAttr>:$schedule);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = [{
    $layer $input `rescale` $rescale `clamp` $clamp (`schedule` $schedule^)? attr-dict
    `:` functional-type(operands, results)
  }];
}

def ADF_ReshapeOp : ADF_Op<"reshape", [Pure]> {
  let summary = "the same bytes under another shape";
  let description = [{
    Moves no data, so the padding of channels to whole words must come out the same: the number of channels stays, or
    both shapes are free of padding.

    ```mlir
    %y = adf.reshape %x : tensor<1x1x1x512xi8> to tensor<1x512xi8>
    ```
  }];
  let arguments = (ins TensorOf<[I8]>:$input);
  let results = (outs TensorOf<[I8]>:$output);
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($output)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// Whether the same bytes can stand for both types in DDR.
    static bool keepsBytes(::mlir::RankedTensorType from, ::mlir::RankedTensorType to);
  }];
}

#endif // ADFC_ADF_GRAPH_OPS_TD
