/* One model, two inferences, in the five steps of adfc.h.
 *
 *   cc infer.c $(adfc config --cflags --libs) -o infer
 *   ./infer MODEL.rimfs INPUT... OUTPUT...
 *
 * INPUT and OUTPUT are files of float32 in the order of the model's user (NumPy: x.tofile(INPUT)),
 * one for each input and output; for inputs that are indices, of int32. */
#include <adfc/adfc.h>

#include <stdio.h>
#include <stdlib.h>

static int fail(const char *what, const char *why) {
  fprintf(stderr, "infer: %s: %s\n", what, why);
  return 1;
}

static int fail_status(const char *step, int status, const struct adfc_session *session) {
  const char *more = adfc_error(session);
  return fail(step, *more ? more : adfc_status_text(status));
}

/* A whole file, at a multiple of 64; NULL where it cannot be read. */
static void *read_file(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  void *data = NULL;
  long size = -1;
  if (file && !fseek(file, 0, SEEK_END))
    size = ftell(file);
  if (size >= 0 && !fseek(file, 0, SEEK_SET)) {
    *bytes = (size_t)size;
    data = aligned_alloc(ADFC_ALIGNMENT, (*bytes / ADFC_ALIGNMENT + 1) * ADFC_ALIGNMENT);
    if (data && fread(data, 1, *bytes, file) != *bytes) {
      free(data);
      data = NULL;
    }
  }
  if (file)
    fclose(file);
  return data;
}

static int write_file(const char *path, const void *data, size_t bytes) {
  FILE *file = fopen(path, "wb");
  if (!file)
    return 0;
  size_t written = fwrite(data, 1, bytes, file);
  return !fclose(file) && written == bytes;
}

static int set_input(struct adfc_session *session, uint32_t index, const char *path) {
  struct adfc_tensor tensor;
  size_t bytes;
  int status = adfc_input(session, index, &tensor);
  if (status)
    return fail_status("input", status, session);
  void *values = read_file(path, &bytes);
  int8_t *levels = malloc(tensor.levels); /* the session reads it in each run */
  if (!values || !levels)
    return fail(path, "cannot be read");
  if (bytes != (tensor.index_rows ? tensor.levels : tensor.levels * sizeof(float)))
    return fail(path, "has another size than the model's input");
  status = tensor.index_rows ? adfc_index_levels(&tensor, values, levels)
                             : adfc_quantize(&tensor, values, levels);
  free(values);
  if (!status)
    status = adfc_set_input(session, index, levels, tensor.levels);
  return status ? fail_status(path, status, session) : 0;
}

static int set_output(struct adfc_session *session, uint32_t index, int8_t **levels) {
  struct adfc_tensor tensor;
  int status = adfc_output(session, index, &tensor);
  *levels = status ? NULL : malloc(tensor.levels);
  if (!*levels)
    return fail("output", "no memory");
  status = adfc_set_output(session, index, *levels, tensor.levels);
  return status ? fail_status("output", status, session) : 0;
}

static int write_output(const struct adfc_session *session, uint32_t index, const int8_t *levels,
                        const char *path) {
  struct adfc_tensor tensor;
  int status = adfc_output(session, index, &tensor);
  float *values = status ? NULL : malloc(tensor.levels * sizeof *values);
  if (!values || adfc_dequantize(&tensor, levels, values) ||
      !write_file(path, values, tensor.levels * sizeof *values))
    return fail(path, "cannot be written");
  free(values);
  return 0;
}

static void print_counters(const char *which, const struct adfc_session *session) {
  struct adfc_counters c;
  if (adfc_counters(session, &c))
    return;
  printf("%s: %llu cycles (and %llu to load), %llu bytes over DDR, %u phases, %u cores, %llu kernel"
         " calls\n",
         which, (unsigned long long)c.cost.cycles, (unsigned long long)c.load.cycles,
         (unsigned long long)(c.cost.ddr_read_bytes + c.cost.ddr_write_bytes), c.phases, c.cores,
         (unsigned long long)c.kernel_calls);
}

/* Steps 2 to 5 with the session's input and output files. */
static int infer(struct adfc_session *session, char **files, int n_files) {
  uint32_t n_inputs = adfc_input_count(session), n_outputs = adfc_output_count(session);
  int8_t *outputs[16];
  if (n_outputs > 16 || (uint32_t)n_files != n_inputs + n_outputs)
    return fail("arguments", "give a file for each input and output of the model");

  int status = adfc_register_operators(session, NULL); /* 2 */
  if (status)
    return fail_status("register operators", status, session);

  for (uint32_t i = 0; i < n_inputs; ++i) /* 3 */
    if (set_input(session, i, files[i]))
      return 1;
  for (uint32_t i = 0; i < n_outputs; ++i)
    if (set_output(session, i, &outputs[i]))
      return 1;

  static const char *const names[] = {"first", "steady"};
  for (int run = 0; run < 2; ++run) {
    status = adfc_run(session); /* 4 */
    if (status)
      return fail_status("run", status, session);
    print_counters(names[run], session); /* 5 */
  }
  for (uint32_t i = 0; i < n_outputs; ++i)
    if (write_output(session, i, outputs[i], files[n_inputs + i]))
      return 1;
  return 0;
}

int main(int argc, char **argv) {
  struct adfc_session *session = NULL;
  size_t image_bytes, arena_bytes;
  if (argc < 3)
    return fail("usage", "infer MODEL.rimfs INPUT... OUTPUT...");
  void *image = read_file(argv[1], &image_bytes);
  if (!image)
    return fail(argv[1], "cannot be read");

  int status = adfc_arena_bytes(image, image_bytes, &arena_bytes); /* 1 */
  void *arena = aligned_alloc(ADFC_ALIGNMENT, status ? 1 << 16 : arena_bytes);
  status = adfc_load(image, image_bytes, arena, status ? 1 << 16 : arena_bytes, &session);
  if (status)
    return fail_status(argv[1], status, session);

  int failed = infer(session, argv + 2, argc - 2);
  adfc_close(session);
  return failed;
}
