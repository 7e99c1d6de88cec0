//===- Descriptors.cpp ----------------------------------------------------===//
#include "Transforms/Tile/Descriptors.h"
#include "adfc/spec/devices.h"

using namespace mlir;
using namespace adfc;

const adfc_tile &adfc::limitsOf(const adfc_device &device, adf::TileKind kind) {
  return device.tiles[kind == adf::TileKind::Shim  ? AIEML_TILE_SHIM
                      : kind == adf::TileKind::Mem ? AIEML_TILE_MEM
                                                   : AIEML_TILE_CORE];
}

void adfc::createBD(OpBuilder &builder, Location loc, Value window, StringAttr ddr,
                    const AccessPattern &pattern, const Handshake &handshake) {
  bool padded = pattern.isPadded();
  auto numbers = [&](ArrayRef<int64_t> values) { return builder.getDenseI64ArrayAttr(values); };
  adf::BDOp::create(
      builder, loc, window, ddr ? FlatSymbolRefAttr::get(ddr) : FlatSymbolRefAttr(),
      builder.getI64IntegerAttr(pattern.getOffset()), numbers(pattern.counts()),
      numbers(pattern.steps()), padded ? numbers(pattern.before()) : DenseI64ArrayAttr(),
      padded ? numbers(pattern.after()) : DenseI64ArrayAttr(),
      handshake.iteration.empty() ? DenseI64ArrayAttr() : numbers(handshake.iteration),
      handshake.acquire, handshake.release, /*id=*/IntegerAttr());
}
