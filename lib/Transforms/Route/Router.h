//===- Router.h - Negotiated-congestion routing of circuit-switched streams =//
//
// Routes multicast nets over the array's stream switches so that no port carries two nets. Knows
// nothing of MLIR.
//
// Method: PathFinder (McMurchie, Ebeling: "PathFinder: a negotiation-based performance-driven
// router for FPGAs", FPGA 1995). All nets are routed along cheapest paths, sharing ports at a price
// that grows until nobody shares.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_TRANSFORMS_ROUTE_ROUTER_H
#define ADFC_TRANSFORMS_ROUTE_ROUTER_H

#include "Target/DeviceModel.h"

#include "llvm/ADT/ArrayRef.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace adfc {

/// A port of the switch at `tile`.
struct TilePort {
  TileCoord tile;
  Port port;

  friend bool operator==(const TilePort &a, const TilePort &b) {
    return a.tile == b.tile && a.port == b.port;
  }
  friend bool operator<(const TilePort &a, const TilePort &b) {
    return std::tie(a.tile, a.port) < std::tie(b.tile, b.port);
  }
};

/// A stream: from the slave port where it enters the switches to the master ports where it leaves
/// them.
struct Net {
  TilePort source;
  std::vector<TilePort> sinks;
};

/// One setting of one switch: its `slave` port feeds its `master` port.
struct Connection {
  TileCoord tile;
  Port slave;
  Port master;

  friend bool operator==(const Connection &a, const Connection &b) {
    return a.tile == b.tile && a.slave == b.slave && a.master == b.master;
  }
  friend bool operator<(const Connection &a, const Connection &b) {
    return std::tie(a.tile, a.slave, a.master) < std::tie(b.tile, b.slave, b.master);
  }
};

/// A net's connections, sorted.
using Route = std::vector<Connection>;

struct RouteResult {
  /// One per net, in the nets' order. Empty where routing failed.
  std::vector<Route> routes;
  /// Why routing failed: names the switch. Empty where it did not.
  std::string failure;
  /// Index of the net that could not be routed, where there is one culprit.
  std::optional<size_t> failedNet;
};

class SwitchGraph;

class Router {
public:
  /// No route enters a tile of `blocked`.
  Router(const DeviceModel &device, llvm::ArrayRef<TileCoord> blocked);
  ~Router();

  /// Routes `nets`; the same nets always get the same routes. `fixed` are connections of other
  /// nets, which keep their ports.
  RouteResult route(llvm::ArrayRef<Net> nets, llvm::ArrayRef<Connection> fixed = {});

private:
  std::unique_ptr<SwitchGraph> graph;
};

} // namespace adfc

#endif // ADFC_TRANSFORMS_ROUTE_ROUTER_H
