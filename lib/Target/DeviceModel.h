//===- DeviceModel.h - The array as the compiler's passes see it ----------===//
//
// A thin view of the device tables made from spec/devices/*.toml: geometry, memories, DMA and
// switch ports.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_TARGET_DEVICEMODEL_H
#define ADFC_TARGET_DEVICEMODEL_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>
#include <tuple>

struct adfc_device;

namespace adfc {

enum class TileKind : uint8_t { Shim, Mem, Core };

/// What a stream-switch port leads to. A shim's DMA channels are its `South` ports behind the shim
/// mux.
enum class PortKind : uint8_t { DMA, Core, North, South, East, West };
constexpr unsigned numPortKinds = 6;

enum class Direction : uint8_t { S2MM, MM2S };

/// A tile's place in the array: column, and row counted from the shim row 0.
struct TileCoord {
  int col = -1;
  int row = -1;

  friend bool operator==(TileCoord a, TileCoord b) { return a.col == b.col && a.row == b.row; }
  friend bool operator!=(TileCoord a, TileCoord b) { return !(a == b); }
  friend bool operator<(TileCoord a, TileCoord b) {
    return std::tie(a.col, a.row) < std::tie(b.col, b.row);
  }
};

/// One side of a switch connection: a slave (input) or master (output) port of the switch at a
/// tile.
struct Port {
  PortKind kind = PortKind::DMA;
  int index = 0;

  friend bool operator==(Port a, Port b) { return a.kind == b.kind && a.index == b.index; }
  friend bool operator<(Port a, Port b) {
    return std::tie(a.kind, a.index) < std::tie(b.kind, b.index);
  }
};

llvm::StringRef portKindName(PortKind kind);
llvm::StringRef tileKindName(TileKind kind);

class DeviceModel {
public:
  explicit DeviceModel(const adfc_device &device) : device(&device) {}

  /// The device called `name`, or nullptr.
  static const DeviceModel *find(llvm::StringRef name);
  /// The known devices' names, comma-separated: for error messages.
  static std::string knownNames();

  const adfc_device &table() const { return *device; }
  llvm::StringRef name() const;
  int columns() const;
  int rows() const;
  bool contains(TileCoord tile) const;
  TileKind kind(TileCoord tile) const;
  int firstRow(TileKind kind) const;
  int rowCount(TileKind kind) const;
  /// Whether the shim of `column` has a DMA to DDR.
  bool hasShimDma(int column) const;

  /// Numbers of master or slave ports of a switch towards `kind`.
  int masters(TileKind tile, PortKind kind) const;
  int slaves(TileKind tile, PortKind kind) const;
  /// Whether the circuit switch of such a tile can connect `slave` to `master`.
  bool canConnect(TileKind tile, Port slave, Port master) const;
  /// The switch port of a tile's DMA channel: a slave for MM2S, a master for S2MM.
  Port dmaPort(TileKind tile, Direction direction, int channel) const;

  /// Number of a port's configuration register among the switch's master or slave registers.
  uint32_t masterRegisterIndex(TileKind tile, Port port) const;
  uint32_t slaveRegisterIndex(TileKind tile, Port port) const;

  /// DMA channels of one direction, buffer descriptors, locks, data memory bytes and banks of a
  /// tile.
  int channels(TileKind tile) const;
  int bds(TileKind tile) const;
  int locks(TileKind tile) const;
  int64_t memoryBytes(TileKind tile) const;
  int64_t bankBytes(TileKind tile) const;
  /// Tasks that a channel's queue holds (AM020, "DMA task queue"), and how often one task can run
  /// its chain.
  static constexpr int queueDepth = 4;
  int taskQueueDepth() const;
  int64_t maxRepeat(TileKind tile) const;

private:
  const adfc_device *device;
};

} // namespace adfc

#endif // ADFC_TARGET_DEVICEMODEL_H
