/* A board with a public key runs images that are signed with it (docs/rimfs.md, section
 * `signature`), and none that is older than the active one. RSA and SHA-256 are BearSSL's. */
#include "trust.h"

#include "board.h"
#include "memory.h"
#include "program.h"

#include "adfc/crc32.h"
#include "adfc/line.h"
#include "bearssl_hash.h"
#include "bearssl_rsa.h"

#define MAGIC 0x47495352u /* the bytes 'RSIG' */
#define FORMAT 1u

enum { KEY_BYTES = 384, ID_BYTES = 8, HASH_BYTES = br_sha256_SIZE };

/* Of the board's key; the exponent is 65537. */
extern const uint8_t trust_modulus[KEY_BYTES], trust_id[ID_BYTES];

struct signature { /* the section, as it lies in the image */
  uint32_t magic, format;
  uint32_t version; /* of the image */
  uint32_t reserved;
  uint8_t id[ID_BYTES]; /* of the key: the first bytes of its modulus's SHA-256 */
  uint8_t zeros[40];
  uint8_t value[KEY_BYTES];
};
enum { HEAD_BYTES = 64 };
_Static_assert(sizeof(struct signature) == HEAD_BYTES + KEY_BYTES, "as in the image");

const uint32_t trust_needs_signature = 1;

static int refuse(char *text, const char *reason) {
  struct line l = line_start(text, PROGRAM_TEXT_BYTES);
  line_put(&l, reason);
  return 0;
}

static int refuse_older(char *text, uint32_t version, uint32_t oldest) {
  struct line l = line_start(text, PROGRAM_TEXT_BYTES);
  line_put(&l, "the image is older than the active one, or one that ran before: version ");
  line_number(&l, version, 10);
  line_put(&l, ", here is ");
  line_number(&l, oldest, 10);
  return 0;
}

/* The signature, which is the last section, or NULL. */
static const struct signature *find(const struct rimfs *fs) {
  struct rimfs_section found, last;
  if (rimfs_find(fs, "signature", &found))
    return NULL;
  rimfs_section(fs, fs->sections - 1, &last);
  if (last.name != found.name || found.bytes != sizeof(struct signature))
    return NULL;
  return (const struct signature *)(const void *)found.data; /* aligned to 64 */
}

/* The signature's head, the other sections' directory entries, and all between the directory and
 * the signature. What is not among them is determined by it: mounting checks that. */
static void hash(const struct rimfs *fs, const struct signature *s, uint8_t out[HASH_BYTES]) {
  const uint8_t *directory = fs->base + RIMFS_HEADER_BYTES;
  uint32_t entries = RIMFS_ENTRY_BYTES * (fs->sections - 1);
  const uint8_t *sections = directory + entries + RIMFS_ENTRY_BYTES;
  br_sha256_context context;
  br_sha256_init(&context);
  br_sha256_update(&context, s, HEAD_BYTES);
  br_sha256_update(&context, directory, entries);
  br_sha256_update(&context, sections, (size_t)((const uint8_t *)s - sections));
  br_sha256_out(&context, out);
}

int trust_check(const struct rimfs *fs, uint32_t oldest, uint32_t *version, char *text) {
  static const uint8_t exponent[] = {1, 0, 1};
  br_rsa_public_key key = {(unsigned char *)(uintptr_t)trust_modulus, KEY_BYTES,
                           (unsigned char *)(uintptr_t)exponent, sizeof exponent};
  const struct signature *s = find(fs);
  uint8_t is[HASH_BYTES], was[HASH_BYTES];
  if (!s)
    return refuse(text, "the image is not signed");
  if (s->magic != MAGIC || s->format != FORMAT)
    return refuse(text, "section signature: it is of another kind");
  if (memcmp(s->id, trust_id, ID_BYTES))
    return refuse(text, "the image is signed with another key");
  hash(fs, s, is);
  if (!br_rsa_i31_pkcs1_vrfy(s->value, KEY_BYTES, BR_HASH_OID_SHA256, HASH_BYTES, &key, was) ||
      memcmp(is, was, HASH_BYTES))
    return refuse(text, "the image was altered after it was signed");
  if (s->version < oldest)
    return refuse_older(text, s->version, oldest);
  *version = s->version;
  return 1;
}

struct floor {         /* the second half of the page of the fault record (common/sections.ld) */
  uint32_t magic, crc; /* CRC-32 of what follows */
  uint32_t version, reserved;
  uint8_t id[ID_BYTES];
};

#define FLOOR_MAGIC 0x524f4f4cu /* the bytes 'LOOR' */

extern struct floor board_floor;

static uint32_t floor_crc(void) {
  return adfc_crc32(0, (const uint8_t *)&board_floor.version,
                    sizeof board_floor - offsetof(struct floor, version));
}

uint32_t trust_floor(void) {
  return board_floor.magic == FLOOR_MAGIC && board_floor.crc == floor_crc() &&
                 !memcmp(board_floor.id, trust_id, ID_BYTES)
             ? board_floor.version
             : 0;
}

void trust_raise_floor(uint32_t version) {
  if (version <= trust_floor())
    return;
  board_floor = (struct floor){.magic = FLOOR_MAGIC, .version = version};
  memcpy(board_floor.id, trust_id, ID_BYTES);
  board_floor.crc = floor_crc();
  board_write_back(&board_floor, sizeof board_floor);
}
