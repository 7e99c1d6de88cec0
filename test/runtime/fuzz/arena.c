#define _GNU_SOURCE
#include "arena.h"

#include "array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096 };
#define MAX_BUFFER_BYTES ((uint64_t)1 << 24)
#define DDR_BASE(buffer) ((uint64_t)((buffer) + 8) << 32)

static struct arena *running; /* kernels get no context */
static void *array_memory;
static size_t array_bytes;

static void die(const char *why) {
  fprintf(stderr, "arena: %s\n", why);
  abort();
}

static void *take(size_t bytes) {
  void *memory =
      mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    die("no memory");
  return memory;
}

/* ---- kernels: one function for each id, which a core program cannot tell apart from real ones */

static int inside_a_tile(const uint8_t *buffer, uint32_t bytes) {
  const struct aie_array *array = running->emu.array;
  for (uint32_t i = 0; i < array->tile_count; ++i) {
    const struct aie_tile *tile = &array->tiles[i];
    if (tile->core == AIE_NONE || buffer < tile->data)
      continue;
    size_t offset = (size_t)(buffer - tile->data);
    if (offset < CORE_PROGRAM_DATA_MEMORY_BYTES)
      return bytes <= CORE_PROGRAM_DATA_MEMORY_BYTES - offset;
    if (offset == CORE_PROGRAM_DATA_MEMORY_BYTES ||
        offset == CORE_PROGRAM_DATA_MEMORY_BYTES + CORE_PROGRAM_CASCADE_BYTES)
      return bytes <= CORE_PROGRAM_CASCADE_BYTES;
  }
  return 0;
}

static void call(uint32_t id, uint8_t *const *buffers, const int32_t *immediates) {
  const struct rimfs_kernel *kernel = &running->image->kernel_table[id];
  for (uint32_t i = 0; i < kernel->buffers; ++i)
    if (!inside_a_tile(buffers[i], kernel->bytes[i]))
      die("a kernel's buffer leaves the memory that it is in");
  if (running->kernels[id]) {
    running->kernels[id](buffers, immediates);
    return;
  }
  for (uint32_t i = 0; i < kernel->immediates; ++i)
    if (immediates[i] == 0x7fffffff)
      return;
  for (uint32_t i = 0; i < kernel->buffers; ++i)
    if (kernel->bytes[i])
      buffers[i][0] = ++buffers[i][kernel->bytes[i] - 1];
}

// clang-format off
#define ALL(X) \
  X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) \
  X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)
// clang-format on
#define KERNEL(id)                                                                                 \
  static void kernel_##id(uint8_t *const *buffers, const int32_t *immediates) {                    \
    call(id, buffers, immediates);                                                                 \
  }
ALL(KERNEL)
#define NAME(id) kernel_##id,
static const aie_kernel_fn kernels[ARENA_KERNELS] = {ALL(NAME)};

/* ---- memory */

/* The array's memory ends at a page that cannot be touched; it is taken once and cleared. */
static void *clear_array(size_t bytes) {
  bytes = (bytes + PAGE - 1) / PAGE * PAGE;
  if (bytes > array_bytes) {
    if (array_memory)
      munmap(array_memory, array_bytes + PAGE);
    array_memory = take(bytes + PAGE);
    array_bytes = bytes;
    mprotect((uint8_t *)array_memory + bytes, PAGE, PROT_NONE);
  } else {
    madvise(array_memory, array_bytes, MADV_DONTNEED);
  }
  return (uint8_t *)array_memory + (array_bytes - bytes);
}

static int take_buffer(struct arena *arena, uint32_t buffer, const void *content) {
  uint64_t bytes = (arena->image->buffer_bytes[buffer] + 3) / 4 * 4;
  if (bytes > MAX_BUFFER_BYTES)
    return 0;
  size_t pages = (bytes + PAGE - 1) / PAGE * PAGE;
  uint8_t *memory = take(pages + PAGE);
  arena->buffers[buffer] = memory;
  arena->buffer_bytes[buffer] = pages + PAGE;
  uint8_t *host = memory + pages - bytes;
  if (content)
    memcpy(host, content, arena->image->buffer_bytes[buffer]);
  mprotect(memory + pages, PAGE, PROT_NONE);
  if (content)
    mprotect(memory, pages, PROT_READ);
  arena->emu.buffer_bound[buffer] = bytes != 0;
  arena->emu.buffer_address[buffer] = DDR_BASE(buffer);
  return !bytes ||
         aie_ddr_map(arena->emu.array, DDR_BASE(buffer), host, bytes, content == NULL) == AIE_OK;
}

int arena_start(struct arena *arena, const struct engine_image *image, const void *weights) {
  size_t bytes = aie_array_size(image->device);
  void *memory = clear_array(bytes);
  arena->image = image;
  arena->emu = (struct rhal_emu){.device = image->device};
  arena->emu.array = aie_array_create(memory, (bytes + PAGE - 1) / PAGE * PAGE, image->device);
  if (!arena->emu.array)
    die("no array");
  running = arena;
  aie_bind_kernels(arena->emu.array, kernels,
                   image->kernels < ARENA_KERNELS ? image->kernels : ARENA_KERNELS);
  for (uint32_t i = 0; i < RCB_BUFFER_COUNT; ++i)
    if (!take_buffer(arena, i, i == RCB_BUFFER_WEIGHTS ? weights : NULL))
      return 0;
  rhal_emu_bind(&arena->emu);
  return 1;
}

void arena_check(const struct arena *arena) {
  switch (aie_error(arena->emu.array)->code) {
  case AIE_ERROR_NO_TILE:
  case AIE_ERROR_NO_REGISTER:
  case AIE_ERROR_READ_ONLY:
  case AIE_ERROR_WRITE_ONLY:
    die(aie_error(arena->emu.array)->text);
  case AIE_ERROR_ADDRESS:
    if (aie_error(arena->emu.array)->row == 0)
      die(aie_error(arena->emu.array)->text);
    break;
  default:
    break;
  }
}

void arena_stop(struct arena *arena) {
  rhal_emu_bind(NULL);
  for (uint32_t i = 0; i < RCB_BUFFER_COUNT; ++i) {
    if (arena->buffers[i])
      munmap(arena->buffers[i], arena->buffer_bytes[i]);
    arena->buffers[i] = NULL;
  }
}
