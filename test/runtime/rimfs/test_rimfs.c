/* Mounting: a good image is found as it is; every truncation, every flipped bit and every wrong
 * field is refused. */
#include "adfc/crc32.h"
#include "adfc/rimfs.h"
#include "check.h"

#define HEADER_CRC 24
#define DIRECTORY_CRC 20

static _Alignas(64) uint8_t image[1024];
static uint32_t image_bytes;

static void store32(uint8_t *p, uint32_t value) {
  for (int i = 0; i < 4; ++i)
    p[i] = (uint8_t)(value >> 8 * i);
}

static uint8_t *entry(unsigned index) {
  return image + RIMFS_HEADER_BYTES + RIMFS_ENTRY_BYTES * index;
}

/* Makes all checksums right again after a test has changed a field. */
static void seal(unsigned sections) {
  store32(image + DIRECTORY_CRC, adfc_crc32(0, entry(0), RIMFS_ENTRY_BYTES * sections));
  store32(image + HEADER_CRC, 0);
  store32(image + HEADER_CRC, adfc_crc32(0, image, RIMFS_HEADER_BYTES));
}

static void add(unsigned index, const char *name, uint32_t type, uint32_t offset, const void *data,
                uint32_t bytes) {
  uint8_t *e = entry(index);
  strncpy((char *)e, name, RIMFS_NAME_BYTES);
  memcpy(image + offset, data, bytes);
  store32(e + 24, type);
  store32(e + 32, offset);
  store32(e + 36, bytes);
  store32(e + 40, adfc_crc32(0, data, bytes));
}

/* Header and directory end at 64 + 2 * 48 = 160; so the sections are at 192 and 256. */
static void build(void) {
  memset(image, 0, sizeof image);
  store32(image, RIMFS_MAGIC);
  store32(image + 4, RIMFS_VERSION);
  store32(image + 8, image_bytes = 320);
  store32(image + 12, 2);
  store32(image + 16, RIMFS_HEADER_BYTES);
  add(0, "program", RIMFS_PROGRAM, 192, "twelve bytes", 12);
  add(1, "meta.json", RIMFS_DATA, 256, "{}", 2);
  seal(2);
}

static int mount(struct rimfs *fs) {
  uint32_t section;
  return rimfs_mount(fs, image, image_bytes, &section);
}

static void a_good_image_is_mounted_in_place(void) {
  struct rimfs fs;
  struct rimfs_section s;
  build();
  CHECK_EQ(mount(&fs), RIMFS_OK);
  CHECK_EQ(fs.sections, 2);
  CHECK_EQ(rimfs_find(&fs, "program", &s), RIMFS_OK);
  CHECK(s.data == image + 192 && s.bytes == 12 && s.type == RIMFS_PROGRAM);
  CHECK_EQ(rimfs_find(&fs, "meta.json", &s), RIMFS_OK);
  CHECK(s.data == image + 256 && s.bytes == 2);
  CHECK_EQ(rimfs_find(&fs, "progra", &s), RIMFS_NOT_FOUND);
  CHECK_EQ(rimfs_find(&fs, "programs", &s), RIMFS_NOT_FOUND);
}

static void every_truncation_is_refused(void) {
  struct rimfs fs;
  uint32_t section;
  build();
  for (uint32_t bytes = 0; bytes < image_bytes; ++bytes)
    CHECK_EQ(rimfs_mount(&fs, image, bytes, &section), RIMFS_TRUNCATED);
  CHECK_EQ(rimfs_mount(&fs, image, image_bytes + 1, &section), RIMFS_TRAILING);
}

static void every_flipped_bit_is_refused(void) {
  struct rimfs fs;
  build();
  for (uint32_t bit = 0; bit < image_bytes * 8; ++bit) {
    image[bit / 8] ^= (uint8_t)(1u << bit % 8);
    CHECK(mount(&fs) != RIMFS_OK);
    image[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  CHECK_EQ(mount(&fs), RIMFS_OK);
}

static void the_damaged_section_is_named(void) {
  struct rimfs fs;
  uint32_t section;
  build();
  image[256] ^= 1;
  CHECK_EQ(rimfs_mount(&fs, image, image_bytes, &section), RIMFS_BAD_SECTION_CRC);
  CHECK_EQ(section, 1);
  image[0] ^= 1;
  CHECK_EQ(rimfs_mount(&fs, image, image_bytes, &section), RIMFS_BAD_MAGIC);
  CHECK_EQ(section, UINT32_MAX);
}

/* Wrong fields under right checksums: the checks do not rest on checksums alone. */
static void wrong_fields_are_refused(void) {
  static const struct {
    uint32_t at, value;
    int status;
  } cases[] = {
      {4, 2, RIMFS_BAD_VERSION},
      {8, 0, RIMFS_TRAILING},
      {8, 384, RIMFS_TRUNCATED},
      {12, 3, RIMFS_BAD_DIRECTORY},
      {12, RIMFS_MAX_SECTIONS + 1, RIMFS_BAD_HEADER},
      {12, 0xffffffff, RIMFS_BAD_HEADER},
      {16, 128, RIMFS_BAD_HEADER},
      {28, 1, RIMFS_BAD_HEADER},
      {60, 1, RIMFS_BAD_HEADER},
      {64 + 32, 256, RIMFS_BAD_PLACE},
      {64 + 32, 0xffffffc0, RIMFS_BAD_PLACE},
      {64 + 36, 65, RIMFS_BAD_SECTION_CRC},
      {64 + 36, 129, RIMFS_BAD_PLACE},
      {64 + 36, 0xffffffff, RIMFS_BAD_PLACE},
      {64 + 28, 1, RIMFS_BAD_PLACE},
      {64 + 44, 1, RIMFS_BAD_PLACE},
      {64 + 40, 1, RIMFS_BAD_SECTION_CRC},
      {64, 0, RIMFS_BAD_NAME},
      {64 + 20, 1, RIMFS_BAD_NAME},
      {64, 'a' | '\n' << 8, RIMFS_BAD_NAME}, /* it would break messages */
      {112 + 36, 65, RIMFS_BAD_PLACE},
  };
  for (unsigned i = 0; i < sizeof cases / sizeof *cases; ++i) {
    struct rimfs fs;
    build();
    store32(image + cases[i].at, cases[i].value);
    seal(2);
    int status = mount(&fs);
    if (status != cases[i].status)
      CHECK_FAIL("case %u: status %d, expected %d", i, status, cases[i].status);
  }
}

static void names_are_unique(void) {
  struct rimfs fs;
  build();
  memset(entry(1), 0, RIMFS_NAME_BYTES);
  strcpy((char *)entry(1), "program");
  seal(2);
  CHECK_EQ(mount(&fs), RIMFS_BAD_NAME);
}

static void padding_is_zero(void) {
  static const uint32_t places[] = {160, 191, 204, 255, 258, 319};
  struct rimfs fs;
  for (unsigned i = 0; i < sizeof places / sizeof *places; ++i) {
    build();
    image[places[i]] = 1;
    CHECK_EQ(mount(&fs), RIMFS_BAD_PADDING);
  }
}

static void the_image_is_aligned(void) {
  static _Alignas(64) uint8_t moved[1024];
  struct rimfs fs;
  uint32_t section;
  build();
  memcpy(moved + 4, image, image_bytes);
  CHECK_EQ(rimfs_mount(&fs, moved + 4, image_bytes, &section), RIMFS_MISALIGNED);
}

static void an_empty_image_is_a_header(void) {
  struct rimfs fs;
  memset(image, 0, sizeof image);
  store32(image, RIMFS_MAGIC);
  store32(image + 4, RIMFS_VERSION);
  store32(image + 8, image_bytes = RIMFS_HEADER_BYTES);
  store32(image + 16, RIMFS_HEADER_BYTES);
  seal(0);
  CHECK_EQ(mount(&fs), RIMFS_OK);
  CHECK_EQ(fs.sections, 0);
}

/* ---- section io: one input [1, 2, 2, 4] of which 3 channels count, at 0 of 64 bytes; one output
 * [10] */

static uint8_t io[RIMFS_IO_HEADER_BYTES + 2 * RIMFS_TENSOR_BYTES];

static int mount_io(uint32_t bytes, struct rimfs_io *out) {
  struct rimfs fs;
  memset(image, 0, sizeof image);
  store32(image, RIMFS_MAGIC);
  store32(image + 4, RIMFS_VERSION);
  store32(image + 8, image_bytes = 128 + (bytes + 63) / 64 * 64);
  store32(image + 12, 1);
  store32(image + 16, RIMFS_HEADER_BYTES);
  add(0, "io", RIMFS_IO, 128, io, bytes);
  seal(1);
  CHECK_EQ(mount(&fs), RIMFS_OK);
  return rimfs_io(&fs, out);
}

static void build_io(void) {
  static const uint32_t input[] = {0, 16, 4, 1, 2, 2, 4, 1, 1, 3};
  static const uint32_t output[] = {0, 10, 1, 10, 1, 1, 1, 1, 1, 10};
  memset(io, 0, sizeof io);
  store32(io, 1);
  store32(io + 4, 1);
  store32(io + 8, 4096);
  store32(io + 16, 64);
  store32(io + 24, 64);
  for (unsigned i = 0; i < 10; ++i) {
    store32(io + 32 + 32 + 4 * i, input[i]);
    store32(io + 112 + 32 + 4 * i, output[i]);
  }
  memcpy(io + 32, "x", 1);
  memcpy(io + 112, "y", 1);
}

static void io_tables_are_read(void) {
  struct rimfs_io table;
  build_io();
  CHECK_EQ(mount_io(sizeof io, &table), RIMFS_OK);
  CHECK(table.n_inputs == 1 && table.n_outputs == 1 && table.arena_bytes == 4096);
  CHECK(table.input_bytes == 64 && table.output_bytes == 64);
  CHECK_EQ(rimfs_tensor(&table, 0)->valid, 3);
  CHECK_EQ(rimfs_tensor(&table, 1)->bytes, 10);
  CHECK_CONTAINS(rimfs_tensor(&table, 1)->name, "y");
}

static void wrong_io_tables_are_refused(void) {
  static const uint32_t cases[][2] = {
      {0, 2},           {0, 0xffffffff}, {16, 15}, {64, 1},  {64, 64},
      {64, 0xffffffc0}, {68, 15},        {72, 0},  {72, 7},  {76, 0},
      {84, 0x80000000}, {92, 2},         {100, 0}, {100, 5}, {60, 0x41414141},
  };
  for (unsigned i = 0; i < sizeof cases / sizeof *cases; ++i) {
    struct rimfs_io table;
    build_io();
    store32(io + cases[i][0], cases[i][1]);
    if (mount_io(sizeof io, &table) != RIMFS_BAD_CONTENT)
      CHECK_FAIL("case %u is accepted", i);
  }
  for (uint32_t bytes = 0; bytes < sizeof io; ++bytes) {
    struct rimfs_io table;
    build_io();
    CHECK_EQ(mount_io(bytes, &table), RIMFS_BAD_CONTENT);
  }
}

int main(void) {
  RUN(a_good_image_is_mounted_in_place);
  RUN(every_truncation_is_refused);
  RUN(every_flipped_bit_is_refused);
  RUN(the_damaged_section_is_named);
  RUN(wrong_fields_are_refused);
  RUN(names_are_unique);
  RUN(padding_is_zero);
  RUN(the_image_is_aligned);
  RUN(an_empty_image_is_a_header);
  RUN(io_tables_are_read);
  RUN(wrong_io_tables_are_refused);
  return check_report();
}
