// Graph level: tensors that lie inside others, and kernels that move or resample pixels.
#ifndef ADFC_ADF_VIEW_OPS_TD
#define ADFC_ADF_VIEW_OPS_TD

include "ADF/ADFGraphOps.td"

def ADF_SliceOp : ADF_Op<"slice", [Pure]> {
  let summary = "a part of a tensor, read where it lies";
  let description = [{
    The result's pixel (y, x) is the operand's pixel `offset` + (y, x) * `step`, its channels begin at the operand's
    channel `offset[2]`, a multiple of 4: DMA reads whole words. With `transposed` the result's pixel (y, x) is the one
    that stands at (x, y) of such a part. Moves no data.

    ```mlir
    %y = adf.slice %x offset [2, 0, 8] step [1, 1] : tensor<1x8x8x32xi8> to tensor<1x6x8x16xi8>
    ```
  }];
  let arguments = (ins ADF_Act:$input, DenseI64ArrayAttr:$offset, DenseI64ArrayAttr:$step,
                       UnitAttr:$transposed);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = "$input `offset` $offset `step` $step (`transposed` $transposed^)? attr-dict `:` type($input) `to` type($output)";
  let hasVerifier = 1;
}

def ADF_AssembleOp : ADF_Op<"assemble", [Pure]> {
  let summary = "a tensor that is written in parts";
  let description = [{
    `places` has five numbers for each part: row, column and channel of its first element in the result, row step and
    column step. A part's pixel (y, x) is the result's pixel (row, column) + (y, x) * (row step, column step). Channels
    are placed at multiples of 4, since DMA writes whole words. What no part covers is unspecified. Moves no data where
    kernels make the parts: they write to their places. `adf-legalize-views` puts an `adf.copy` where they cannot.

    ```mlir
    %y = adf.assemble "cat" %a, %b places [0, 0, 0, 1, 1, 0, 0, 16, 1, 1]
      : (tensor<1x8x8x16xi8>, tensor<1x8x8x8xi8>) -> tensor<1x8x8x24xi8>
    ```
  }];
  let arguments = (ins StrAttr:$layer, Variadic<ADF_Act>:$parts, DenseI64ArrayAttr:$places);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = [{
    $layer $parts `places` $places attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def ADF_CopyOp : ADF_KernelOpWith<"copy", []> {
  let summary = "the same tensor in another place";
  let description = [{
    ```mlir
    %y = adf.copy "cat.a" %x : (tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
    ```
  }];
  let arguments = (ins StrAttr:$layer, ADF_Act:$input, OptionalAttr<ADF_ScheduleAttr>:$schedule);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = [{
    $layer $input (`schedule` $schedule^)? attr-dict `:` functional-type(operands, results)
  }];
}

class ADF_ExtremumOp<string opMnemonic>
    : ADF_KernelOpWith<opMnemonic, ["getNumActivations", "getStreamedOperand", "getWeightsBlockBytes"]> {
  let arguments = (ins StrAttr:$layer, ADF_Act:$lhs, ADF_Act:$rhs, DenseI64ArrayAttr:$clamp,
                       OptionalAttr<ADF_ScheduleAttr>:$schedule);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = [{
    $layer $lhs `,` $rhs `clamp` $clamp (`schedule` $schedule^)? attr-dict `:` functional-type(operands, results)
  }];
}

def ADF_MaximumOp : ADF_ExtremumOp<"maximum"> {
  let summary = "the larger of two values, clamp";
  let description = [{
    ```mlir
    %y = adf.maximum "max1" %a, %b clamp [-128, 127]
      : (tensor<1x8x8x16xi8>, tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
    ```
  }];
}

def ADF_MinimumOp : ADF_ExtremumOp<"minimum"> {
  let summary = "the smaller of two values, clamp";
  let description = [{
    ```mlir
    %y = adf.minimum "min1" %a, %b clamp [-128, 127]
      : (tensor<1x8x8x16xi8>, tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
    ```
  }];
}

def ADF_ResizeOp : ADF_KernelOpWith<"resize", ["hasPadImmediates"]> {
  let summary = "resample rows and columns: nearest neighbour or bilinear, rescale to int8, clamp";
  let description = [{
    TOSA's RESIZE: output position o lies at input position (o * d + offset) / n, where `scale` is [n, d] of rows and
    [n, d] of columns; positions outside of the image are its border. Bilinear sums have the factor n of rows times n of
    columns, which `rescale` takes away; nearest neighbours are not rescaled. With d = 0 each position reads the first one: a row or column is
    broadcast.

    ```mlir
    %y = adf.resize "up" %x bilinear scale [4, 2, 4, 2] offset [-1, -1] rescale <16384, 18> clamp [-128, 127]
      : (tensor<1x8x8x16xi8>) -> tensor<1x16x16x16xi8>
    ```
  }];
  let arguments = (ins StrAttr:$layer, ADF_Act:$input, UnitAttr:$bilinear, DenseI64ArrayAttr:$scale,
                       DenseI64ArrayAttr:$offset, ADF_RescaleAttr:$rescale, DenseI64ArrayAttr:$clamp,
                       OptionalAttr<ADF_ScheduleAttr>:$schedule);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = [{
    $layer $input (`bilinear` $bilinear^)? `scale` $scale `offset` $offset `rescale` $rescale `clamp` $clamp
    (`schedule` $schedule^)? attr-dict `:` functional-type(operands, results)
  }];
}

#endif // ADFC_ADF_VIEW_OPS_TD
