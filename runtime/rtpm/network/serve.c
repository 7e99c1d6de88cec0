/* A board's program in a network: takes images and inference requests for as long as it has power.
 */
#include "inference.h"
#include "log.h"
#include "network.h"
#include "options.h"
#include "slots.h"
#include "start.h"
#include "upload.h"
#include "watchdog.h"

#include "adfc/line.h"

static void infer(struct slots *s) {
  char text[PROGRAM_TEXT_BYTES];
  struct engine_result engine;
  const char *fault = 0;
  struct program *p = &s->program;
  if (!program_prepare(p, text))
    rtpm_refuse(text); /* it did when the image was taken */
  watchdog_start(rtpm_options.inference_ms);
  int status = program_load(p, &engine);
  uint64_t start = board_cycles();
  if (!status)
    status = program_run(p, &engine);
  if (status)
    fault = rtpm_explain(p, &engine.fault);
  uint64_t cycles = board_cycles() - start;
  watchdog_stop();
  inference_done(&engine, cycles, fault);
  if (!fault) {
    slots_prove(s);
    log_debug("an inference has run to its end");
  } else if (slots_fall_back(s, text)) {
    upload_fell_back(fault);
  }
}

static void tell_address(void) {
  char text[64];
  struct line l = line_start(text, sizeof text);
  line_put(&l, "ready at ");
  for (uint32_t i = 0; i < 4; ++i) {
    line_put(&l, i ? "." : "");
    line_number(&l, network_options.address[i], 10);
  }
  log_info(text);
}

_Noreturn void board_main(void) {
  static struct slots slots;
  static char text[PROGRAM_TEXT_BYTES];
  rtpm_start();
  if (!slots_start(&slots, text))
    rtpm_refuse(text);
  rtpm_test_array(&slots.program);
  if (!network_start())
    rtpm_refuse("there is no network device");
  if (!upload_start(&slots, inference_reset) || !inference_start(&slots))
    rtpm_refuse("the network has no memory for its services");
  tell_address();
  for (;;) {
    int frame = network_poll();
    if (inference_waits())
      infer(&slots);
    else if (!frame)
      network_sleep();
  }
}
