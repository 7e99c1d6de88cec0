//===- TileRegisters.h - Register offsets by kind of tile -----------------===//
#ifndef ADFC_TARGET_TILEREGISTERS_H
#define ADFC_TARGET_TILEREGISTERS_H

#include "Target/DeviceModel.h"

namespace adfc {

/// Offsets in bytes within a tile; made from spec/registers/aieml.toml.
struct TileRegisters {
  uint32_t bd, bdStride;
  /// By Direction.
  uint32_t queue[2], queueStride;
  uint32_t control[2]; ///< by Direction; the stride is that of the queues
  uint32_t lock, lockStride;
  uint32_t switchMaster, switchMasters;
  uint32_t switchSlave;

  uint32_t bdOffset(int id) const { return bd + static_cast<uint32_t>(id) * bdStride; }
  uint32_t queueOffset(Direction direction, int channel) const {
    return queue[static_cast<int>(direction)] + static_cast<uint32_t>(channel) * queueStride;
  }
  uint32_t controlOffset(Direction direction, int channel) const {
    return control[static_cast<int>(direction)] + static_cast<uint32_t>(channel) * queueStride;
  }
  uint32_t lockOffset(int id) const { return lock + static_cast<uint32_t>(id) * lockStride; }
};

const TileRegisters &registersOf(TileKind kind);

/// The value that pushes a task to a queue: the chain from `bd` on, `repeat` times, with a token at
/// its end or without.
uint32_t taskWord(int bd, int64_t repeat, bool token);
/// Value of an S2MM channel's control register: each run of a descriptor ends with the packet.
uint32_t finishOnTlastWord();
/// Values of a channel's control register, of a core or memory tile: it forgets its tasks; and can
/// have new ones.
uint32_t channelResetWord();
uint32_t channelReadyWord();
/// Values of a switch's configuration registers: a master fed by a slave port's number, and an
/// enabled slave.
uint32_t switchMasterWord(uint32_t slave);
uint32_t switchSlaveWord();
/// Values of a core's control register.
uint32_t coreResetWord();
uint32_t coreEnableWord();
/// Offset of a core's control register.
uint32_t coreControlOffset();
/// A core's accumulators: the control register's offset, and its value where the cascade comes from
/// north or west, and goes to south or east.
uint32_t accumulatorControlOffset();
uint32_t accumulatorControlWord(bool fromWest, bool toEast);
/// The shim's multiplexers: offset, and the value in which the given channels (bits) are joined to
/// the switch.
uint32_t shimMuxOffset(Direction direction);
uint32_t shimMuxWord(Direction direction, uint32_t channels);
/// Word of a shim's descriptor that a DDR address is bound to.
uint32_t shimAddressWord();

uint32_t registerAddress(TileCoord tile, uint32_t offset);

} // namespace adfc

#endif // ADFC_TARGET_TILEREGISTERS_H
