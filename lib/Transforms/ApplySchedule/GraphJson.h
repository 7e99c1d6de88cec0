//===- GraphJson.h - the fused graph as the planner sees it ---------------===//
//
// A list with one object for each kernel operation, in program order:
//
//   name            the layer
//   kind            the kernel's kind
//   inputs          for each activation: the layer that makes it, or "%N" for the graph's argument
//   N input_shapes    [height, width, channels] of each activation output_shape    [height, width,
//   channels] rows, columns   how outputs read inputs: {"stride", "span", "pad"} (pad: in front;
//   span: input positions of
//                   one output)
//   channelwise     whether output channel i reads only input channel i
//   kernel, stride, dilation, pad   of convolutions and poolings; pad is [top, bottom, left, right]
//   macs            multiply-accumulates
//   weight_bytes    bytes of weights and parameters, without padding
//   weights_block   bytes of the weights window of a call: {"per_output", "per_pair"} for each
//   output channel, and
//                   for each pair of output and input channel
//   location        "file:line" of the user's program, or ""
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_TRANSFORMS_APPLYSCHEDULE_GRAPHJSON_H
#define ADFC_TRANSFORMS_APPLYSCHEDULE_GRAPHJSON_H

#include "mlir/IR/BuiltinOps.h"
#include <string>

namespace adfc {

/// The JSON text for the kernel operations of the module's graphs.
std::string graphJson(mlir::ModuleOp module);

} // namespace adfc

#endif // ADFC_TRANSFORMS_APPLYSCHEDULE_GRAPHJSON_H
