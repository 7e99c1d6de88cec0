// Graph level: operators that packages add. What such an operator is stands in its attributes.
#ifndef ADFC_ADF_CUSTOM_OPS_TD
#define ADFC_ADF_CUSTOM_OPS_TD

include "ADF/ADFGraphOps.td"

def ADF_CustomOp : ADF_KernelOpWith<"custom", ["getNumActivations", "isChannelwise", "takesAllChannels",
                                               "getWeightBytes", "getWeightsBlockBytes", "packWeightsBlock",
                                               "getAccumulatorBytes"]> {
  let summary = "an operator of a package: int8 in, int8 out, by a kernel of its own";
  let description = [{
    `tiling` says which part of its inputs a part of the result needs:

    * `elementwise`: element i of the result needs element i of each input, and all have one shape;
    * `rows`: a pixel's channels of the result need that pixel's channels of each input, all of them; their
      number may change;
    * `windows`: an element of the result needs the window [kernel height, kernel width, stride y, stride x, top,
      bottom, left, right] of its own channel, where the last four are zeros around the image.

    `constant` has bytes that every call reads, `scratch` is how many bytes of memory a call may use as it likes.
    `code` goes into the kernel's configuration: `language`, `source`, `entry` (the function's name) and `defines`.
    `cost` has instructions in the slots `mac`, `load_a`, `load_b`, `store` and `move` for each 32 bytes of the result,
    or of an input where that is larger.

    ```mlir
    %y = adf.custom "act" "acme.leaky" %x tiling elementwise scratch 0
      code {language = "c", source = "...", entry = "leaky", defines = "SHIFT 7\0A"} cost {store = 1.0}
      constant dense<3> : tensor<256xi8> : (tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
    ```
  }];
  let arguments = (ins StrAttr:$layer, StrAttr:$function, Variadic<ADF_Act>:$inputs,
                       ADF_Tiling:$tiling,
                       OptionalAttr<DenseI64ArrayAttr>:$window, I64Attr:$scratch, DictionaryAttr:$code,
                       DictionaryAttr:$cost, OptionalAttr<ElementsAttr>:$constant,
                       OptionalAttr<ADF_ScheduleAttr>:$schedule);
  let results = (outs ADF_Act:$output);
  let assemblyFormat = [{
    $layer $function $inputs `tiling` $tiling (`window` $window^)? `scratch` $scratch `code` $code `cost` $cost
    (`constant` $constant^)? (`schedule` $schedule^)? attr-dict `:` functional-type(operands, results)
  }];
}

#endif // ADFC_ADF_CUSTOM_OPS_TD
