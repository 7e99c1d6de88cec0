/* The backend `emu`, alone or (WITH_TRACE) behind the trace layer. */
#include "adfc/rhal_emu.h"
#include "emulated.h"

#ifdef WITH_TRACE
#include "adfc/rhal_trace.h"

#include <stdlib.h>

static struct rhal_trace trace;
const struct conformance_traits conformance_traits = {"trace", 1, 1};
#else
const struct conformance_traits conformance_traits = {"emu", 1, 1};
#endif

static struct rhal_emu emu;

const struct adfc_device *conformance_start(void) {
  const struct adfc_device *device = adfc_device_find("ve2802");
  emu = (struct rhal_emu){.array = emulated_start(device), .device = device};
  for (uint32_t i = 0; i < RCB_BUFFER_COUNT; ++i) {
    emu.buffer_bound[i] = (uint8_t)emulated_bound(i);
    emu.buffer_address[i] = emulated_address(i);
  }
  rhal_emu_bind(&emu);
#ifdef WITH_TRACE
  rhal_trace_bind(&trace);
#endif
  return device;
}

void conformance_stop(void) {
#ifdef WITH_TRACE
  if (trace.calls == 0) /* then it was not in between */
    abort();
  rhal_trace_bind(NULL);
#endif
  rhal_emu_bind(NULL);
  emulated_stop();
}
