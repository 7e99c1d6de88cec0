#include "ddr.h"

#include "timers.h"

enum { ONE = 65536 }; // a word a cycle

// The device's bandwidth in words a cycle, in 1/65536.
static uint64_t bandwidth(const struct adfc_device *device) {
  return (uint64_t)device->timing.ddr_mbytes_per_second * ONE / 4 / device->timing.clock_mhz;
}

// Takes off what has moved since the latest change.
static void progress(struct aie_array *array) {
  uint64_t moved = (array->now - array->ddr_updated) * array->ddr_rate;
  for (uint32_t i = 0; i < array->ddr_flow_count; ++i) {
    struct aie_channel *source = &array->channels[array->ddr_flows[i]];
    source->ddr_left -= moved < source->ddr_left ? moved : source->ddr_left;
  }
  array->ddr_updated = array->now;
}

// Shares the bandwidth anew and moves the timers of all that share it.
static void share(struct aie_array *array) {
  uint32_t ends = 0;
  for (uint32_t i = 0; i < array->ddr_flow_count; ++i)
    ends += array->channels[array->ddr_flows[i]].flow_weight;
  if (ends == 0)
    return;
  uint64_t rate = bandwidth(array->device) / ends;
  array->ddr_rate = rate > ONE ? ONE : rate == 0 ? 1 : (uint32_t)rate;
  for (uint32_t i = 0; i < array->ddr_flow_count; ++i) {
    uint32_t channel = array->ddr_flows[i];
    uint64_t left = array->channels[channel].ddr_left;
    uint64_t cycles = (left + array->ddr_rate - 1) / array->ddr_rate;
    aie_timer_set(array, aie_flow_timer(array, channel), array->now + cycles);
  }
}

void aie_ddr_begin(struct aie_array *array, uint32_t channel) {
  progress(array);
  array->channels[channel].ddr_left = (uint64_t)array->channels[channel].flow_words * ONE;
  array->ddr_flows[array->ddr_flow_count++] = channel;
  share(array);
}

void aie_ddr_end(struct aie_array *array, uint32_t channel) {
  progress(array);
  for (uint32_t i = 0; i < array->ddr_flow_count; ++i)
    if (array->ddr_flows[i] == channel) {
      array->ddr_flows[i] = array->ddr_flows[--array->ddr_flow_count];
      break;
    }
  share(array);
}
