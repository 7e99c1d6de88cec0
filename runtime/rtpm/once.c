/* A board's program that runs once: opens the image that is linked in, runs it on the input that
 * lies in memory, and reports output and counters on the console. */
#include "code.h"
#include "log.h"
#include "options.h"
#include "report.h"
#include "request.h"
#include "start.h"
#include "watchdog.h"

#include "adfc/line.h"
#include "adfc/spec/devices.h"

static void introduce(const struct program *p) {
  char text[128];
  struct line l = line_start(text, sizeof text);
  line_put(&l, "an image of ");
  line_number(&l, p->fs.bytes, 10);
  line_put(&l, " bytes for ");
  line_put(&l, p->image.device->name);
  line_put(&l, ", ");
  line_number(&l, p->image.kernels, 10);
  line_put(&l, " kernels compiled for ");
  line_put(&l, adfc_code_isa);
  log_info(text);
}

static void take_input(struct program *p) {
  uint64_t bytes = p->image.buffer_bytes[RCB_BUFFER_INPUT];
  switch (request_take(p->buffers[RCB_BUFFER_INPUT], bytes)) {
  case REQUEST_OK:
    break;
  case REQUEST_NONE:
    log_info("no input lies in memory: taking zeros");
    break;
  case REQUEST_BAD:
    rtpm_refuse("the input that lies in memory has a wrong length or checksum");
  }
}

static void count(const struct program *p, const struct engine_result *engine) {
  const struct rhal_emu_cost *cost = &p->emu.total;
  if (p->image.load) {
    report_counter("load_cycles", p->load_cost.cycles);
    report_counter("load_ddr_bytes", p->load_cost.ddr_read_bytes + p->load_cost.ddr_write_bytes);
  }
  report_counter("cycles", cost->cycles);
  report_counter("control_cycles", cost->control_cycles);
  report_counter("exposed_cycles", cost->exposed_cycles);
  report_counter("ddr_read_bytes", cost->ddr_read_bytes);
  report_counter("ddr_write_bytes", cost->ddr_write_bytes);
  report_counter("engine_instructions", engine->instructions);
}

static void run(struct program *p, uint32_t limit_ms, struct engine_result *engine) {
  char text[PROGRAM_TEXT_BYTES];
  if (!program_prepare(p, text))
    rtpm_refuse(text);
  watchdog_start(limit_ms);
  int status = program_load(p, engine);
  uint64_t start = board_cycles();
  if (!status)
    status = program_run(p, engine);
  uint64_t cycles = board_cycles() - start;
  watchdog_stop();
  if (status) {
    rtpm_explain(p, &engine->fault);
    rtpm_end(BOARD_FAULTED);
  }
  report_run(cycles, p->emu.total.cycles, p->buffers[RCB_BUFFER_OUTPUT],
             p->image.buffer_bytes[RCB_BUFFER_OUTPUT]);
}

_Noreturn void board_main(void) {
  static struct program program;
  static char text[PROGRAM_TEXT_BYTES];
  struct engine_result engine;
  const struct request *request = request_find();
  const struct program_source source = program_built_in();
  uint32_t runs = request && request->runs ? request->runs : 1;
  uint32_t limit_ms = rtpm_options.inference_ms;
  if (request && request->inference_ms)
    limit_ms = request->inference_ms;
  rtpm_start();
  if (!program_open(&program, &source, text))
    rtpm_refuse(text);
  rtpm_test_array(&program);
  introduce(&program);
  take_input(&program);
  log_info("running");
  do
    run(&program, limit_ms, &engine);
  while (--runs);
  count(&program, &engine);
  report_output(program.buffers[RCB_BUFFER_OUTPUT], program.image.buffer_bytes[RCB_BUFFER_OUTPUT]);
  rtpm_end(BOARD_OK);
}
