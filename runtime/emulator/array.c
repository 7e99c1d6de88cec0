// How an array lies in the caller's memory, and its set-up.
#include "array.h"

#include "dma.h"
#include "error.h"

enum { ALIGN = 64, PAGE = 4096 };

// Counts of a device, and the places of its parts in bytes from the start of the memory.
struct layout {
  uint32_t tiles, cores, memtiles, dma_tiles, channels, locks, bds, s2mm;
  size_t at_tiles, at_cores, at_channels, at_locks, at_waiters, at_bds, at_heap, at_heap_at,
      at_trace, at_program, at_core_data, at_mem_data, total;
};

static size_t reserve(struct layout *l, size_t count, size_t bytes, size_t align) {
  size_t at = (l->total + align - 1) / align * align;
  l->total = at + count * bytes;
  return at;
}

static uint32_t noc_count(const struct adfc_device *device) {
  uint32_t count = 0;
  for (uint32_t column = 0; column < device->columns; ++column)
    count += (uint32_t)adfc_device_has_noc(device, column);
  return count;
}

static void add_kind(struct layout *l, const struct adfc_tile *kind, uint32_t count) {
  l->dma_tiles += count;
  l->channels += count * (kind->s2mm_channels + kind->mm2s_channels);
  l->s2mm += count * kind->s2mm_channels;
  l->locks += count * kind->locks;
  l->bds += count * kind->bds;
}

static struct layout lay_out(const struct adfc_device *device) {
  struct layout l = {0};
  l.tiles = device->columns * device->rows;
  l.cores = device->columns * device->core_row_count;
  l.memtiles = device->columns * device->mem_row_count;
  add_kind(&l, &device->tiles[AIEML_TILE_CORE], l.cores);
  add_kind(&l, &device->tiles[AIEML_TILE_MEM], l.memtiles);
  add_kind(&l, &device->tiles[AIEML_TILE_SHIM], noc_count(device));
  uint32_t actors = l.cores + l.channels;
  uint32_t timers = actors + l.channels;
  reserve(&l, 1, sizeof(struct aie_array), ALIGN);
  l.at_tiles = reserve(&l, l.tiles, sizeof(struct aie_tile), ALIGN);
  l.at_cores = reserve(&l, l.cores, sizeof(struct aie_core), ALIGN);
  l.at_channels = reserve(&l, l.channels, sizeof(struct aie_channel), ALIGN);
  l.at_locks = reserve(&l, l.locks, sizeof(struct aie_lock), ALIGN);
  l.at_waiters = reserve(&l, actors, sizeof(struct aie_waiter), ALIGN);
  l.at_bds = reserve(&l, l.bds, AIEML_MAX_BD_WORDS * sizeof(uint32_t), ALIGN);
  l.at_heap = reserve(&l, timers, sizeof(struct aie_timer), ALIGN);
  l.at_heap_at = reserve(&l, timers, sizeof(uint32_t), ALIGN);
  l.at_trace = reserve(&l, l.s2mm, sizeof(uint32_t), ALIGN);
  l.at_program = reserve(&l, l.cores, device->tiles[AIEML_TILE_CORE].program_bytes, PAGE);
  l.at_core_data = reserve(&l, l.cores, AIE_CORE_BYTES, PAGE);
  l.at_mem_data = reserve(&l, l.memtiles, device->tiles[AIEML_TILE_MEM].data_bytes, PAGE);
  return l;
}

size_t aie_array_size(const struct adfc_device *device) { return lay_out(device).total; }

size_t aie_array_memtiles_at(const struct adfc_device *device) {
  return lay_out(device).at_mem_data;
}

// What has been handed out to tiles so far.
struct used {
  uint32_t cores, memtiles, channels, locks, bds;
};

static void add_channels(struct aie_array *array, uint32_t tile, struct used *used) {
  struct aie_tile *t = &array->tiles[tile];
  const struct adfc_tile *kind = aie_tile_kind(array, t);
  t->channels = used->channels;
  for (uint32_t i = 0; i < kind->s2mm_channels + kind->mm2s_channels; ++i) {
    struct aie_channel *c = &array->channels[used->channels];
    c->tile = tile;
    c->direction = i < kind->s2mm_channels ? AIE_S2MM : AIE_MM2S;
    c->number = (uint8_t)(i < kind->s2mm_channels ? i : i - kind->s2mm_channels);
    c->ddr = t->kind == AIEML_TILE_SHIM;
    aie_dma_reset(array, used->channels++);
  }
}

static void add_tile(struct aie_array *array, const struct layout *l, uint8_t *memory,
                     uint32_t tile, struct used *used) {
  const struct adfc_device *device = array->device;
  struct aie_tile *t = &array->tiles[tile];
  t->column = (uint8_t)(tile / device->rows);
  t->row = (uint8_t)(tile % device->rows);
  t->kind = adfc_device_tile_kind(device, t->row);
  t->has_dma = t->kind != AIEML_TILE_SHIM || adfc_device_has_noc(device, t->column);
  t->core = AIE_NONE;
  const struct adfc_tile *kind = aie_tile_kind(array, t);
  if (t->kind == AIEML_TILE_CORE) {
    t->core = used->cores++;
    t->data = memory + l->at_core_data + (size_t)t->core * AIE_CORE_BYTES;
    array->cores[t->core].tile = tile;
    array->cores[t->core].program =
        (uint32_t *)(void *)(memory + l->at_program + (size_t)t->core * kind->program_bytes);
  } else if (t->kind == AIEML_TILE_MEM) {
    t->data = memory + l->at_mem_data + (size_t)used->memtiles++ * kind->data_bytes;
  }
  if (!t->has_dma)
    return;
  t->locks = used->locks;
  used->locks += kind->locks;
  t->bds = (uint32_t *)(void *)(memory + l->at_bds) + (size_t)used->bds * AIEML_MAX_BD_WORDS;
  used->bds += kind->bds;
  add_channels(array, tile, used);
}

// The tile, if it is a core's.
static const struct aie_tile *core_tile(struct aie_array *array, uint32_t column, uint32_t row) {
  const struct aie_tile *tile = aie_tile_at(array, column, row);
  return tile && tile->core != AIE_NONE ? tile : NULL;
}

static void add_modules(struct aie_array *array, struct aie_core *core) {
  const struct aie_tile *tile = &array->tiles[core->tile];
  core->modules[CORE_OWN] = tile;
  core->modules[CORE_SOUTH] = core_tile(array, tile->column, tile->row - 1u);
  core->modules[CORE_WEST] = core_tile(array, tile->column - 1u, tile->row);
  core->modules[CORE_NORTH] = core_tile(array, tile->column, tile->row + 1u);
}

struct aie_array *aie_array_create(void *memory, size_t bytes, const struct adfc_device *device) {
  struct layout l = lay_out(device);
  if (!memory || bytes < l.total || (uintptr_t)memory % ALIGN)
    return NULL;
  uint8_t *base = memory;
  struct aie_array *array = memory;
  array->device = device;
  array->tile_count = l.tiles;
  array->core_count = l.cores;
  array->channel_count = l.channels;
  array->lock_count = l.locks;
  array->timer_count = l.cores + 2 * l.channels;
  array->tiles = (void *)(base + l.at_tiles);
  array->cores = (void *)(base + l.at_cores);
  array->channels = (void *)(base + l.at_channels);
  array->locks = (void *)(base + l.at_locks);
  array->waiters = (void *)(base + l.at_waiters);
  array->heap = (void *)(base + l.at_heap);
  array->heap_at = (void *)(base + l.at_heap_at);
  array->trace = (void *)(base + l.at_trace);
  array->route_generation = 1; // channels are at 0: not traced yet
  struct used used = {0};
  for (uint32_t tile = 0; tile < l.tiles; ++tile)
    add_tile(array, &l, base, tile, &used);
  for (uint32_t core = 0; core < l.cores; ++core)
    add_modules(array, &array->cores[core]);
  return array;
}

static enum aie_status bad_region(struct aie_array *array, uint64_t address, const char *why) {
  struct aie_text t = aie_refuse(array, AIE_ERROR_ARGUMENT, NULL, AIE_NONE);
  aie_put(&t, "DDR region at ");
  aie_put_hex(&t, address);
  aie_put(&t, why);
  return AIE_BAD_ACCESS;
}

enum aie_status aie_ddr_map(struct aie_array *array, uint64_t address, void *host, uint64_t bytes,
                            int writable) {
  if (address % 4 || bytes % 4 || bytes == 0 || !host)
    return bad_region(array, address, ": empty, or not made of whole words");
  if (address >> 48 || bytes > (1ull << 48) - address)
    return bad_region(array, address, " ends past the 48-bit address space");
  if (array->ddr_regions == AIE_DDR_REGIONS)
    return bad_region(array, address, ": too many regions");
  for (uint32_t i = 0; i < array->ddr_regions; ++i)
    if (address < array->ddr[i].address + array->ddr[i].bytes &&
        array->ddr[i].address < address + bytes)
      return bad_region(array, address, " overlaps another");
  struct aie_ddr_region region = {address, bytes, host, writable};
  array->ddr[array->ddr_regions++] = region;
  return AIE_OK;
}

void aie_ddr_unmap_all(struct aie_array *array) { array->ddr_regions = 0; }

void aie_bind_kernels(struct aie_array *array, const aie_kernel_fn *kernels, uint32_t count) {
  array->kernels = kernels;
  array->kernel_count = count;
}

uint64_t aie_now(const struct aie_array *array) { return array->now; }

const struct aie_error *aie_error(const struct aie_array *array) { return &array->error; }
