#include "route.h"

#include "error.h"

enum {
  MAX_HOPS = 512
}; // bounds the recursion; a master listens to one slave, so there are no circles

struct trace {
  struct aie_array *array;
  struct aie_channel *source;
  uint32_t sinks;
  uint32_t longest;
};

struct port {
  struct aie_tile *tile;
  uint32_t physical; // slave port
  uint32_t hops;     // switches so far, this one included
};

static const char *const port_names[AIEML_PORT_TYPES] = {"Core", "DMA",   "Ctrl", "FIFO", "South",
                                                         "West", "North", "East", "Trace"};

static struct aie_text broken(struct trace *trace, enum aie_error_code code,
                              const struct aie_tile *tile) {
  struct aie_text t = aie_fault(trace->array, code, tile, AIE_NONE);
  aie_put(&t, "the stream of ");
  aie_put_channel(&t, trace->array, trace->source);
  return t;
}

static void put_port_name(struct aie_text *t, uint32_t type, uint32_t number) {
  aie_put(t, port_names[type]);
  aie_put(t, " ");
  aie_put_number(t, number);
}

static enum aie_status walk(struct trace *trace, struct port from);

// A master of type DMA of a core tile or memtile, or a South port of a shim that the multiplexer
// leads to its DMA.
static enum aie_status reach_sink(struct trace *trace, const struct port *from, uint32_t number) {
  struct aie_array *array = trace->array;
  uint32_t sink = from->tile->channels + number;
  array->trace[trace->sinks++] = sink;
  if (from->hops > trace->longest)
    trace->longest = from->hops;
  return AIE_OK;
}

static enum aie_status reach_shim_south(struct trace *trace, const struct port *from,
                                        uint32_t number) {
  const struct aie_tile *tile = from->tile;
  uint32_t fields[2] = {AIEML_FIELD_GET(tile->demux, AIEML_SHIM_DEMUX_CONFIG_SOUTH2),
                        AIEML_FIELD_GET(tile->demux, AIEML_SHIM_DEMUX_CONFIG_SOUTH3)};
  for (uint32_t channel = 0; channel < 2 && tile->has_dma; ++channel)
    if (aieml_shim_s2mm_south[channel] == number && fields[channel] == AIEML_MUX_DMA)
      return reach_sink(trace, from, channel);
  struct aie_text t = broken(trace, AIE_ERROR_ROUTE, tile);
  aie_put(&t, " leaves the array at South ");
  aie_put_number(&t, number);
  aie_put(&t, "; DEMUX_CONFIG does not lead it to the DMA");
  return AIE_FAULT;
}

// Through master port (type, number) to the neighbour's slave port.
static enum aie_status reach_neighbour(struct trace *trace, const struct port *from, uint32_t type,
                                       uint32_t number) {
  static const struct {
    int32_t column, row;
    uint32_t enters;
  } sides[AIEML_PORT_TYPES] = {
      [AIEML_PORT_SOUTH] = {0, -1, AIEML_PORT_NORTH},
      [AIEML_PORT_WEST] = {-1, 0, AIEML_PORT_EAST},
      [AIEML_PORT_NORTH] = {0, 1, AIEML_PORT_SOUTH},
      [AIEML_PORT_EAST] = {1, 0, AIEML_PORT_WEST},
  };
  uint32_t column = from->tile->column + (uint32_t)sides[type].column;
  uint32_t row = from->tile->row + (uint32_t)sides[type].row;
  struct aie_tile *next = aie_tile_at(trace->array, column, row);
  if (next) {
    const struct aieml_port_range *range = &aieml_slave_ports[next->kind][sides[type].enters];
    if (number < range->count) {
      struct port to = {next, range->first + number, from->hops + 1};
      return walk(trace, to);
    }
  }
  struct aie_text t = broken(trace, AIE_ERROR_ROUTE, from->tile);
  aie_put(&t, " leaves through ");
  put_port_name(&t, type, number);
  aie_put(&t, ", which leads nowhere");
  return AIE_FAULT;
}

static enum aie_status leave(struct trace *trace, const struct port *from, uint32_t type,
                             uint32_t number) {
  switch (type) {
  case AIEML_PORT_DMA:
    return reach_sink(trace, from, number);
  case AIEML_PORT_SOUTH:
    if (from->tile->kind == AIEML_TILE_SHIM)
      return reach_shim_south(trace, from, number);
    return reach_neighbour(trace, from, type, number);
  case AIEML_PORT_WEST:
  case AIEML_PORT_NORTH:
  case AIEML_PORT_EAST:
    return reach_neighbour(trace, from, type, number);
  default: {
    struct aie_text t = broken(trace, AIE_ERROR_UNMODELLED, from->tile);
    aie_put(&t, " goes to ");
    put_port_name(&t, type, number);
    aie_put(&t, ": not modelled");
    return AIE_FAULT;
  }
  }
}

// Whether this switch can and does lead slave `from` to master port `master`.
static enum aie_status check_master(struct trace *trace, const struct port *from, uint32_t type,
                                    uint32_t number, uint32_t config) {
  uint32_t slave_type = 0;
  uint32_t slave_number = 0;
  aieml_port_of(aieml_slave_ports[from->tile->kind], from->physical, &slave_type, &slave_number);
  const char *why = NULL;
  if (AIEML_FIELD_GET(config, AIEML_CORE_SWITCH_MASTER_PACKET_ENABLE))
    why = " in packet mode: not modelled";
  else if (!aieml_switch_connects(from->tile->kind, slave_type, slave_number, type, number))
    why = ", which this switch cannot connect";
  if (!why)
    return AIE_OK;
  struct aie_text t = broken(trace, AIE_ERROR_ROUTE, from->tile);
  aie_put(&t, " goes from ");
  put_port_name(&t, slave_type, slave_number);
  aie_put(&t, " to ");
  put_port_name(&t, type, number);
  aie_put(&t, why);
  return AIE_FAULT;
}

static enum aie_status not_led_on(struct trace *trace, const struct port *from, const char *why) {
  uint32_t type = 0;
  uint32_t number = 0;
  aieml_port_of(aieml_slave_ports[from->tile->kind], from->physical, &type, &number);
  struct aie_text t = broken(trace, AIE_ERROR_ROUTE, from->tile);
  aie_put(&t, " ends at slave port ");
  put_port_name(&t, type, number);
  aie_put(&t, why);
  return AIE_FAULT;
}

// Every enabled master that listens to the slave port is a branch.
static enum aie_status walk(struct trace *trace, struct port from) {
  uint32_t slave = from.tile->slaves[from.physical];
  if (!AIEML_FIELD_GET(slave, AIEML_CORE_SWITCH_SLAVE_ENABLE))
    return not_led_on(trace, &from, ", which is not enabled");
  if (AIEML_FIELD_GET(slave, AIEML_CORE_SWITCH_SLAVE_PACKET_ENABLE))
    return not_led_on(trace, &from, " in packet mode: not modelled");
  if (from.hops > MAX_HOPS)
    return not_led_on(trace, &from, ": it passes too many switches");
  uint32_t branches = 0;
  const struct aieml_port_range *ranges = aieml_master_ports[from.tile->kind];
  for (uint32_t type = 0; type < AIEML_PORT_TYPES; ++type)
    for (uint32_t number = 0; number < ranges[type].count; ++number) {
      uint32_t config = from.tile->masters[ranges[type].first + number];
      if (!AIEML_FIELD_GET(config, AIEML_CORE_SWITCH_MASTER_ENABLE) ||
          AIEML_FIELD_GET(config, AIEML_CORE_SWITCH_MASTER_CONFIGURATION) != from.physical)
        continue;
      ++branches;
      enum aie_status status = check_master(trace, &from, type, number, config);
      if (status == AIE_OK)
        status = leave(trace, &from, type, number);
      if (status != AIE_OK)
        return status;
    }
  if (branches == 0)
    return not_led_on(trace, &from, ", to which no master port listens");
  return AIE_OK;
}

// The slave port through which an MM2S channel enters its switch.
static enum aie_status entry(struct trace *trace, struct port *port) {
  struct aie_tile *tile = port->tile;
  uint32_t number = trace->source->number;
  if (tile->kind != AIEML_TILE_SHIM) {
    port->physical = aieml_slave_ports[tile->kind][AIEML_PORT_DMA].first + number;
    return AIE_OK;
  }
  uint32_t south = aieml_shim_mm2s_south[number];
  uint32_t mux = number == 0 ? AIEML_FIELD_GET(tile->mux, AIEML_SHIM_MUX_CONFIG_SOUTH3)
                             : AIEML_FIELD_GET(tile->mux, AIEML_SHIM_MUX_CONFIG_SOUTH7);
  port->physical = aieml_slave_ports[AIEML_TILE_SHIM][AIEML_PORT_SOUTH].first + south;
  if (mux == AIEML_MUX_DMA)
    return AIE_OK;
  struct aie_text t = broken(trace, AIE_ERROR_ROUTE, tile);
  aie_put(&t, " does not enter the switch: MUX_CONFIG does not lead the DMA to South ");
  aie_put_number(&t, south);
  return AIE_FAULT;
}

// The sinks found become the list that the source heads.
static enum aie_status adopt(struct trace *trace, uint32_t source) {
  struct aie_array *array = trace->array;
  trace->source->first_sink = 0;
  for (uint32_t i = trace->sinks; i-- > 0;) {
    struct aie_channel *sink = &array->channels[array->trace[i]];
    if (sink->state == AIE_CHANNEL_MOVING && sink->source != source + 1) {
      struct aie_text t = broken(trace, AIE_ERROR_ROUTE, &array->tiles[sink->tile]);
      aie_put(&t, " was led to ");
      aie_put_channel(&t, array, sink);
      aie_put(&t, " while data of another stream was on its way there");
      return AIE_FAULT;
    }
    sink->source = source + 1;
    sink->next_sink = trace->source->first_sink;
    sink->route_generation = array->route_generation;
    trace->source->first_sink = array->trace[i] + 1;
  }
  trace->source->hops = trace->longest;
  trace->source->route_generation = array->route_generation;
  return AIE_OK;
}

enum aie_status aie_route_trace(struct aie_array *array, uint32_t channel) {
  struct aie_channel *source = &array->channels[channel];
  if (source->route_generation == array->route_generation)
    return AIE_OK;
  struct trace trace = {array, source, 0, 0};
  struct port from = {&array->tiles[source->tile], 0, 1};
  enum aie_status status = entry(&trace, &from);
  if (status == AIE_OK)
    status = walk(&trace, from);
  return status == AIE_OK ? adopt(&trace, channel) : status;
}
