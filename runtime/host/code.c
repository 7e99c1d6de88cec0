#define _GNU_SOURCE
#include "code.h"

#include "adfc/adfc_host.h"
#include "cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAGIC 0x444f434bu /* the bytes 'KCOD' */
#define PREFIX "code."

enum { WORD_MAGIC, WORD_KERNELS, WORD_BYTES, WORD_ENTRIES };

/* A section's parts, checked. */
struct layout {
  const uint32_t *entries; /* byte offsets in the blob, one for each kernel */
  const uint8_t *blob;
  uint32_t bytes;
};

static int refuse(char *text, const struct rimfs_section *s, const char *reason) {
  snprintf(text, ADFC_TEXT_BYTES, "section %s: %s", s->name, reason);
  return ADFC_BAD_IMAGE;
}

static int read_layout(struct layout *out, const struct rimfs_section *s, uint32_t kernels,
                       char *text) {
  const uint32_t *words = (const uint32_t *)(const void *)s->data; /* sections are aligned to 64 */
  if (s->bytes < 4 * WORD_ENTRIES || words[WORD_MAGIC] != MAGIC)
    return refuse(text, s, "it holds no kernel code");
  if (words[WORD_KERNELS] != kernels)
    return refuse(text, s, "it has not as many kernels as section kernels");
  uint64_t start = (4 * (WORD_ENTRIES + (uint64_t)kernels) + 63) / 64 * 64;
  if (start > s->bytes || words[WORD_BYTES] > s->bytes - start)
    return refuse(text, s, "its code reaches past its end");
  for (uint32_t i = 0; i < kernels; ++i)
    if (words[WORD_ENTRIES + i] >= words[WORD_BYTES])
      return refuse(text, s, "a kernel begins outside of its code");
  *out = (struct layout){words + WORD_ENTRIES, s->data + start, words[WORD_BYTES]};
  return ADFC_OK;
}

int code_check(const struct rimfs *fs, uint32_t kernels, char *text) {
  for (uint32_t i = 0; i < fs->sections; ++i) {
    struct rimfs_section s;
    struct layout layout;
    rimfs_section(fs, i, &s);
    if (s.type == RIMFS_CODE && read_layout(&layout, &s, kernels, text))
      return ADFC_BAD_IMAGE;
  }
  return ADFC_OK;
}

static int find(const struct rimfs *fs, const char *isa, struct rimfs_section *s) {
  char name[RIMFS_NAME_BYTES];
  snprintf(name, sizeof name, PREFIX "%s", isa);
  return rimfs_find(fs, name, s) == RIMFS_OK;
}

/* What code the image has, for the message. */
static int no_code(const struct rimfs *fs, char *text) {
  int used = snprintf(text, ADFC_TEXT_BYTES,
                      "the image has no kernel code that this machine runs;"
                      " it has");
  int before = used;
  for (uint32_t i = 0; i < fs->sections && used < ADFC_TEXT_BYTES; ++i) {
    struct rimfs_section s;
    rimfs_section(fs, i, &s);
    if (s.type == RIMFS_CODE)
      used +=
          snprintf(text + used, (size_t)(ADFC_TEXT_BYTES - used), " %s", s.name + strlen(PREFIX));
  }
  if (used == before)
    snprintf(text + used, (size_t)(ADFC_TEXT_BYTES - used), " none");
  return ADFC_NO_CODE;
}

/* Chooses the instruction set. Returns its name, or NULL with *status and `text` set. */
static const char *choose(const struct rimfs *fs, const char *isa, int *status, char *text) {
  struct rimfs_section s;
  *status = ADFC_NO_CODE;
  if (isa) {
    if (!cpu_supports(isa)) {
      snprintf(text, ADFC_TEXT_BYTES, "this machine does not run kernel code for '%s'", isa);
      return NULL;
    }
    if (find(fs, isa, &s))
      return isa;
    *status = no_code(fs, text);
    return NULL;
  }
  for (const char *const *i = cpu_isas; *i; ++i)
    if (find(fs, *i, &s) && cpu_supports(*i))
      return *i;
  *status = no_code(fs, text);
  return NULL;
}

/* Never writable and executable at once. */
static int map(struct code *code, const struct layout *layout) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  code->page_bytes = (layout->bytes + page - 1) / page * page;
  void *pages =
      mmap(NULL, code->page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED)
    return 0;
  code->pages = pages;
  memcpy(pages, layout->blob, layout->bytes);
  __builtin___clear_cache((char *)pages, (char *)pages + layout->bytes);
  return mprotect(pages, code->page_bytes, PROT_READ | PROT_EXEC) == 0;
}

int code_load(struct code *code, const struct rimfs *fs, const char *isa, uint32_t kernels,
              char *text) {
  struct rimfs_section s;
  struct layout layout;
  int status;
  *code = (struct code){.count = kernels};
  if (kernels == 0)
    return ADFC_OK;
  const char *name = choose(fs, isa, &status, text);
  if (!name)
    return status;
  find(fs, name, &s);
  if (read_layout(&layout, &s, kernels, text))
    return ADFC_BAD_IMAGE;
  code->kernels = calloc(kernels, sizeof *code->kernels);
  if (!code->kernels || !map(code, &layout)) {
    snprintf(text, ADFC_TEXT_BYTES, "no memory for the kernels' code");
    return ADFC_NO_MEMORY;
  }
  for (uint32_t i = 0; i < kernels; ++i) {
    const uint8_t *entry = (const uint8_t *)code->pages + layout.entries[i];
    memcpy(&code->kernels[i], &entry, sizeof entry); /* ISO C has no cast from data to function */
  }
  snprintf(code->isa, sizeof code->isa, "%s", name);
  return ADFC_OK;
}

void code_unload(struct code *code) {
  if (code->pages)
    munmap(code->pages, code->page_bytes);
  free(code->kernels);
  *code = (struct code){0};
}
