// What the passes ask of a kernel operation. No pass switches over kinds.
#ifndef ADFC_ADF_INTERFACES_TD
#define ADFC_ADF_INTERFACES_TD

include "ADF/ADFAttrs.td"
include "mlir/IR/OpBase.td"

def ADF_KernelOpInterface : OpInterface<"KernelOpInterface"> {
  let cppNamespace = "::adfc::adf";
  let description = [{
    A graph operation that becomes calls of one kernel. Its first `getNumActivations()` operands and its result are
    NHWC int8 tensors with batch 1. The sizes below speak of one kernel call, given by a `KernelTile`
    (see `ADF/KernelModel.h`).
  }];
  let methods = [
    InterfaceMethod<"The layer's name, unique in the graph.", "::llvm::StringRef", "getLayer">,
    InterfaceMethod<"Renames the layer.", "void", "setLayer", (ins "::llvm::StringRef":$name)>,
    InterfaceMethod<"The kernel's kind, as in `adf.kernel`.", "::llvm::StringRef", "getKind">,
    InterfaceMethod<"The schedule, or null.", "::adfc::adf::ScheduleAttr", "getScheduleAttr">,
    InterfaceMethod<"Sets the schedule.", "void", "setScheduleAttr", (ins "::adfc::adf::ScheduleAttr":$schedule)>,
    InterfaceMethod<"Number of leading operands that are activations; all of one shape.", "unsigned",
                    "getNumActivations", (ins), "", "return 1;">,
    InterfaceMethod<"How output rows read input rows.", "::adfc::adf::AxisMap", "getRowMap">,
    InterfaceMethod<"How output columns read input columns.", "::adfc::adf::AxisMap", "getColumnMap">,
    InterfaceMethod<"Whether output channel i reads only input channel i.", "bool", "isChannelwise", (ins), "",
                    "return true;">,
    InterfaceMethod<"Multiply-accumulates of the layer, without padding.", "int64_t", "getMacs", (ins), "",
                    "return 0;">,
    InterfaceMethod<"Bytes of the layer's parameters, without padding.", "int64_t", "getWeightBytes", (ins), "",
                    "return 0;">,
    InterfaceMethod<"Bytes of the weights window of one call; 0: no such window.", "int64_t", "getWeightsBlockBytes",
                    (ins "::adfc::adf::KernelTile":$tile), "", "return 0;">,
    InterfaceMethod<"Number of the operand that is the weights window, as it lies in DDR; none: constants, packed.",
                    "std::optional<unsigned>", "getStreamedOperand", (ins), "", "return std::nullopt;">,
    InterfaceMethod<"Whether each output column has a weights window of its own; a call then has one column.", "bool",
                    "hasColumnWeights", (ins), "", "return false;">,
    InterfaceMethod<"Whether a call makes all output channels, from all input channels.", "bool", "takesAllChannels",
                    (ins), "", "return false;">,
    InterfaceMethod<"How often a call goes over its data, for the planner.", "int64_t", "getPasses", (ins), "",
                    "return 1;">,
    InterfaceMethod<"Writes the weights window for output channels from `oc0` and input channels from `ic0`; channels "
                    "past the layer's end are zero. `block` is zero before.", "void", "packWeightsBlock",
                    (ins "::adfc::adf::KernelTile":$tile, "int64_t":$oc0, "int64_t":$ic0,
                         "::llvm::MutableArrayRef<char>":$block), "", "return;">,
    InterfaceMethod<"Bytes of the accumulator buffer when a call sees only part of the input channels.", "int64_t",
                    "getAccumulatorBytes", (ins "::adfc::adf::KernelTile":$tile), "", "return 0;">,
    InterfaceMethod<"Whether calls take the window's padding (top, bottom, left, right) as immediates.", "bool",
                    "hasPadImmediates", (ins), "", "return false;">,
    InterfaceMethod<"Bytes of an element of the activations and of the result: an int16 tensor has two int8 channels for "
                    "each of its own.", "::adfc::adf::ElementBytes", "getElementBytes", (ins), "", "return {};">,
    InterfaceMethod<"Bits of each weight in the weights window.", "int64_t", "getWeightBits", (ins), "", "return 8;">,
    InterfaceMethod<"How the layer reads an input whose pixels lie without padding, where the schedule says so; none: "
                    "they are padded to whole words, or the layer cannot.", "std::optional<::adfc::adf::PixelGroups>",
                    "getPixelGroups", (ins), "", "return std::nullopt;">,
    InterfaceMethod<"The configuration on `adf.kernel` for this call size.", "::mlir::DictionaryAttr",
                    "getKernelConfig", (ins "::adfc::adf::KernelTile":$tile)>,
  ];
  let extraSharedClassDeclaration = [{
    /// Shape {height, width, channels} of the activation operands.
    ::adfc::adf::Extent getInputExtent() { return ::adfc::adf::getExtent($_op->getOperand(0).getType()); }
    /// Shape {height, width, channels} of the result.
    ::adfc::adf::Extent getOutputExtent() { return ::adfc::adf::getExtent($_op->getResult(0).getType()); }
  }];
}

#endif // ADFC_ADF_INTERFACES_TD
