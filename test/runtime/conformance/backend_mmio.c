/* The backend `mmio`, its loads and stores led to an emulated array (mmio_access.h). */
#include "adfc/rhal_mmio.h"
#include "emulated.h"

const struct conformance_traits conformance_traits = {"mmio", 0, 1};

struct aie_array *mmio_array;
static struct rhal_mmio mmio;

/* The emulated array's time moves only where it is told to: here, when somebody looks. */
static uint64_t cycles(void *user) {
  (void)user;
  aie_advance(mmio_array, 1);
  return aie_now(mmio_array);
}

const struct adfc_device *conformance_start(void) {
  const struct adfc_device *device = adfc_device_find("ve2802");
  mmio_array = emulated_start(device);
  mmio = (struct rhal_mmio){.device = device, .cycles = cycles};
  for (uint32_t i = 0; i < RCB_BUFFER_COUNT; ++i) {
    mmio.buffer_bytes[i] = emulated_bound(i) ? CONFORMANCE_BUFFER_BYTES : 0;
    mmio.buffer_address[i] = emulated_address(i);
  }
  rhal_mmio_bind(&mmio);
  return device;
}

void conformance_stop(void) {
  rhal_mmio_bind(0);
  emulated_stop();
}
