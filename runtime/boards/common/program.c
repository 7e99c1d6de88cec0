#include "program.h"

#include "code.h"
#include "memory.h"
#include "pool.h"

#include "adfc/line.h"
#include "adfc/rhal.h"

/* Where the DDR buffers are in the array's address space: the host library's places, so that every
 * run of an image makes the same register accesses. */
#define DDR_BASE(buffer) ((uint64_t)((buffer) + 8) << 32)

static int refuse(char *text, const char *section, const char *reason) {
  struct line l = line_start(text, PROGRAM_TEXT_BYTES);
  if (section) {
    line_put(&l, "section ");
    line_put(&l, section);
    line_put(&l, ": ");
  }
  line_put(&l, reason);
  return 0;
}

static int refuse_memory(char *text, const char *what, uint64_t bytes) {
  struct line l = line_start(text, PROGRAM_TEXT_BYTES);
  line_put(&l, "no memory for ");
  line_put(&l, what);
  line_put(&l, ": ");
  line_number(&l, bytes, 10);
  line_put(&l, " bytes, ");
  line_number(&l, pool_left(), 10);
  line_put(&l, " are left");
  return 0;
}

extern const uint8_t adfc_image[], adfc_image_end[];

struct program_source program_built_in(void) {
  return (struct program_source){
      .image = adfc_image,
      .bytes = (size_t)((uintptr_t)adfc_image_end - (uintptr_t)adfc_image),
      .code = adfc_code,
      .code_bytes = (size_t)((uintptr_t)adfc_code_end - (uintptr_t)adfc_code),
  };
}

static int mount(struct program *p, const struct program_source *source, char *text) {
  uint32_t section;
  int status = rimfs_mount(&p->fs, source->image, source->bytes, &section);
  if (status)
    rimfs_fault_text(&p->fs, status, section, text, PROGRAM_TEXT_BYTES);
  return !status;
}

/* The device that the program's header names, or NULL. */
static const struct adfc_device *device_of(const struct rimfs *fs) {
  struct rimfs_section s;
  if (rimfs_find(fs, "program", &s) || s.bytes < 4 * RCB_HEADER_WORDS)
    return NULL;
  const uint32_t *header = (const uint32_t *)(const void *)s.data;
  return adfc_device_by_ordinal(header[RCB_HEADER_DEVICE]);
}

static int verify(struct program *p, char *text) {
  struct engine_fault fault;
  const struct adfc_device *device = device_of(&p->fs);
  if (!device)
    return refuse(text, "program", "it is missing, or names no device that is known here");
  if (engine_open(&p->image, &p->fs, device))
    return refuse(text, NULL, "a section that the program needs is missing or inconsistent");
  if (!engine_verify(&p->image, &fault) && !engine_verify_ddr(&p->image, &fault))
    return 1;
  engine_fault_text(&fault, text, PROGRAM_TEXT_BYTES);
  return 0;
}

/* The image's own section code.<isa>. */
static int find_code(const struct rimfs *fs, struct program_source *source) {
  char name[RIMFS_NAME_BYTES + 1];
  struct rimfs_section s;
  struct line l = line_start(name, sizeof name);
  line_put(&l, "code.");
  line_put(&l, adfc_code_isa);
  if (rimfs_find(fs, name, &s))
    return 0;
  source->code = s.data;
  source->code_bytes = s.bytes;
  return 1;
}

static int take_kernels(struct program *p, struct program_source source, char *text) {
  uint32_t count = p->image.kernels;
  if (!source.code && !find_code(&p->fs, &source))
    return refuse(text, "code", "there is none for this board's processor");
  p->kernels = pool_take(count * sizeof *p->kernels);
  if (!p->kernels)
    return refuse_memory(text, "the kernels' table", count * sizeof *p->kernels);
  const char *problem = count ? code_bind(source.code, source.code_bytes, p->kernels, count) : NULL;
  return problem ? refuse(text, "code", problem) : 1;
}

static int take_memory(struct program *p, char *text) {
  struct rimfs_section weights;
  p->array_bytes = aie_array_size(p->image.device);
  p->array_memory = pool_take(p->array_bytes);
  if (!p->array_memory)
    return refuse_memory(text, "the emulated array", p->array_bytes);
  rimfs_find(&p->fs, "weights", &weights);
  for (uint32_t i = 0; i < RCB_BUFFER_COUNT; ++i) {
    uint64_t bytes = p->image.buffer_bytes[i];
    int constant = i == RCB_BUFFER_WEIGHTS;
    p->buffers[i] = constant ? (void *)(uintptr_t)weights.data : pool_take(bytes);
    if (!p->buffers[i])
      return refuse_memory(text, "a DDR buffer", bytes);
  }
  return 1;
}

static int map_buffers(struct program *p, char *text) {
  for (uint32_t i = 0; i < RCB_BUFFER_COUNT; ++i) {
    uint64_t bytes = (p->image.buffer_bytes[i] + 3) / 4 * 4; /* the memory has a multiple of 64 */
    p->emu.buffer_bound[i] = bytes != 0;
    p->emu.buffer_address[i] = DDR_BASE(i);
    if (bytes && aie_ddr_map(p->array, DDR_BASE(i), p->buffers[i], bytes, i != RCB_BUFFER_WEIGHTS))
      return refuse(text, NULL, aie_error(p->array)->text);
  }
  return 1;
}

int program_check(struct program *p, const struct program_source *source, char *text) {
  text[0] = 0;
  p->loaded = 0;
  return mount(p, source, text) && verify(p, text) && take_kernels(p, *source, text);
}

int program_open(struct program *p, const struct program_source *source, char *text) {
  return program_check(p, source, text) && take_memory(p, text);
}

static void clear_buffer(struct program *p, uint32_t buffer) {
  memset(p->buffers[buffer], 0, (size_t)p->image.buffer_bytes[buffer]);
}

int program_make_array(struct program *p, char *text) {
  p->array = aie_array_create(p->array_memory, p->array_bytes, p->image.device);
  aie_bind_kernels(p->array, p->kernels, p->image.kernels);
  p->emu = (struct rhal_emu){.array = p->array, .device = p->image.device};
  return map_buffers(p, text);
}

int program_prepare(struct program *p, char *text) {
  clear_buffer(p, RCB_BUFFER_OUTPUT);
  if (p->loaded)
    return 1;
  memset(p->array_memory, 0, p->array_bytes);
  clear_buffer(p, RCB_BUFFER_ARENA);
  return program_make_array(p, text);
}

/* With the array as what the RHAL means; an array on which something failed is not loaded. */
static int play(struct program *p,
                int (*player)(const struct engine_image *, struct engine_result *),
                struct engine_result *engine) {
  rhal_emu_bind(&p->emu);
  int status = player(&p->image, engine);
  rhal_emu_finish(&p->emu);
  rhal_emu_bind(NULL);
  p->loaded = !status && p->image.load;
  return status;
}

int program_load(struct program *p, struct engine_result *engine) {
  if (!p->image.load || p->loaded)
    return ENGINE_OK;
  int status = play(p, engine_load, engine);
  p->load_cost = p->emu.total;
  return status;
}

int program_run(struct program *p, struct engine_result *engine) {
  int status = program_load(p, engine);
  return status ? status : play(p, engine_run, engine);
}
