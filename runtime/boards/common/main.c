/* A board's main program: opens the image that is linked in, runs it once on the input that lies in
 * memory, and reports output and counters on the console. */
#include "board.h"
#include "code.h"
#include "console.h"
#include "program.h"
#include "report.h"
#include "request.h"

#include "adfc/line.h"
#include "adfc/spec/devices.h"

enum { DETAIL_BYTES = 2048 };

static _Noreturn void end(enum board_exit_code code) {
  report_end(code);
  board_exit(code);
}

static _Noreturn void refuse(const char *text) {
  report_fault(text);
  end(BOARD_REFUSED);
}

static void introduce(const struct program *p) {
  char text[128];
  struct line l = line_start(text, sizeof text);
  line_put(&l, "an image of ");
  line_number(&l, (uint64_t)(adfc_image_end - adfc_image), 10);
  line_put(&l, " bytes for ");
  line_put(&l, p->image.device->name);
  line_put(&l, ", ");
  line_number(&l, p->image.kernels, 10);
  line_put(&l, " kernels compiled for ");
  line_put(&l, adfc_code_isa);
  report_say(text);
}

/* Returns how many runs are wanted. */
static uint32_t take_input(struct program *p) {
  uint64_t bytes = p->image.buffer_bytes[RCB_BUFFER_INPUT];
  uint32_t runs;
  switch (request_take(p->buffers[RCB_BUFFER_INPUT], bytes, &runs)) {
  case REQUEST_OK:
    break;
  case REQUEST_NONE:
    report_say("no input lies in memory: taking zeros");
    break;
  case REQUEST_BAD:
    refuse("the input that lies in memory has a wrong length or checksum");
  }
  return runs;
}

static _Noreturn void explain(struct program *p, const struct engine_fault *fault) {
  static char text[DETAIL_BYTES];
  engine_fault_text(fault, text, sizeof text);
  report_fault(text);
  if (aie_error(p->array)->code != AIE_ERROR_NONE)
    report_fault(aie_error(p->array)->text);
  if (aie_explain_waits(p->array, text, sizeof text))
    report_fault(text);
  end(BOARD_FAULTED);
}

static void count(const struct program *p, const struct engine_result *engine) {
  const struct rhal_emu_cost *cost = &p->emu.total;
  report_counter("cycles", cost->cycles);
  report_counter("control_cycles", cost->control_cycles);
  report_counter("exposed_cycles", cost->exposed_cycles);
  report_counter("ddr_read_bytes", cost->ddr_read_bytes);
  report_counter("ddr_write_bytes", cost->ddr_write_bytes);
  report_counter("engine_instructions", engine->instructions);
}

static void run(struct program *p, struct engine_result *engine) {
  char text[PROGRAM_TEXT_BYTES];
  if (!program_power_on(p, text))
    refuse(text);
  uint64_t start = board_cycles();
  int status = program_run(p, engine);
  uint64_t cycles = board_cycles() - start;
  if (status)
    explain(p, &engine->fault);
  report_run(cycles, p->emu.total.cycles, p->buffers[RCB_BUFFER_OUTPUT],
             p->image.buffer_bytes[RCB_BUFFER_OUTPUT]);
}

_Noreturn void board_main(void) {
  static struct program program;
  static char text[PROGRAM_TEXT_BYTES];
  struct engine_result engine;
  board_start();
  report_say(board_name);
  if (!program_open(&program, text))
    refuse(text);
  introduce(&program);
  uint32_t runs = take_input(&program);
  report_say("running");
  do
    run(&program, &engine);
  while (--runs);
  count(&program, &engine);
  report_output(program.buffers[RCB_BUFFER_OUTPUT], program.image.buffer_bytes[RCB_BUFFER_OUTPUT]);
  end(BOARD_OK);
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
  report_fault(text);
  end(BOARD_EXCEPTION);
}
