//===- DeviceModel.cpp ----------------------------------------------------===//
#include "Target/DeviceModel.h"

#include "adfc/spec/devices.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <array>

using namespace adfc;

static aieml_tile_kind toSpec(TileKind kind) {
  switch (kind) {
  case TileKind::Shim:
    return AIEML_TILE_SHIM;
  case TileKind::Mem:
    return AIEML_TILE_MEM;
  case TileKind::Core:
    return AIEML_TILE_CORE;
  }
  llvm_unreachable("a tile of another kind");
}

static aieml_port toSpec(PortKind kind) {
  switch (kind) {
  case PortKind::DMA:
    return AIEML_PORT_DMA;
  case PortKind::Core:
    return AIEML_PORT_CORE;
  case PortKind::North:
    return AIEML_PORT_NORTH;
  case PortKind::South:
    return AIEML_PORT_SOUTH;
  case PortKind::East:
    return AIEML_PORT_EAST;
  case PortKind::West:
    return AIEML_PORT_WEST;
  }
  llvm_unreachable("a port of another kind");
}

static const adfc_tile &tileOf(const adfc_device &device, TileKind kind) {
  return device.tiles[toSpec(kind)];
}

llvm::StringRef adfc::portKindName(PortKind kind) {
  static constexpr std::array<llvm::StringLiteral, numPortKinds> names = {"dma",   "core", "north",
                                                                          "south", "east", "west"};
  return names[static_cast<size_t>(kind)];
}

llvm::StringRef adfc::tileKindName(TileKind kind) {
  static constexpr std::array<llvm::StringLiteral, 3> names = {"shim", "mem", "core"};
  return names[static_cast<size_t>(kind)];
}

const DeviceModel *DeviceModel::find(llvm::StringRef name) {
  static const std::vector<DeviceModel> models(std::begin(adfc_devices), std::end(adfc_devices));
  auto found = llvm::find_if(models, [&](const DeviceModel &m) { return m.name() == name; });
  return found == models.end() ? nullptr : &*found;
}

std::string DeviceModel::knownNames() {
  return llvm::join(
      llvm::map_range(adfc_devices, [](const adfc_device &d) { return std::string(d.name); }),
      ", ");
}

llvm::StringRef DeviceModel::name() const { return device->name; }
int DeviceModel::columns() const { return static_cast<int>(device->columns); }
int DeviceModel::rows() const { return static_cast<int>(device->rows); }

bool DeviceModel::contains(TileCoord tile) const {
  return tile.col >= 0 && tile.col < columns() && tile.row >= 0 && tile.row < rows();
}

TileKind DeviceModel::kind(TileCoord tile) const {
  switch (adfc_device_tile_kind(device, static_cast<uint32_t>(tile.row))) {
  case AIEML_TILE_SHIM:
    return TileKind::Shim;
  case AIEML_TILE_MEM:
    return TileKind::Mem;
  case AIEML_TILE_CORE:
    return TileKind::Core;
  }
  llvm_unreachable("a tile of another kind");
}

int DeviceModel::firstRow(TileKind kind) const {
  if (kind == TileKind::Shim)
    return 0;
  return static_cast<int>(kind == TileKind::Mem ? device->mem_row_first : device->core_row_first);
}

int DeviceModel::rowCount(TileKind kind) const {
  if (kind == TileKind::Shim)
    return 1;
  return static_cast<int>(kind == TileKind::Mem ? device->mem_row_count : device->core_row_count);
}

bool DeviceModel::hasShimDma(int column) const {
  return adfc_device_has_noc(device, static_cast<uint32_t>(column));
}

int DeviceModel::masters(TileKind tile, PortKind kind) const {
  return tileOf(*device, tile).masters[toSpec(kind)];
}

int DeviceModel::slaves(TileKind tile, PortKind kind) const {
  return tileOf(*device, tile).slaves[toSpec(kind)];
}

bool DeviceModel::canConnect(TileKind tile, Port slave, Port master) const {
  return aieml_switch_connects(toSpec(tile), toSpec(slave.kind), static_cast<uint32_t>(slave.index),
                               toSpec(master.kind), static_cast<uint32_t>(master.index));
}

Port DeviceModel::dmaPort(TileKind tile, Direction direction, int channel) const {
  if (tile != TileKind::Shim)
    return {PortKind::DMA, channel};
  uint32_t south = direction == Direction::MM2S ? aieml_shim_mm2s_south[channel]
                                                : aieml_shim_s2mm_south[channel];
  return {PortKind::South, static_cast<int>(south)};
}

uint32_t DeviceModel::masterRegisterIndex(TileKind tile, Port port) const {
  return aieml_master_ports[toSpec(tile)][toSpec(port.kind)].first +
         static_cast<uint32_t>(port.index);
}

uint32_t DeviceModel::slaveRegisterIndex(TileKind tile, Port port) const {
  return aieml_slave_ports[toSpec(tile)][toSpec(port.kind)].first +
         static_cast<uint32_t>(port.index);
}

int DeviceModel::channels(TileKind tile) const {
  return static_cast<int>(tileOf(*device, tile).s2mm_channels);
}

int DeviceModel::bds(TileKind tile) const { return static_cast<int>(tileOf(*device, tile).bds); }
int DeviceModel::locks(TileKind tile) const {
  return static_cast<int>(tileOf(*device, tile).locks);
}

int64_t DeviceModel::memoryBytes(TileKind tile) const { return tileOf(*device, tile).data_bytes; }

int64_t DeviceModel::bankBytes(TileKind tile) const {
  const adfc_tile &t = tileOf(*device, tile);
  return t.banks ? t.data_bytes / t.banks : 0;
}

int DeviceModel::taskQueueDepth() const { return queueDepth; }

int64_t DeviceModel::maxRepeat(TileKind tile) const {
  return int64_t(1) << tileOf(*device, tile).repeat_bits;
}
