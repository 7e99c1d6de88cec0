// The conversion from TOSA into the adf dialect.
#ifndef ADFC_CONVERSION_TOSATOADF_PASSES_TD
#define ADFC_CONVERSION_TOSATOADF_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertTosaToADF : Pass<"convert-tosa-to-adf", "::mlir::ModuleOp"> {
  let summary = "fuse int8 TOSA into graphs of kernels";
  let description = [{
    Turns each `func.func` into an `adf.graph`:

    | TOSA 1.0, int8, zero points 0                                                | adf                                                |
    |------------------------------------------------------------------------------|----------------------------------------------------|
    | conv2d, rescale to i8 (16-bit multipliers, SINGLE_ROUND), clamp              | `adf.conv2d`                                       |
    | the same with weights of i4                                                  | `adf.conv2d`, packed                               |
    | conv2d of i16 to i48, or to i16, rescale to i8 or i16, clamp                 | `adf.conv2d`, wide                                 |
    | depthwise_conv2d, rescale to i8, clamp                                       | `adf.depthwise_conv2d`                             |
    | the same of i16 to i48, or to i16                                            | `adf.depthwise_conv2d`, wide                       |
    | depthwise_conv2d with a channel multiplier, rescale to i8, clamp             | `adf.conv2d`                                       |
    | transpose_conv2d, rescale to i8                                              | an `adf.conv2d` for each of stride x stride phases |
    | two rescales to i32, add or sub (broadcast), rescale to i8, clamp            | `adf.add`, `adf.sub`                               |
    | the same of or to i16, two tensors of one shape                              | `adf.add`, `adf.sub`, wide                         |
    | rescale between i8 and i16; a clamp of i16 that no kernel takes in           | `adf.rescale`                                      |
    | argmax over the last axis, an output of the program                          | `adf.argmax`                                       |
    | mul of i8 to i32 (broadcast), rescale to i8, clamp                           | `adf.mul`                                          |
    | two casts to i32, maximum or minimum (broadcast), rescale by 1, clamp        | `adf.maximum`, `adf.minimum`                       |
    | table with constant values                                                   | `adf.table`                                        |
    | a clamp that no kernel takes in, a rescale from i8 to i8                     | `adf.table`                                        |
    | cast to i32, reduce_sum over height, over width, rescale to i8, clamp        | `adf.mean2d`                                       |
    | max_pool2d                                                                   | `adf.max_pool2d`                                   |
    | resize to the nearest neighbour; bilinear and rescale to i8, clamp           | `adf.resize`                                       |
    | concat                                                                       | `adf.assemble`: parts are written to their places  |
    | slice                                                                        | `adf.slice`: read where it lies                    |
    | slice that drops the end of an axis, in front of a convolution or max_pool2d | folded                                             |
    | pad with zeros in front of a convolution                                     | folded                                             |
    | pad with a constant                                                          | `adf.assemble` with constants                      |
    | concat, slice and pad of channels between whole words                        | a 1x1 `adf.conv2d` that picks channels             |
    | transpose that leaves channels where they are                                | `adf.slice`, transposed; `adf.reshape`             |
    | transpose of channels                                                        | an `adf.matmul` with an identity, between views    |
    | reshape of whole words of channels                                           | `adf.reshape`                                      |
    | any other reshape                                                            | 1x1 `adf.conv2d` that split and join pixels        |
    | matmul, transpositions of batch and rows around it, rescale to i8, clamp     | `adf.matmul`                                       |
    | gather from a constant, by an int32 input                                    | `adf.gather`                                       |
    | any other chain of int32 operations on channels, down to a rescale to i8     | `adf.rowwise`                                      |

    Tensors of int16 become tensors of their bytes, int8 with twice as many channels; reshapes, slices, concatenations,
    padding by zeros and resizing to the nearest neighbour are those of the bytes. Fails if anything else is left, with one error for each such operation. Weights are carried over as they are; those
    with a channel multiplier become dense, zero but where input and output channel belong together.
    A layer's name is the first name in its location, made unique.
  }];
  let dependentDialects = ["::adfc::adf::ADFDialect"];
}

#endif // ADFC_CONVERSION_TOSATOADF_PASSES_TD
