#include "move.h"

#include "cursor.h"
#include "memory.h"
#include "work.h"

// One end of a transfer: where in whose memory; and where the memory from cursor->base on lies, if
// all that the cursor walks does in one piece. Then the channel, which others write, is not read.
struct end {
  const struct aie_channel *channel;
  struct aie_cursor *cursor;
  uint8_t *memory; // or NULL
};

static uint8_t *memory_at(struct aie_array *array, const struct end *end, uint64_t address,
                          int writing, uint64_t *bytes) {
  *bytes = UINT64_MAX;
  if (end->memory)
    return end->memory + (address - end->cursor->base);
  return aie_memory_at(array, end->channel, address, writing, bytes);
}

static uint8_t *memory_of(struct aie_array *array, const struct aie_channel *channel) {
  const struct aie_cursor *cursor = &channel->bd.cursor;
  return aie_memory_span(array, channel, cursor->base, aie_cursor_end(cursor),
                         channel->direction == AIE_S2MM);
}

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

// ---- copying

static void copy_words(uint8_t *to, const uint8_t *from, uint32_t words) {
  if (words <= 8)
    for (; words; --words, to += 4, from += 4)
      __builtin_memcpy(to, from, 4);
  else
    __builtin_memmove(to, from, 4ull * words);
}

// Lines of `words` words each, so many bytes apart. Short ones are most of what is copied so.
static void copy_lines(uint8_t *to, uint64_t to_pitch, const uint8_t *from, uint64_t from_pitch,
                       uint32_t words, uint32_t lines) {
#define COPY(count)                                                                                \
  case count:                                                                                      \
    for (; lines; --lines, to += to_pitch, from += from_pitch)                                     \
      __builtin_memmove(to, from, 4 * (count));                                                    \
    break
  switch (words) {
    COPY(1);
    COPY(2);
    COPY(4);
    COPY(8);
    COPY(16);
  default:
    for (; lines; --lines, to += to_pitch, from += from_pitch)
      copy_words(to, from, words);
  }
#undef COPY
}

// Words of a run that lie in one piece from its word `done` on.
static uint32_t piece_of(const struct aie_run *run, uint32_t done, uint64_t bytes) {
  if (run->stride != 4)
    return 1;
  return bytes / 4 < run->words - done ? (uint32_t)(bytes / 4) : run->words - done;
}

// Copies a run to array->stage, word `at` on.
static enum aie_status stage_run(struct aie_array *array, const struct end *source,
                                 const struct aie_run *run, uint32_t at) {
  uint8_t *to = (uint8_t *)&array->stage[at];
  if (run->zero) {
    __builtin_memset(to, 0, 4ull * run->words);
    return AIE_OK;
  }
  for (uint32_t done = 0; done < run->words;) {
    uint64_t bytes = 0;
    uint64_t address = run->address + (uint64_t)done * run->stride;
    const uint8_t *from = memory_at(array, source, address, 0, &bytes);
    if (!from)
      return AIE_FAULT;
    uint32_t piece = piece_of(run, done, bytes);
    copy_words(to + 4ull * done, from, piece);
    done += piece;
  }
  return AIE_OK;
}

// Where the lines behind a run lie in one piece of memory. NULL: they do not, or not all exist.
static uint8_t *lines_at(struct aie_array *array, const struct end *end, const struct aie_run *run,
                         uint32_t lines, int writing) {
  uint64_t pitch = aie_cursor_pitch(end->cursor), bytes = 0;
  if (lines == 0)
    return NULL;
  uint8_t *at = memory_at(array, end, run->address + pitch, writing, &bytes);
  return at && bytes >= (lines - 1) * pitch + 4ull * run->words ? at : NULL;
}

// Copies lines behind a run to array->stage, word `at` on.
static enum aie_status stage_lines(struct aie_array *array, const struct end *source,
                                   struct aie_run run, uint32_t lines, uint32_t at) {
  uint64_t pitch = aie_cursor_pitch(source->cursor);
  const uint8_t *from = lines_at(array, source, &run, lines, 0);
  if (from) {
    copy_lines((uint8_t *)&array->stage[at], 4ull * run.words, from, pitch, run.words, lines);
    return AIE_OK;
  }
  for (; lines; --lines, at += run.words) {
    run.address += pitch;
    if (stage_run(array, source, &run, at) != AIE_OK)
      return AIE_FAULT;
  }
  return AIE_OK;
}

// The source's next words in one piece: where they lie, or gathered in array->stage. NULL: a fault.
static const uint8_t *gather(struct aie_array *array, const struct end *source, uint32_t limit,
                             uint32_t *words) {
  struct aie_run run = aie_cursor_next(source->cursor, least(limit, AIE_STAGE_WORDS));
  if (!run.zero && run.stride == 4 && (run.words >= AIE_DIRECT_WORDS || run.words == limit)) {
    uint64_t bytes = 0;
    const uint8_t *from = memory_at(array, source, run.address, 0, &bytes);
    *words = run.words;
    if (!from || bytes >= 4ull * run.words)
      return from;
  }
  limit = least(limit, AIE_STAGE_WORDS);
  for (uint32_t at = 0;;) {
    if (stage_run(array, source, &run, at) != AIE_OK)
      return NULL;
    at += run.words;
    uint32_t lines = aie_cursor_lines(source->cursor, &run, limit - at);
    if (stage_lines(array, source, run, lines, at) != AIE_OK)
      return NULL;
    *words = at += lines * run.words;
    if (at == limit)
      return (const uint8_t *)array->stage;
    run = aie_cursor_next(source->cursor, limit - at);
  }
}

static enum aie_status scatter_run(struct aie_array *array, const struct end *sink,
                                   const struct aie_run *run, const uint8_t *from) {
  for (uint32_t done = 0; done < run->words;) {
    uint64_t bytes = 0;
    uint8_t *to = memory_at(array, sink, run->address + (uint64_t)done * run->stride, 1, &bytes);
    if (!to)
      return AIE_FAULT;
    uint32_t piece = piece_of(run, done, bytes);
    copy_words(to, from + 4ull * done, piece);
    done += piece;
  }
  return AIE_OK;
}

static enum aie_status scatter_lines(struct aie_array *array, const struct end *sink,
                                     struct aie_run run, uint32_t lines, const uint8_t *from) {
  uint64_t pitch = aie_cursor_pitch(sink->cursor), line_bytes = 4ull * run.words;
  uint8_t *to = lines_at(array, sink, &run, lines, 1);
  if (to) {
    copy_lines(to, pitch, from, line_bytes, run.words, lines);
    return AIE_OK;
  }
  for (; lines; --lines, from += line_bytes) {
    run.address += pitch;
    if (scatter_run(array, sink, &run, from) != AIE_OK)
      return AIE_FAULT;
  }
  return AIE_OK;
}

static enum aie_status scatter(struct aie_array *array, const struct end *sink, const uint8_t *from,
                               uint32_t words) {
  while (words) {
    struct aie_run run = aie_cursor_next(sink->cursor, words);
    if (scatter_run(array, sink, &run, from) != AIE_OK)
      return AIE_FAULT;
    words -= run.words;
    from += 4ull * run.words;
    uint32_t lines = aie_cursor_lines(sink->cursor, &run, words);
    if (scatter_lines(array, sink, run, lines, from) != AIE_OK)
      return AIE_FAULT;
    words -= lines * run.words;
    from += 4ull * run.words * lines;
  }
  return AIE_OK;
}

// ---- at once

static enum aie_status move_now(struct aie_array *array, struct aie_channel *source,
                                uint32_t words) {
  const struct end from_end = {source, &source->bd.cursor, memory_of(array, source)};
  while (words) {
    uint32_t piece = 0;
    const uint8_t *from = gather(array, &from_end, words, &piece);
    if (!from)
      return AIE_FAULT;
    FOR_SINKS(array, source, sink) {
      const struct end to_end = {sink, &sink->bd.cursor, NULL};
      if (scatter(array, &to_end, from, piece) != AIE_OK)
        return AIE_FAULT;
    }
    words -= piece;
  }
  return AIE_OK;
}

// ---- later

// An end of a transfer that is left to the executor, with a cursor of its own.
struct later_end {
  uint8_t *memory;
  struct aie_cursor cursor;
};

// A transfer that is left to the executor. ends[0] is the source.
struct later {
  struct aie_array *array;
  uint32_t words;
  uint32_t sinks;
  struct later_end ends[];
};

static void move_later(void *work) {
  struct later *later = work;
  const struct end source = {NULL, &later->ends[0].cursor, later->ends[0].memory};
  for (uint32_t words = later->words; words;) {
    uint32_t piece = 0;
    const uint8_t *from = gather(later->array, &source, words, &piece);
    for (uint32_t i = 1; i <= later->sinks; ++i) {
      const struct end sink = {NULL, &later->ends[i].cursor, later->ends[i].memory};
      scatter(later->array, &sink, from, piece);
    }
    words -= piece;
  }
}

static int leave(struct later *later, uint32_t end, struct aie_channel *channel) {
  later->ends[end].memory = memory_of(later->array, channel);
  later->ends[end].cursor = channel->bd.cursor;
  return later->ends[end].memory != NULL;
}

// Returns 1, or 0 where the executor cannot do it, as where there will be a fault, and all work
// before has been done.
static int leave_to_executor(struct aie_array *array, struct aie_channel *source, uint32_t words) {
  uint32_t sinks = 0;
  FOR_SINKS(array, source, sink)
  ++sinks;
  uint64_t bytes = sizeof(struct later) + (sinks + 1ull) * sizeof(struct later_end);
  struct later *later = aie_work_reserve(array, (uint32_t)bytes);
  if (!later)
    return 0;
  later->array = array;
  later->words = words;
  later->sinks = 0;
  int possible = leave(later, 0, source);
  FOR_SINKS(array, source, sink)
  possible = possible && leave(later, ++later->sinks, sink);
  if (!possible) {
    aie_settle(array);
    return 0;
  }
  aie_cursor_skip(&source->bd.cursor, words);
  FOR_SINKS(array, source, sink)
  aie_cursor_skip(&sink->bd.cursor, words);
  aie_work_submit(array, move_later);
  return 1;
}

enum aie_status aie_move(struct aie_array *array, struct aie_channel *source, uint32_t words) {
  if (array->executor && leave_to_executor(array, source, words))
    return AIE_OK;
  return move_now(array, source, words);
}
