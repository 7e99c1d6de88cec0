#include "address.h"

#include "adfc/spec/devices.h"

ENGINE_SMALL_BEGIN

void engine_locate(struct engine_fault *fault, const uint32_t *w) {
  uint32_t opcode = RCB_OPCODE(w[0]);
  fault->tile = fault->reg = ENGINE_NOWHERE;
  if (opcode < RCB_OP_WRITE32 || opcode > RCB_OP_LOAD_CORE)
    return; /* of no place */
  fault->tile = w[1];
  if (opcode == RCB_OP_WAIT_TASK || opcode == RCB_OP_LOAD_CORE)
    return;
  fault->tile = RCB_TILE(AIEML_ADDRESS_COLUMN(w[1]), AIEML_ADDRESS_ROW(w[1]));
  fault->reg = AIEML_ADDRESS_OFFSET(w[1]);
}

_Static_assert(RCB_OP_WRITE32 == 1 && RCB_OP_MASK_WRITE32 == 2 && RCB_OP_BLOCK_WRITE == 3 &&
                   RCB_OP_BLOCK_SET == 4 && RCB_OP_MASK_POLL == 5 && RCB_OP_WAIT_TASK == 6 &&
                   RCB_OP_BIND_BUFFER == 7 && RCB_OP_LOAD_CORE == 8,
               "those that have a place follow each other");

_Static_assert(RCB_WRITE32_ADDRESS == 1 && RCB_MASK_WRITE32_ADDRESS == 1 &&
                   RCB_BLOCK_WRITE_ADDRESS == 1 && RCB_BLOCK_SET_ADDRESS == 1 &&
                   RCB_MASK_POLL_ADDRESS == 1 && RCB_BIND_BUFFER_ADDRESS == 1 &&
                   RCB_WAIT_TASK_TILE == 1 && RCB_LOAD_CORE_TILE == 1,
               "engine_locate() takes the place from word 1");

/* The register class at `address`, or NULL; *run is the number of words from there on that follow
 * without a gap. */
/*@ requires known(device) && \valid(run) && \separated(run, device);
    assigns *run;
    ensures \result != \null ==> \valid_read(\result) && *run >= 1; */
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
  uint32_t words = c->words - word;
  /*@ assert 1 <= words <= 64; */
  if (c->stride == 4 * c->words) {
    uint32_t rest = c->count - 1 - index;
    /*@ assert 0 <= rest < 0x40000 && 1 <= c->words <= 64; */
    /*@ assert 0 <= rest * c->words <= 0x40000 * 64; */
    words += rest * c->words;
  }
  *run = words;
  return c;
}

int engine_check_range(const struct adfc_device *device, uint32_t address, uint32_t words,
                       uint32_t access) {
  if (words == 0 ||
      words > (AIEML_ADDRESS_OFFSET(UINT32_MAX) + 1 - AIEML_ADDRESS_OFFSET(address)) / 4)
    return ENGINE_BAD_OPERAND; /* nothing, or past the end of the tile's addresses */
  /*@ loop assigns run, address, words;
      loop variant words; */
  for (uint32_t run; words; address += 4 * run, words -= run) {
    const struct aieml_register_class *c = find(device, address, &run);
    if (!c || c->id == AIEML_REGISTER_PROGRAM_MEMORY || (access & ENGINE_READ && !c->readable) ||
        (access & ENGINE_WRITE && !c->writable))
      return ENGINE_BAD_ADDRESS;
    if (run > words)
      run = words;
  }
  return ENGINE_OK;
}

uint32_t engine_extent(const uint32_t *w) {
  switch (RCB_OPCODE(w[0])) {
  case RCB_OP_BLOCK_WRITE:
    return RCB_LENGTH(w[0]) - RCB_BLOCK_WRITE_WORDS;
  case RCB_OP_BLOCK_SET:
    return w[RCB_BLOCK_SET_COUNT];
  default:
    return 1;
  }
}

const struct adfc_tile *engine_tile(const struct adfc_device *device, uint32_t tile) {
  uint32_t row = RCB_TILE_ROW(tile);
  if (RCB_TILE_COLUMN(tile) >= device->columns || row >= device->rows)
    return NULL;
  return &device->tiles[adfc_device_tile_kind(device, row)];
}

ENGINE_SMALL_END
