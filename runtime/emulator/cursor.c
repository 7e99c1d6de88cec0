#include "cursor.h"

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

// One dimension of two, of which the inner one has no padding: a position of the outer one is a
// line of the inner one.
static struct aie_dimension join(const struct aie_dimension *inner,
                                 const struct aie_dimension *outer) {
  return (struct aie_dimension){
      .wrap = inner->wrap * outer->wrap,
      .step = inner->step,
      .before = inner->wrap * outer->before,
      .after = inner->wrap * outer->after,
  };
}

void aie_cursor_simplify(struct aie_cursor *cursor) {
  struct aie_dimension *d = cursor->dims;
  static const struct aie_dimension none = {0, 1, 0, 0};
  for (uint32_t merges = 0; merges < 3; ++merges) {
    // The inner dimension is one step, or its end meets the next one's step: they are one.
    int single = d[0].wrap == 1;
    int joined = d[0].wrap != 0 && (uint64_t)d[0].wrap * d[0].step == d[1].step;
    if (!(single || joined) || d[0].before || d[0].after)
      return;
    uint64_t line = (uint64_t)d[1].before + d[1].wrap + d[1].after;
    if (!single && d[0].wrap * line >> 32)
      return;
    d[0] = single ? d[1] : join(&d[0], &d[1]);
    d[1] = d[2];
    d[2] = d[3];
    d[3] = none;
  }
}

// Position + 1 in dimension d, carrying into the outer ones.
static void carry(struct aie_cursor *cursor, uint32_t d) {
  for (; d < 4; ++d) {
    const struct aie_dimension *dim = &cursor->dims[d];
    uint32_t position = ++cursor->position[d];
    if (dim->wrap == 0 || position < dim->before + dim->wrap + dim->after)
      return;
    cursor->position[d] = 0;
  }
}

static void advance(struct aie_cursor *cursor, uint32_t words) {
  const struct aie_dimension *dim = &cursor->dims[0];
  cursor->left -= words;
  cursor->position[0] += words;
  if (dim->wrap != 0 && cursor->position[0] == dim->before + dim->wrap + dim->after) {
    cursor->position[0] = 0;
    carry(cursor, 1);
  }
}

static int in_padding(const struct aie_dimension *dim, uint32_t position) {
  return position < dim->before || (dim->wrap != 0 && position >= dim->before + dim->wrap);
}

// Words until the innermost dimension leaves its padding, its data or its line.
static uint32_t until_change(const struct aie_dimension *dim, uint32_t position, int outer_zero) {
  uint32_t line = dim->before + dim->wrap + dim->after;
  if (position < dim->before && !outer_zero)
    return dim->before - position;
  if (dim->wrap == 0)
    return 0xffffffffu;
  if (outer_zero || position >= dim->before + dim->wrap)
    return line - position;
  return dim->before + dim->wrap - position;
}

struct aie_run aie_cursor_next(struct aie_cursor *cursor, uint32_t limit) {
  const struct aie_dimension *d = cursor->dims;
  const uint32_t *p = cursor->position;
  struct aie_run run = {0, 0, d[0].step * 4, 0};
  if (cursor->padded) {
    int outer_zero = in_padding(&d[1], p[1]) || in_padding(&d[2], p[2]);
    run.zero = outer_zero || in_padding(&d[0], p[0]);
    run.words = least(limit, until_change(&d[0], p[0], outer_zero));
  } else {
    run.words = d[0].wrap ? least(limit, d[0].wrap - p[0]) : limit;
  }
  if (!run.zero)
    run.address = cursor->base +
                  4 * ((uint64_t)(p[0] - d[0].before) * d[0].step +
                       (uint64_t)(p[1] - d[1].before) * d[1].step +
                       (uint64_t)(p[2] - d[2].before) * d[2].step + (uint64_t)p[3] * d[3].step);
  advance(cursor, run.words);
  return run;
}

uint32_t aie_cursor_lines(struct aie_cursor *cursor, const struct aie_run *run, uint32_t limit) {
  const struct aie_dimension *inner = &cursor->dims[0], *outer = &cursor->dims[1];
  uint32_t position = cursor->position[1];
  if (run->zero || run->stride != 4 || run->words != inner->wrap || inner->before || inner->after ||
      position <= outer->before)
    return 0; // no whole line, or the next one is not behind it
  uint32_t lines = limit / run->words;
  if (outer->wrap != 0) {
    if (position >= outer->before + outer->wrap)
      return 0;
    lines = least(lines, outer->before + outer->wrap - position);
  }
  if (lines == 0)
    return 0;
  cursor->left -= lines * run->words;
  cursor->position[1] = position + lines - 1;
  carry(cursor, 1);
  return lines;
}

void aie_cursor_skip(struct aie_cursor *cursor, uint32_t words) {
  uint64_t carried = words;
  cursor->left -= words;
  for (uint32_t d = 0; d < 4 && carried; ++d) {
    const struct aie_dimension *dim = &cursor->dims[d];
    uint64_t line = (uint64_t)dim->before + dim->wrap + dim->after;
    uint64_t position = cursor->position[d] + carried;
    if (dim->wrap == 0) {
      cursor->position[d] = (uint32_t)position;
      return;
    }
    cursor->position[d] = (uint32_t)(position % line);
    carried = position / line;
  }
}

uint64_t aie_cursor_end(const struct aie_cursor *cursor) {
  uint64_t end = cursor->base + 4;
  uint64_t line = 1;   // words of one position in the dimension
  uint64_t inside = 0; // words of it that are gone
  for (uint32_t d = 0; d < 4; ++d) {
    const struct aie_dimension *dim = &cursor->dims[d];
    if (dim->wrap == 0) {
      // It goes on for as many words as are left.
      uint64_t last = cursor->position[d] + (inside + cursor->left - 1) / line;
      return end + 4 * last * dim->step;
    }
    end += 4 * (uint64_t)(dim->wrap - 1) * dim->step;
    inside += cursor->position[d] * line;
    line *= (uint64_t)dim->before + dim->wrap + dim->after;
  }
  return end;
}
