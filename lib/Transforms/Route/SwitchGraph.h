//===- SwitchGraph.h - The array's stream switches as a graph -------------===//
#ifndef ADFC_TRANSFORMS_ROUTE_SWITCHGRAPH_H
#define ADFC_TRANSFORMS_ROUTE_SWITCHGRAPH_H

#include "Transforms/Route/Router.h"

namespace adfc {

/// A node is a master port, that is, the wire that leaves it; it can carry one net. Its successors
/// are the master ports that the switch at the wire's far end can feed from it.
class SwitchGraph {
public:
  using Node = int;
  static constexpr Node none = -1;

  SwitchGraph(const DeviceModel &device, llvm::ArrayRef<TileCoord> blocked);

  int size() const { return static_cast<int>(ports.size()); }
  /// The node of master port `port`; `none` where there is no such port or its tile is blocked.
  Node node(TilePort port) const;
  const TilePort &port(Node n) const { return ports[n]; }
  /// Where the node's wire ends: the slave port that it enters. Meaningless for ports that lead out
  /// of the switches.
  const TilePort &farEnd(Node n) const { return farEnds[n]; }
  llvm::ArrayRef<Node> successors(Node n) const {
    return llvm::ArrayRef(edges).slice(firstEdge[n], firstEdge[n + 1] - firstEdge[n]);
  }
  /// The master ports that the switch can feed from slave port `slave`.
  std::vector<Node> fedFrom(const TilePort &slave) const;

private:
  void addTile(TileCoord tile);
  std::optional<TilePort> neighbour(const TilePort &master) const;

  const DeviceModel &device;
  std::vector<TilePort> ports;
  std::vector<TilePort> farEnds;
  /// First node of each (tile, port kind); -1 where a tile has none.
  std::vector<int> firstNode;
  std::vector<Node> edges;
  std::vector<int> firstEdge;
};

} // namespace adfc

#endif // ADFC_TRANSFORMS_ROUTE_SWITCHGRAPH_H
