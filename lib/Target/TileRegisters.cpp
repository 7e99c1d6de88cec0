//===- TileRegisters.cpp --------------------------------------------------===//
#include "Target/TileRegisters.h"

#include "adfc/spec/aieml_regs.h"

#include "llvm/Support/ErrorHandling.h"

using namespace adfc;

#define REGISTERS(KIND)                                                                            \
  {AIEML_##KIND##_DMA_BD,                                                                          \
   AIEML_##KIND##_DMA_BD_STRIDE,                                                                   \
   {AIEML_##KIND##_DMA_S2MM_QUEUE, AIEML_##KIND##_DMA_MM2S_QUEUE},                                 \
   AIEML_##KIND##_DMA_S2MM_QUEUE_STRIDE,                                                           \
   {AIEML_##KIND##_DMA_S2MM_CTRL, AIEML_##KIND##_DMA_MM2S_CTRL},                                   \
   AIEML_##KIND##_LOCK,                                                                            \
   AIEML_##KIND##_LOCK_STRIDE,                                                                     \
   AIEML_##KIND##_SWITCH_MASTER,                                                                   \
   AIEML_##KIND##_SWITCH_MASTER_COUNT,                                                             \
   AIEML_##KIND##_SWITCH_SLAVE}

static constexpr TileRegisters shimRegisters = REGISTERS(SHIM);
static constexpr TileRegisters memRegisters = REGISTERS(MEM);
static constexpr TileRegisters coreRegisters = REGISTERS(CORE);

// The words below are the same for every kind of tile, and the strides for both directions.
#define SAME(NAME)                                                                                 \
  static_assert(AIEML_CORE_##NAME == AIEML_MEM_##NAME && AIEML_CORE_##NAME == AIEML_SHIM_##NAME)
#define SAME_STRIDES(KIND)                                                                         \
  static_assert(AIEML_##KIND##_DMA_S2MM_QUEUE_STRIDE == AIEML_##KIND##_DMA_MM2S_QUEUE_STRIDE &&    \
                AIEML_##KIND##_DMA_S2MM_QUEUE_STRIDE == AIEML_##KIND##_DMA_S2MM_CTRL_STRIDE &&     \
                AIEML_##KIND##_DMA_S2MM_QUEUE_STRIDE == AIEML_##KIND##_DMA_MM2S_CTRL_STRIDE)
SAME(DMA_S2MM_QUEUE_REPEAT_COUNT_LSB);
SAME(DMA_MM2S_QUEUE_REPEAT_COUNT_LSB);
SAME(DMA_S2MM_QUEUE_ENABLE_TOKEN_ISSUE_LSB);
SAME(DMA_MM2S_QUEUE_ENABLE_TOKEN_ISSUE_LSB);
SAME(DMA_S2MM_CTRL_FOT_MODE_LSB);
SAME(SWITCH_MASTER_ENABLE_LSB);
SAME(SWITCH_MASTER_CONFIGURATION_LSB);
SAME(SWITCH_SLAVE_ENABLE_LSB);
static_assert(AIEML_CORE_DMA_S2MM_QUEUE_REPEAT_COUNT_LSB ==
              AIEML_CORE_DMA_MM2S_QUEUE_REPEAT_COUNT_LSB);
static_assert(AIEML_CORE_DMA_S2MM_CTRL_RESET_LSB == AIEML_MEM_DMA_S2MM_CTRL_RESET_LSB &&
              AIEML_CORE_DMA_S2MM_CTRL_RESET_LSB == AIEML_CORE_DMA_MM2S_CTRL_RESET_LSB &&
              AIEML_CORE_DMA_S2MM_CTRL_RESET_LSB == AIEML_MEM_DMA_MM2S_CTRL_RESET_LSB);
SAME_STRIDES(CORE);
SAME_STRIDES(MEM);
SAME_STRIDES(SHIM);

const TileRegisters &adfc::registersOf(TileKind kind) {
  switch (kind) {
  case TileKind::Shim:
    return shimRegisters;
  case TileKind::Mem:
    return memRegisters;
  case TileKind::Core:
    return coreRegisters;
  }
  llvm_unreachable("a tile of another kind");
}

uint32_t adfc::taskWord(int bd, int64_t repeat, bool token) {
  uint32_t word = static_cast<uint32_t>(bd) << AIEML_CORE_DMA_MM2S_QUEUE_START_BD_ID_LSB;
  word = AIEML_FIELD_SET(word, AIEML_CORE_DMA_MM2S_QUEUE_REPEAT_COUNT, repeat - AIEML_REPEAT_BIAS);
  return AIEML_FIELD_SET(word, AIEML_CORE_DMA_MM2S_QUEUE_ENABLE_TOKEN_ISSUE, token);
}

uint32_t adfc::finishOnTlastWord() {
  // AM025, FoT_Mode 1: finish on TLAST, no counts.
  return AIEML_FIELD_SET(0, AIEML_CORE_DMA_S2MM_CTRL_FOT_MODE, 1);
}

uint32_t adfc::channelResetWord() { return AIEML_FIELD_SET(0, AIEML_CORE_DMA_S2MM_CTRL_RESET, 1); }
uint32_t adfc::channelReadyWord() { return 0; }

uint32_t adfc::switchMasterWord(uint32_t slave) {
  uint32_t word = AIEML_FIELD_SET(0, AIEML_CORE_SWITCH_MASTER_CONFIGURATION, slave);
  return AIEML_FIELD_SET(word, AIEML_CORE_SWITCH_MASTER_ENABLE, 1);
}

uint32_t adfc::switchSlaveWord() { return AIEML_FIELD_SET(0, AIEML_CORE_SWITCH_SLAVE_ENABLE, 1); }
uint32_t adfc::coreResetWord() { return AIEML_FIELD_SET(0, AIEML_CORE_CORE_CONTROL_RESET, 1); }
uint32_t adfc::coreEnableWord() { return AIEML_FIELD_SET(0, AIEML_CORE_CORE_CONTROL_ENABLE, 1); }
uint32_t adfc::coreControlOffset() { return AIEML_CORE_CORE_CONTROL; }

uint32_t adfc::accumulatorControlOffset() { return AIEML_CORE_ACCUMULATOR_CONTROL; }
uint32_t adfc::accumulatorControlWord(bool fromWest, bool toEast) {
  uint32_t word = AIEML_FIELD_SET(0, AIEML_CORE_ACCUMULATOR_CONTROL_INPUT, fromWest);
  return AIEML_FIELD_SET(word, AIEML_CORE_ACCUMULATOR_CONTROL_OUTPUT, toEast);
}

uint32_t adfc::shimMuxOffset(Direction direction) {
  return direction == Direction::MM2S ? AIEML_SHIM_MUX_CONFIG : AIEML_SHIM_DEMUX_CONFIG;
}

uint32_t adfc::shimMuxWord(Direction direction, uint32_t channels) {
  // The fields are those of the South ports in aieml_shim_mm2s_south and aieml_shim_s2mm_south.
  uint32_t word = 0;
  if (direction == Direction::MM2S) {
    word = AIEML_FIELD_SET(word, AIEML_SHIM_MUX_CONFIG_SOUTH3, channels & 1 ? AIEML_MUX_DMA : 0);
    return AIEML_FIELD_SET(word, AIEML_SHIM_MUX_CONFIG_SOUTH7, channels & 2 ? AIEML_MUX_DMA : 0);
  }
  word = AIEML_FIELD_SET(word, AIEML_SHIM_DEMUX_CONFIG_SOUTH2, channels & 1 ? AIEML_MUX_DMA : 0);
  return AIEML_FIELD_SET(word, AIEML_SHIM_DEMUX_CONFIG_SOUTH3, channels & 2 ? AIEML_MUX_DMA : 0);
}

uint32_t adfc::shimAddressWord() { return AIEML_SHIM_DMA_BD_BASE_ADDRESS_LOW_WORD; }

uint32_t adfc::registerAddress(TileCoord tile, uint32_t offset) {
  return AIEML_ADDRESS(tile.col, tile.row, offset);
}
