//===- RegisterFile.cpp ---------------------------------------------------===//
#include "Transforms/SimplifyRCB/RegisterFile.h"

#include "Target/BufferDescriptor.h"
#include "adfc/spec/devices.h"

using namespace adfc;

namespace {
struct Place {
  const aieml_register_class *registers;
  uint32_t word;
};
} // namespace

static TileCoord tileOf(uint32_t address) {
  return {static_cast<int>(AIEML_ADDRESS_COLUMN(address)),
          static_cast<int>(AIEML_ADDRESS_ROW(address))};
}

static std::optional<Place> placeOf(const DeviceModel &device, uint32_t address) {
  if (!device.contains(tileOf(address)))
    return std::nullopt;
  aieml_tile_kind kind = adfc_device_tile_kind(&device.table(), AIEML_ADDRESS_ROW(address));
  uint32_t index = 0, word = 0;
  const aieml_register_class *found =
      aieml_find_register(kind, AIEML_ADDRESS_OFFSET(address), &index, &word);
  if (!found)
    return std::nullopt;
  return Place{found, word};
}

const aieml_register_class *RegisterMap::classOf(uint32_t address) const {
  std::optional<Place> place = placeOf(device, address);
  return place ? place->registers : nullptr;
}

bool RegisterMap::isConfiguration(uint32_t address) const {
  const aieml_register_class *registers = classOf(address);
  if (!registers)
    return false;
  switch (registers->id) {
  case AIEML_REGISTER_SWITCH_MASTER:
  case AIEML_REGISTER_SWITCH_SLAVE:
  case AIEML_REGISTER_MUX_CONFIG:
  case AIEML_REGISTER_DEMUX_CONFIG:
  case AIEML_REGISTER_DMA_BD:
    return true;
  default:
    return false;
  }
}

bool RegisterMap::countsIterations(uint32_t address, uint32_t value) const {
  std::optional<Place> place = placeOf(device, address);
  return place && place->registers->id == AIEML_REGISTER_DMA_BD &&
         descriptorIterates(device.kind(tileOf(address)), static_cast<int>(place->word), value);
}
