#include "address.h"

#include "adfc/spec/devices.h"

void engine_locate(struct engine_fault *fault, uint32_t pc, const uint32_t *w) {
  fault->pc = pc;
  fault->opcode = RCB_OPCODE(w[0]);
  fault->tile = fault->reg = ENGINE_NOWHERE;
  switch (fault->opcode) {
  case RCB_OP_WRITE32: /* the address is word 1 of all of these */
  case RCB_OP_MASK_WRITE32:
  case RCB_OP_BLOCK_WRITE:
  case RCB_OP_BLOCK_SET:
  case RCB_OP_MASK_POLL:
  case RCB_OP_BIND_BUFFER:
    fault->tile = RCB_TILE(AIEML_ADDRESS_COLUMN(w[1]), AIEML_ADDRESS_ROW(w[1]));
    fault->reg = AIEML_ADDRESS_OFFSET(w[1]);
    break;
  case RCB_OP_WAIT_TASK: /* and the tile of these */
  case RCB_OP_LOAD_CORE:
    fault->tile = w[1];
    break;
  default:
    break;
  }
}

_Static_assert(RCB_WRITE32_ADDRESS == 1 && RCB_MASK_WRITE32_ADDRESS == 1 &&
                   RCB_BLOCK_WRITE_ADDRESS == 1 && RCB_BLOCK_SET_ADDRESS == 1 &&
                   RCB_MASK_POLL_ADDRESS == 1 && RCB_BIND_BUFFER_ADDRESS == 1 &&
                   RCB_WAIT_TASK_TILE == 1 && RCB_LOAD_CORE_TILE == 1,
               "engine_locate() takes the place from word 1");

/* The register class at `address`, or NULL; *run is the number of words from there on that follow
 * without a gap. */
static const struct aieml_register_class *find(const struct adfc_device *device, uint32_t address,
                                               uint32_t *run) {
  uint32_t column = AIEML_ADDRESS_COLUMN(address), row = AIEML_ADDRESS_ROW(address);
  uint32_t index, word;
  if (column >= device->columns || row >= device->rows)
    return NULL;
  const struct aieml_register_class *c = aieml_find_register(
      adfc_device_tile_kind(device, row), AIEML_ADDRESS_OFFSET(address), &index, &word);
  if (!c || (c->noc_only && !adfc_device_has_noc(device, column)))
    return NULL;
  *run = c->words - word;
  if (c->stride == 4 * c->words)
    *run += (c->count - 1 - index) * c->words;
  return c;
}

int engine_check_range(const struct adfc_device *device, uint32_t address, uint32_t words,
                       enum engine_access access) {
  if (words == 0 ||
      words > (AIEML_ADDRESS_OFFSET(UINT32_MAX) + 1 - AIEML_ADDRESS_OFFSET(address)) / 4)
    return ENGINE_BAD_OPERAND; /* nothing, or past the end of the tile's addresses */
  for (uint32_t run; words; address += 4 * run, words -= run) {
    const struct aieml_register_class *c = find(device, address, &run);
    if (!c || c->id == AIEML_REGISTER_PROGRAM_MEMORY ||
        !(access == ENGINE_READ ? c->readable : c->writable))
      return ENGINE_BAD_ADDRESS;
    if (run > words)
      run = words;
  }
  return ENGINE_OK;
}

int engine_is_shim_bd_address(const struct adfc_device *device, uint32_t address) {
  uint32_t run;
  const struct aieml_register_class *c = find(device, address, &run);
  return c && AIEML_ADDRESS_ROW(address) == 0 && c->id == AIEML_REGISTER_DMA_BD &&
         (AIEML_ADDRESS_OFFSET(address) - c->offset) % c->stride ==
             4 * AIEML_SHIM_DMA_BD_BASE_ADDRESS_LOW_WORD;
}

/* The kind of `tile`, or NULL where there is no such tile. */
static const struct adfc_tile *tile_of(const struct adfc_device *device, uint32_t tile) {
  uint32_t row = RCB_TILE_ROW(tile);
  if (RCB_TILE_COLUMN(tile) >= device->columns || row >= device->rows)
    return NULL;
  return &device->tiles[adfc_device_tile_kind(device, row)];
}

int engine_check_channel(const struct adfc_device *device, uint32_t tile, uint32_t direction,
                         uint32_t channel) {
  const struct adfc_tile *t = tile_of(device, tile);
  if (!t || (RCB_TILE_ROW(tile) == 0 && !adfc_device_has_noc(device, RCB_TILE_COLUMN(tile))))
    return ENGINE_BAD_TILE;
  uint32_t channels = direction == RCB_DIRECTION_MM2S ? t->mm2s_channels : t->s2mm_channels;
  return channel < channels ? ENGINE_OK : ENGINE_BAD_OPERAND;
}

int engine_is_core(const struct adfc_device *device, uint32_t tile) {
  return tile_of(device, tile) == &device->tiles[AIEML_TILE_CORE];
}
