// The generated register map and device tables against the manuals: addresses as AM025 lists them.
#include "test.h"

static void expect_register(enum aieml_tile_kind kind, uint32_t offset, enum aieml_register id,
                            uint32_t index, uint32_t word_of) {
  uint32_t i = 99;
  uint32_t w = 99;
  const struct aieml_register_class *c = aieml_find_register(kind, offset, &i, &w);
  CHECK(c != NULL);
  if (!c)
    return;
  CHECK_EQ(c->id, id);
  CHECK_EQ(i, index);
  CHECK_EQ(w, word_of);
}

static void addresses(void) {
  expect_register(AIEML_TILE_CORE, 0x32004, AIEML_REGISTER_CORE_STATUS, 0, 0);
  expect_register(AIEML_TILE_CORE, 0x1d1f4, AIEML_REGISTER_DMA_BD, 15, 5);
  expect_register(AIEML_TILE_CORE, 0x1de0c, AIEML_REGISTER_DMA_S2MM_QUEUE, 1, 0);
  expect_register(AIEML_TILE_CORE, 0x1de14, AIEML_REGISTER_DMA_MM2S_QUEUE, 0, 0);
  expect_register(AIEML_TILE_CORE, 0x1df14, AIEML_REGISTER_DMA_MM2S_STATUS, 1, 0);
  expect_register(AIEML_TILE_CORE, 0x1f0f0, AIEML_REGISTER_LOCK, 15, 0);
  expect_register(AIEML_TILE_CORE, 0x3f058, AIEML_REGISTER_SWITCH_MASTER, 22, 0); // East 3
  expect_register(AIEML_TILE_CORE, 0x3f160, AIEML_REGISTER_SWITCH_SLAVE, 24, 0);  // memory trace
  expect_register(AIEML_TILE_MEM, 0xa05fc, AIEML_REGISTER_DMA_BD, 47, 7);
  expect_register(AIEML_TILE_MEM, 0xa062c, AIEML_REGISTER_DMA_S2MM_QUEUE, 5, 0);
  expect_register(AIEML_TILE_MEM, 0xa0634, AIEML_REGISTER_DMA_MM2S_QUEUE, 0, 0);
  expect_register(AIEML_TILE_MEM, 0xc03f0, AIEML_REGISTER_LOCK, 63, 0);
  expect_register(AIEML_TILE_MEM, 0xb0040, AIEML_REGISTER_SWITCH_MASTER, 16, 0); // North 5
  expect_register(AIEML_TILE_MEM, 0xb0140, AIEML_REGISTER_SWITCH_SLAVE, 16, 0);  // North 3
  expect_register(AIEML_TILE_SHIM, 0x1d21c, AIEML_REGISTER_DMA_MM2S_QUEUE, 1, 0);
  expect_register(AIEML_TILE_SHIM, 0x1d228, AIEML_REGISTER_DMA_MM2S_STATUS, 0, 0);
  expect_register(AIEML_TILE_SHIM, 0x1f004, AIEML_REGISTER_DEMUX_CONFIG, 0, 0);
  expect_register(AIEML_TILE_SHIM, 0x140f0, AIEML_REGISTER_LOCK, 15, 0);
  expect_register(AIEML_TILE_SHIM, 0x3f124, AIEML_REGISTER_SWITCH_SLAVE, 9, 0); // South 7
}

static void ports(void) {
  uint32_t type = 0;
  uint32_t number = 0;
  CHECK(aieml_port_of(aieml_master_ports[AIEML_TILE_CORE], 18, &type, &number));
  CHECK_EQ(type, AIEML_PORT_NORTH);
  CHECK_EQ(number, 5);
  CHECK(!aieml_port_of(aieml_master_ports[AIEML_TILE_CORE], 23, &type, &number));
  CHECK(aieml_port_of(aieml_slave_ports[AIEML_TILE_SHIM], 9, &type, &number));
  CHECK_EQ(type, AIEML_PORT_SOUTH);
  CHECK_EQ(number, 7);
  CHECK(aieml_switch_connects(AIEML_TILE_CORE, AIEML_PORT_SOUTH, 5, AIEML_PORT_NORTH, 0));
  CHECK(!aieml_switch_connects(AIEML_TILE_CORE, AIEML_PORT_DMA, 0, AIEML_PORT_DMA, 1));
  CHECK(!aieml_switch_connects(AIEML_TILE_MEM, AIEML_PORT_SOUTH, 1, AIEML_PORT_NORTH, 0));
  CHECK(aieml_switch_connects(AIEML_TILE_MEM, AIEML_PORT_DMA, 1, AIEML_PORT_NORTH, 0));
  CHECK(aieml_switch_connects(AIEML_TILE_SHIM, AIEML_PORT_SOUTH, 3, AIEML_PORT_NORTH, 0));
}

static void devices(void) {
  const struct adfc_device *d = adfc_device_find("ve2802");
  CHECK_EQ(d->columns, 38);
  CHECK_EQ(d->rows, 11);
  CHECK_EQ(d->columns * d->core_row_count, 304);
  CHECK_EQ(adfc_device_tile_kind(d, 2), AIEML_TILE_MEM);
  CHECK_EQ(adfc_device_tile_kind(d, 3), AIEML_TILE_CORE);
  CHECK(adfc_device_has_noc(d, 35) && !adfc_device_has_noc(d, 36) && !adfc_device_has_noc(d, 38));
  CHECK_EQ(d->tiles[AIEML_TILE_MEM].dimensions, 4);
  CHECK_EQ(d->tiles[AIEML_TILE_MEM].length_bits, 17);
  CHECK_EQ(d->tiles[AIEML_TILE_MEM].pad_bits[0], 6);
  CHECK_EQ(d->tiles[AIEML_TILE_CORE].wrap_bits, 8);
  CHECK_EQ(d->tiles[AIEML_TILE_SHIM].step_bits, 20);
  CHECK_EQ(d->tiles[AIEML_TILE_CORE].masters[AIEML_PORT_NORTH], 6);
  CHECK_EQ(d->tiles[AIEML_TILE_SHIM].slaves[AIEML_PORT_SOUTH], 8);
  CHECK_EQ(d->timing.clock_mhz, 1250);
  CHECK(adfc_device_find("ve2303") == NULL);
  CHECK(adfc_device_by_ordinal(3) == adfc_device_find("npu1"));
}

MAIN(RUN(addresses); RUN(ports); RUN(devices))
