// Graph level: what transformers need beyond convolutions. A token is a pixel, its features are channels.
#ifndef ADFC_ADF_SEQUENCE_OPS_TD
#define ADFC_ADF_SEQUENCE_OPS_TD

include "ADF/ADFGraphOps.td"

def ADF_MatmulOp : ADF_KernelOpWith<"matmul", ["getMacs", "isChannelwise", "getWeightsBlockBytes", "getStreamedOperand",
                                               "hasColumnWeights", "takesAllChannels"]> {
  let summary = "product of two activations for each column, rescale to int8, clamp";
  let description = [{
    Columns are the batch (attention's heads): `lhs` is 1 x M x B x K, the result 1 x M x B x N. `rhs` is 1 x K x B x N,
    or 1 x N x B x K where it is `transposed`.

    ```mlir
    %s = adf.matmul "scores" %q, %k transposed true rescale <16384, 22> clamp [-128, 127]
      : (tensor<1x64x4x32xi8>, tensor<1x64x4x32xi8>) -> tensor<1x64x4x64xi8>
    ```
  }];
  let arguments = (ins StrAttr:$layer, ADF_Act:$lhs, ADF_Act:$rhs, BoolAttr:$transposed, ADF_RescaleAttr:$rescale,
                       DenseI64ArrayAttr:$clamp, OptionalAttr<ADF_ScheduleAttr>:$schedule);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = [{
    $layer $lhs `,` $rhs `transposed` $transposed `rescale` $rescale `clamp` $clamp (`schedule` $schedule^)? attr-dict
    `:` functional-type(operands, results)
  }];
}

def ADF_GatherOp : ADF_KernelOpWith<"gather", ["isChannelwise", "getWeightBytes", "getWeightsBlockBytes",
                                               "packWeightsBlock"]> {
  let summary = "rows of a constant table";
  let description = [{
    A pixel of `indices` is the four bytes of an int32, little-endian; the pixel of the result is that row of the table.
    An index outside the table gives zeros.

    ```mlir
    %y = adf.gather "embedding" %ids table dense<1> : tensor<1000x128xi8>
      : (tensor<1x64x1x4xi8>) -> tensor<1x64x1x128xi8>
    ```
  }];
  let arguments = (ins StrAttr:$layer, ADF_Act:$indices, ElementsAttr:$table,
                       OptionalAttr<ADF_ScheduleAttr>:$schedule);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = [{
    $layer $indices `table` $table (`schedule` $schedule^)? attr-dict `:` functional-type(operands, results)
  }];
}

def ADF_RowwiseOp : ADF_KernelOpWith<"rowwise", ["getNumActivations", "getWeightBytes", "getWeightsBlockBytes",
                                                 "packWeightsBlock", "takesAllChannels", "getPasses"]> {
  let summary = "a program of integer operations for each pixel: softmax, normalisation, chains of functions";
  let description = [{
    Each of `steps` is an operation of TOSA 1.0 on int32 values, one for each channel of a pixel; reductions go over
    the channels and give one value for each pixel. The last step's values, within int8, are the result. `constants` are
    tables (256 values for int8, 513 for int16) and vectors with an int32 for each channel.

    ```mlir
    %y = adf.rowwise "center" %x steps [#adf.step<input [], [0]>, #adf.step<reduce_sum [0], []>,
      #adf.step<rescale [1], [16384, 18, 32]>, #adf.step<sub [0, 2], []>, #adf.step<rescale [3], [16384, 14, 8]>]
      constants [] : (tensor<1x16x1x16xi8>) -> tensor<1x16x1x16xi8>
    ```
  }];
  let arguments = (ins StrAttr:$layer, Variadic<ADF_Act>:$inputs, TypedArrayAttrBase<ADF_StepAttr, "steps">:$steps,
                       TypedArrayAttrBase<ElementsAttr, "constants">:$constants,
                       OptionalAttr<ADF_ScheduleAttr>:$schedule);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = [{
    $layer $inputs `steps` $steps `constants` $constants (`schedule` $schedule^)? attr-dict
    `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// Whether some step reduces over the channels.
    bool reduces();
    /// Whether constant `index` holds a value for each channel, rather than a table.
    bool isChannelVector(unsigned index);
  }];
}

#endif // ADFC_ADF_SEQUENCE_OPS_TD
