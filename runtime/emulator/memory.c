#include "memory.h"

#include "error.h"

static uint8_t *outside(struct aie_array *array, const struct aie_channel *channel,
                        uint64_t address, const char *why) {
  struct aie_text t = aie_fault(array, AIE_ERROR_ADDRESS, &array->tiles[channel->tile], AIE_NONE);
  aie_put_channel(&t, array, channel);
  aie_put(&t, ", BD ");
  aie_put_number(&t, channel->current_bd);
  aie_put(&t, ": byte address ");
  aie_put_hex(&t, address);
  aie_put(&t, why);
  return NULL;
}

// The western, the own and the eastern memtile follow each other (AM020).
static uint8_t *memtile_at(struct aie_array *array, const struct aie_channel *channel,
                           uint64_t address, uint64_t *bytes) {
  const struct aie_tile *tile = &array->tiles[channel->tile];
  uint64_t window = address / AIEML_MEMTILE_DATA_WINDOW;
  uint64_t offset = address % AIEML_MEMTILE_DATA_WINDOW;
  if (window > 2)
    return outside(array, channel, address, " is beyond the eastern memtile");
  if (window != 1 && channel->number > 3)
    return outside(array, channel, address,
                   " is in a neighbour, which channels 4 and 5 do not reach");
  const struct aie_tile *owner = aie_tile_at(array, tile->column + (uint32_t)window - 1, tile->row);
  if (!owner)
    return outside(array, channel, address, " is in a memtile past the edge of the array");
  *bytes = AIEML_MEMTILE_DATA_WINDOW - offset;
  return owner->data + offset;
}

static uint8_t *ddr_at(struct aie_array *array, const struct aie_channel *channel, uint64_t address,
                       int writing, uint64_t *bytes) {
  for (uint32_t i = 0; i < array->ddr_regions; ++i) {
    const struct aie_ddr_region *region = &array->ddr[i];
    if (address < region->address || address - region->address >= region->bytes)
      continue;
    if (writing && !region->writable)
      return outside(array, channel, address, " is in a DDR region that is read-only");
    *bytes = region->bytes - (address - region->address);
    return region->host + (address - region->address);
  }
  return outside(array, channel, address, " is in no mapped DDR region");
}

uint8_t *aie_memory_at(struct aie_array *array, const struct aie_channel *channel, uint64_t address,
                       int writing, uint64_t *bytes) {
  const struct aie_tile *tile = &array->tiles[channel->tile];
  if (channel->ddr)
    return ddr_at(array, channel, address, writing, bytes);
  if (tile->kind == AIEML_TILE_MEM)
    return memtile_at(array, channel, address, bytes);
  uint64_t size = array->device->tiles[AIEML_TILE_CORE].data_bytes;
  if (address >= size)
    return outside(array, channel, address, " is past the end of the data memory");
  *bytes = size - address;
  return tile->data + address;
}

static uint8_t *memtile_span(struct aie_array *array, const struct aie_channel *channel,
                             uint64_t begin, uint64_t end) {
  const struct aie_tile *tile = &array->tiles[channel->tile];
  uint64_t window = begin / AIEML_MEMTILE_DATA_WINDOW;
  if (window > 2 || window != (end - 1) / AIEML_MEMTILE_DATA_WINDOW ||
      (window != 1 && channel->number > 3))
    return NULL;
  const struct aie_tile *owner = aie_tile_at(array, tile->column + (uint32_t)window - 1, tile->row);
  return owner ? owner->data + begin % AIEML_MEMTILE_DATA_WINDOW : NULL;
}

static uint8_t *ddr_span(const struct aie_array *array, uint64_t begin, uint64_t end, int writing) {
  for (uint32_t i = 0; i < array->ddr_regions; ++i) {
    const struct aie_ddr_region *region = &array->ddr[i];
    if (begin >= region->address && end - region->address <= region->bytes)
      return region->writable || !writing ? region->host + (begin - region->address) : NULL;
  }
  return NULL;
}

uint8_t *aie_memory_span(struct aie_array *array, const struct aie_channel *channel, uint64_t begin,
                         uint64_t end, int writing) {
  const struct aie_tile *tile = &array->tiles[channel->tile];
  if (channel->ddr)
    return ddr_span(array, begin, end, writing);
  if (tile->kind == AIEML_TILE_MEM)
    return memtile_span(array, channel, begin, end);
  return end <= array->device->tiles[AIEML_TILE_CORE].data_bytes ? tile->data + begin : NULL;
}
