// The adf dialect itself and its types.
#ifndef ADFC_ADF_DIALECT_TD
#define ADFC_ADF_DIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/DialectBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def ADF_Dialect : Dialect {
  let name = "adf";
  let cppNamespace = "::adfc::adf";
  let summary = "adaptive data flow: int8 networks on a tile array";
  let description = [{
    One dialect, three levels, each of which can be printed, read back and verified:

    * **graph** (`adf.graph`): SSA values are int8 tensors, operations are fused kernels (a convolution with its
      rescale and clamp is one operation). A kernel may carry a `schedule`.
    * **tiled** (`adf.program`): one `adf.phase` for each kernel operation. A phase has virtual tiles, windows (rings of
      buffers with locks), streams, DMA tasks with their buffer descriptors, and a program for each core.
    * **placed**: the same operations with every resource named: tile coordinates, stream switch connections,
      addresses, locks, channels, descriptor ids.

    See `docs/Dialects/ADF/RationaleADF.md` for why it is as it is.

    Units: sizes of memory are bytes; offsets, counts and steps of buffer descriptors are 32-bit words.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
  }];
}

class ADF_Type<string name, string typeMnemonic> : TypeDef<ADF_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def ADF_TileType : ADF_Type<"Tile", "tile"> {
  let summary = "a tile of the array: shim, memory or core";
}
def ADF_WindowType : ADF_Type<"Window", "window"> {
  let summary = "a ring of equal buffers in a tile's memory, guarded by two counting locks";
}
def ADF_BufferType : ADF_Type<"Buffer", "buffer"> {
  let summary = "scratch memory of a tile, without locks";
}
def ADF_CascadeType : ADF_Type<"Cascade", "cascade"> {
  let summary = "a connection of two neighbouring cores' accumulators";
}
def ADF_OperandType : AnyTypeOf<[ADF_WindowType, ADF_BufferType, ADF_CascadeType], "a window, a buffer or a cascade">;

#endif // ADFC_ADF_DIALECT_TD
