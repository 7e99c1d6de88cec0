//===- Router.cpp ---------------------------------------------------------===//
#include "Transforms/Route/Router.h"

#include "Transforms/Route/SwitchGraph.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <algorithm>
#include <cstdlib>
#include <queue>
#include <set>

using namespace adfc;

namespace {

using Node = SwitchGraph::Node;

// Prices of the negotiation. A port costs 1; the factors are customary for PathFinder and only
// trade speed for length.
constexpr int maxRounds = 60;
constexpr float firstSharingPrice = 0.5f;
constexpr float sharingPriceGrowth = 1.6f;
constexpr float historyStep = 1.0f;

/// A net on the graph: which nodes it may start from, which it must reach, and the tree found for
/// it.
struct NetState {
  std::vector<Node> starts;
  std::vector<Node> targets;
  /// The tree: each node with the node that feeds it, `none` for those that the source feeds. In
  /// order of growth.
  std::vector<std::pair<Node, Node>> tree;
};

class Negotiation {
public:
  Negotiation(const SwitchGraph &graph, llvm::ArrayRef<Net> nets, llvm::ArrayRef<Connection> fixed);

  RouteResult run();

private:
  bool routeNet(NetState &net);
  bool reach(NetState &net, Node target);
  void trace(NetState &net, Node target);
  void ripUp(NetState &net);
  bool congested(const NetState &net) const;
  bool negotiateRound(bool first, std::optional<size_t> &unreachable);
  float price(Node n) const;
  int distance(Node n, Node target) const;
  RouteResult success() const;
  std::string congestionText() const;
  std::string unreachableText(size_t index) const;

  const SwitchGraph &graph;
  llvm::ArrayRef<Net> nets;
  std::vector<NetState> states;
  std::vector<int> users;
  std::vector<float> history;
  std::vector<bool> taken;
  float sharingPrice = firstSharingPrice;

  // Of the current search; `seen[n] == search` says that cost and parent of n are of this search.
  std::vector<float> cost;
  std::vector<Node> parent;
  std::vector<int> seen;
  int search = 0;
};

Negotiation::Negotiation(const SwitchGraph &graph, llvm::ArrayRef<Net> nets,
                         llvm::ArrayRef<Connection> fixed)
    : graph(graph), nets(nets), users(graph.size(), 0), history(graph.size(), 0.0f),
      taken(graph.size(), false), cost(graph.size()), parent(graph.size()), seen(graph.size(), 0) {
  for (const Connection &c : fixed)
    if (Node n = graph.node({c.tile, c.master}); n != SwitchGraph::none)
      taken[n] = true;
  for (const Net &net : nets) {
    NetState state;
    state.starts = graph.fedFrom(net.source);
    for (const TilePort &sink : net.sinks)
      state.targets.push_back(graph.node(sink));
    states.push_back(std::move(state));
  }
}

float Negotiation::price(Node n) const {
  return (1.0f + history[n]) * (1.0f + sharingPrice * static_cast<float>(users[n]));
}

int Negotiation::distance(Node n, Node target) const {
  TileCoord from = graph.port(n).tile, to = graph.port(target).tile;
  return std::abs(from.col - to.col) + std::abs(from.row - to.row);
}

/// A* from the tree grown so far (or from the source) to `target`.
bool Negotiation::reach(NetState &net, Node target) {
  if (target == SwitchGraph::none || taken[target])
    return false;
  using Entry = std::tuple<float, float, Node>; // estimate of the whole, cost so far, node
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
  ++search;
  auto relax = [&](Node n, Node from, float base) {
    PortKind kind = graph.port(n).port.kind;
    bool isExit = kind == PortKind::DMA || kind == PortKind::Core;
    if (taken[n] || (isExit && n != target))
      return;
    float c = base + price(n);
    if (seen[n] == search && cost[n] <= c)
      return;
    seen[n] = search;
    cost[n] = c;
    parent[n] = from;
    open.emplace(c + static_cast<float>(distance(n, target)), c, n);
  };
  for (auto [n, from] : net.tree) { // what the net has already costs nothing
    seen[n] = search;
    cost[n] = 0.0f;
    parent[n] = from;
  }
  for (auto [n, from] : net.tree)
    for (Node next : graph.successors(n))
      relax(next, n, 0.0f);
  for (Node n : net.starts)
    relax(n, SwitchGraph::none, 0.0f);
  while (!open.empty()) {
    auto [estimate, c, n] = open.top();
    open.pop();
    if (c > cost[n])
      continue;
    if (n == target)
      return true;
    for (Node next : graph.successors(n))
      relax(next, n, c);
  }
  return false;
}

/// Adds the path found by `reach` to the net's tree.
void Negotiation::trace(NetState &net, Node target) {
  std::vector<std::pair<Node, Node>> path;
  for (Node n = target; n != SwitchGraph::none && cost[n] > 0.0f; n = parent[n])
    path.emplace_back(n, parent[n]);
  for (auto &step : llvm::reverse(path)) {
    net.tree.push_back(step);
    ++users[step.first];
  }
}

bool Negotiation::routeNet(NetState &net) {
  // The nearest sink first: the others can then branch off its path.
  std::vector<Node> order = net.targets;
  auto rank = [&](Node n) {
    bool known = n != SwitchGraph::none && !net.starts.empty();
    return std::make_pair(known ? distance(net.starts.front(), n) : 0, n);
  };
  llvm::sort(order, [&](Node a, Node b) { return rank(a) < rank(b); });
  for (Node target : order) {
    if (!reach(net, target))
      return false;
    trace(net, target);
  }
  return true;
}

void Negotiation::ripUp(NetState &net) {
  for (auto &step : net.tree)
    --users[step.first];
  net.tree.clear();
}

bool Negotiation::congested(const NetState &net) const {
  return llvm::any_of(net.tree, [&](auto &step) { return users[step.first] > 1; });
}

/// Routes every net that is not routed or shares a port. Says whether nobody shares any more.
bool Negotiation::negotiateRound(bool first, std::optional<size_t> &unreachable) {
  for (size_t i = 0; i < states.size(); ++i) {
    if (!first && !congested(states[i]))
      continue;
    ripUp(states[i]);
    if (!routeNet(states[i])) {
      unreachable = i;
      return false;
    }
  }
  bool free = true;
  for (Node n = 0; n < graph.size(); ++n) {
    if (users[n] <= 1)
      continue;
    free = false;
    history[n] += historyStep * static_cast<float>(users[n] - 1);
  }
  sharingPrice *= sharingPriceGrowth;
  return free;
}

RouteResult Negotiation::run() {
  for (int round = 0; round < maxRounds; ++round) {
    std::optional<size_t> unreachable;
    if (negotiateRound(round == 0, unreachable))
      return success();
    if (unreachable)
      return {{}, unreachableText(*unreachable), unreachable};
  }
  return {{}, congestionText(), std::nullopt};
}

RouteResult Negotiation::success() const {
  RouteResult result;
  for (size_t i = 0; i < states.size(); ++i) {
    Route route;
    for (auto [n, from] : states[i].tree) {
      const TilePort &master = graph.port(n);
      Port slave = from == SwitchGraph::none ? nets[i].source.port : graph.farEnd(from).port;
      route.push_back({master.tile, slave, master.port});
    }
    llvm::sort(route);
    result.routes.push_back(std::move(route));
  }
  return result;
}

std::string portText(const TilePort &p) {
  return (llvm::Twine("(") + llvm::Twine(p.tile.col) + ", " + llvm::Twine(p.tile.row) + ") " +
          portKindName(p.port.kind) + " " + llvm::Twine(p.port.index))
      .str();
}

/// Names the switch and side where the most streams still share ports.
std::string Negotiation::congestionText() const {
  std::map<std::pair<TileCoord, PortKind>, std::pair<int, int>> sides; // over-use, streams
  for (Node n = 0; n < graph.size(); ++n) {
    const TilePort &p = graph.port(n);
    auto &[over, streams] = sides[{p.tile, p.port.kind}];
    over += std::max(0, users[n] - 1);
    streams += users[n];
  }
  auto worst = std::max_element(sides.begin(), sides.end(),
                                [](auto &a, auto &b) { return a.second.first < b.second.first; });
  auto [tile, kind] = worst->first;
  return (llvm::Twine("the stream switch at (") + llvm::Twine(tile.col) + ", " +
          llvm::Twine(tile.row) + ") is congested: " + llvm::Twine(worst->second.second) +
          " streams want to leave it through its " + portKindName(kind) + " ports")
      .str();
}

std::string Negotiation::unreachableText(size_t index) const {
  const Net &net = nets[index];
  for (size_t s = 0; s < net.sinks.size(); ++s) {
    Node target = states[index].targets[s];
    bool reached =
        llvm::any_of(states[index].tree, [&](auto &step) { return step.first == target; });
    if (!reached)
      return "no free path leads from the switch port " + portText(net.source) + " to " +
             portText(net.sinks[s]);
  }
  return "no free path leads from the switch port " + portText(net.source);
}

} // namespace

Router::Router(const DeviceModel &device, llvm::ArrayRef<TileCoord> blocked)
    : graph(std::make_unique<SwitchGraph>(device, blocked)) {}

Router::~Router() = default;

RouteResult Router::route(llvm::ArrayRef<Net> nets, llvm::ArrayRef<Connection> fixed) {
  return Negotiation(*graph, nets, fixed).run();
}
