//===- SwitchGraph.cpp ----------------------------------------------------===//
#include "Transforms/Route/SwitchGraph.h"

#include "llvm/ADT/STLExtras.h"

using namespace adfc;

namespace {
constexpr PortKind allKinds[] = {PortKind::DMA,   PortKind::Core, PortKind::North,
                                 PortKind::South, PortKind::East, PortKind::West};
} // namespace

SwitchGraph::SwitchGraph(const DeviceModel &device, llvm::ArrayRef<TileCoord> blocked)
    : device(device) {
  firstNode.assign(static_cast<size_t>(device.columns()) * device.rows() * numPortKinds, none);
  for (int col = 0; col < device.columns(); ++col)
    for (int row = 0; row < device.rows(); ++row)
      if (!llvm::is_contained(blocked, TileCoord{col, row}))
        addTile({col, row});

  farEnds.resize(ports.size());
  firstEdge.push_back(0);
  for (Node n = 0; n < size(); ++n) {
    if (std::optional<TilePort> end = neighbour(ports[n])) {
      farEnds[n] = *end;
      llvm::append_range(edges, fedFrom(*end));
    }
    firstEdge.push_back(static_cast<int>(edges.size()));
  }
}

void SwitchGraph::addTile(TileCoord tile) {
  TileKind kind = device.kind(tile);
  for (PortKind portKind : allKinds) {
    int count = device.masters(kind, portKind);
    if (count == 0)
      continue;
    firstNode[(tile.col * device.rows() + tile.row) * numPortKinds + static_cast<int>(portKind)] =
        size();
    for (int i = 0; i < count; ++i)
      ports.push_back({tile, {portKind, i}});
  }
}

SwitchGraph::Node SwitchGraph::node(TilePort port) const {
  if (!device.contains(port.tile))
    return none;
  int first = firstNode[(port.tile.col * device.rows() + port.tile.row) * numPortKinds +
                        static_cast<int>(port.port.kind)];
  if (first == none || port.port.index >= device.masters(device.kind(port.tile), port.port.kind))
    return none;
  return first + port.port.index;
}

std::optional<TilePort> SwitchGraph::neighbour(const TilePort &master) const {
  TilePort end = master;
  switch (master.port.kind) {
  case PortKind::North:
    end.tile.row += 1;
    end.port.kind = PortKind::South;
    break;
  case PortKind::South:
    end.tile.row -= 1;
    end.port.kind = PortKind::North;
    break;
  case PortKind::East:
    end.tile.col += 1;
    end.port.kind = PortKind::West;
    break;
  case PortKind::West:
    end.tile.col -= 1;
    end.port.kind = PortKind::East;
    break;
  case PortKind::Core:
  case PortKind::DMA:
    return std::nullopt;
  }
  if (!device.contains(end.tile) ||
      end.port.index >= device.slaves(device.kind(end.tile), end.port.kind))
    return std::nullopt;
  return end;
}

std::vector<SwitchGraph::Node> SwitchGraph::fedFrom(const TilePort &slave) const {
  std::vector<Node> fed;
  TileKind kind = device.kind(slave.tile);
  for (PortKind portKind : allKinds) {
    for (int i = 0, e = device.masters(kind, portKind); i < e; ++i) {
      Port master{portKind, i};
      Node n = node({slave.tile, master});
      if (n != none && device.canConnect(kind, slave.port, master))
        fed.push_back(n);
    }
  }
  return fed;
}
