#include "start.h"

#include "log.h"
#include "options.h"
#include "pool.h"
#include "record.h"
#include "report.h"
#include "request.h"
#include "selftest.h"

#include "adfc/line.h"

enum { DETAIL_BYTES = 2048, SCRATCH_WORDS = 16384 };

_Noreturn void rtpm_end(enum board_exit_code code) {
  report_end(code);
  board_exit(code);
}

void rtpm_fault(const char *text) {
  report_fault(text);
  record_keep(text);
}

_Noreturn void rtpm_refuse(const char *text) {
  report_fault(text);
  rtpm_end(BOARD_REFUSED);
}

static void require(const char *problem) {
  char text[128];
  struct line l = line_start(text, sizeof text);
  if (!problem)
    return;
  line_put(&l, "self-test: ");
  line_put(&l, problem);
  rtpm_fault(text);
  rtpm_end(BOARD_SELF_TEST);
}

void rtpm_start(void) {
  board_start();
  log_set_level(rtpm_options.log_level);
  if (request_find())
    log_set_level(request_find()->log_level);
  log_info(board_name);
  record_boot();
  require(selftest_code());
  require(selftest_memory(pool_free(), SCRATCH_WORDS));
  require(selftest_timer());
  log_debug("self-test passed: code, memory, timer");
}

void rtpm_test_array(struct program *p) {
  char text[PROGRAM_TEXT_BYTES];
  if (!program_make_array(p, text))
    rtpm_refuse(text);
  rhal_emu_bind(&p->emu);
  require(selftest_array(p->image.device));
  rhal_emu_bind(NULL);
  log_debug("self-test passed: array");
}

const char *rtpm_explain(struct program *p, const struct engine_fault *fault) {
  static char text[DETAIL_BYTES];
  engine_fault_text(fault, text, sizeof text);
  struct line l = {text, sizeof text, 0};
  while (text[l.used])
    ++l.used;
  if (aie_error(p->array)->code != AIE_ERROR_NONE) {
    line_put(&l, "\n");
    line_put(&l, aie_error(p->array)->text);
  }
  if (l.used + 2 < sizeof text) {
    line_put(&l, "\n");
    if (!aie_explain_waits(p->array, text + l.used, sizeof text - l.used))
      text[l.used - 1] = 0;
  }
  rtpm_fault(text);
  return text;
}

_Noreturn void board_exception(const char *const *names, const uint64_t *values, uint32_t count) {
  static int reporting;
  char text[192];
  struct line l = line_start(text, sizeof text);
  if (reporting++) /* the console itself does not work */
    board_exit(BOARD_EXCEPTION);
  line_put(&l, "the processor took an exception:");
  for (uint32_t i = 0; i < count; ++i) {
    line_put(&l, " ");
    line_put(&l, names[i]);
    line_put(&l, " ");
    line_number(&l, values[i], 16);
  }
  rtpm_fault(text);
  rtpm_end(BOARD_EXCEPTION);
}
