//===- RouterTest.cpp - Routes of large and of random nets ----------------===//
//
// Every result is checked by walking the connections from each source, without the router's help.
//
//===----------------------------------------------------------------------===//
#include "Transforms/Route/Router.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <map>
#include <random>
#include <set>

using namespace adfc;

static int failures = 0;

static void expect(bool condition, const char *what) {
  if (condition)
    return;
  llvm::errs() << "failed: " << what << "\n";
  ++failures;
}

/// The slave port at the other end of a master port's wire (AM020: north and south, east and west
/// face each other).
static TilePort otherEnd(TilePort p) {
  switch (p.port.kind) {
  case PortKind::North:
    return {{p.tile.col, p.tile.row + 1}, {PortKind::South, p.port.index}};
  case PortKind::South:
    return {{p.tile.col, p.tile.row - 1}, {PortKind::North, p.port.index}};
  case PortKind::East:
    return {{p.tile.col + 1, p.tile.row}, {PortKind::West, p.port.index}};
  case PortKind::West:
    return {{p.tile.col - 1, p.tile.row}, {PortKind::East, p.port.index}};
  default:
    return p;
  }
}

/// The sinks that a route leads to from its net's source. Counts connections that are impossible,
/// and those not reached.
static std::set<TilePort> follow(const DeviceModel &device, const Net &net, const Route &route,
                                 int &bad) {
  std::multimap<TilePort, TilePort> fed;
  for (const Connection &c : route) {
    fed.insert({{c.tile, c.slave}, {c.tile, c.master}});
    bad += !device.canConnect(device.kind(c.tile), c.slave, c.master);
  }
  std::set<TilePort> reached, wanted(net.sinks.begin(), net.sinks.end());
  std::vector<TilePort> open{net.source};
  size_t walked = 0;
  while (!open.empty()) {
    TilePort slave = open.back();
    open.pop_back();
    for (auto [it, end] = fed.equal_range(slave); it != end; ++it) {
      ++walked;
      if (wanted.count(it->second))
        reached.insert(it->second);
      else
        open.push_back(otherEnd(it->second));
    }
  }
  bad += walked != route.size();
  return reached;
}

static void checkRoutes(const DeviceModel &device, const std::vector<Net> &nets,
                        const RouteResult &result, const char *what) {
  if (!result.failure.empty()) {
    llvm::errs() << what << ": " << result.failure << "\n";
    ++failures;
    return;
  }
  int bad = 0, shared = 0, missed = 0;
  std::set<TilePort> masters;
  for (auto [net, route] : llvm::zip_equal(nets, result.routes)) {
    for (const Connection &c : route)
      shared += !masters.insert({c.tile, c.master}).second;
    missed += follow(device, net, route, bad).size() != net.sinks.size();
  }
  llvm::outs() << what << ": " << nets.size() << " nets, " << masters.size() << " connections\n";
  expect(bad == 0, "every connection is possible and on its stream's way");
  expect(shared == 0, "no port has two sources");
  expect(missed == 0, "every target is reached");
}

static TilePort port(int col, int row, PortKind kind, int index) {
  return {{col, row}, {kind, index}};
}

/// All 304 cores of a VE2802: each row's activations go to all columns, each column's weights to
/// all rows, and four cores of each column send their output down.
static std::vector<Net> wholeArray() {
  std::vector<Net> nets;
  for (int row = 3; row < 11; ++row) {
    Net activations{port(4 * (row - 3), 2, PortKind::DMA, 0), {}};
    for (int col = 0; col < 38; ++col)
      activations.sinks.push_back(port(col, row, PortKind::DMA, 0));
    nets.push_back(activations);
  }
  for (int col = 0; col < 38; ++col) {
    Net weights{port(col, 1, PortKind::DMA, 0), {}};
    for (int row = 3; row < 11; ++row)
      weights.sinks.push_back(port(col, row, PortKind::DMA, 1));
    nets.push_back(weights);
    for (int i = 0; i < 4; ++i)
      nets.push_back({port(col, 3 + i, PortKind::DMA, 0), {port(col, 1, PortKind::DMA, i)}});
  }
  return nets;
}

/// Nets from memory tiles to cores at random; sources and targets are all different.
static std::vector<Net> randomNets(unsigned seed) {
  std::mt19937 random(seed);
  auto below = [&](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
  std::set<TilePort> sources, sinks;
  std::vector<Net> nets;
  for (int i = 0; i < 12; ++i) {
    Net net{port(below(5), 1, PortKind::DMA, below(6)), {}};
    if (!sources.insert(net.source).second)
      continue;
    for (int j = 1 + below(3); j > 0; --j) {
      TilePort sink = port(below(5), 2 + below(4), PortKind::DMA, below(2));
      if (sinks.insert(sink).second)
        net.sinks.push_back(sink);
    }
    if (!net.sinks.empty())
      nets.push_back(net);
  }
  return nets;
}

static void testFixed(const DeviceModel &device) {
  // The first net keeps its ports while the second is routed around it.
  Router router(device, {});
  std::vector<Net> first{{port(0, 1, PortKind::DMA, 0), {port(0, 2, PortKind::DMA, 0)}}};
  std::vector<Net> second{{port(0, 1, PortKind::DMA, 1), {port(0, 3, PortKind::DMA, 0)}}};
  RouteResult kept = router.route(first);
  RouteResult added = router.route(second, kept.routes.front());
  checkRoutes(device, second, added, "around a fixed route");
  for (const Connection &a : kept.routes.front())
    for (const Connection &b : added.routes.front())
      expect(!(a.tile == b.tile && a.master == b.master), "a fixed route keeps its ports");
  // What a fixed route takes is not there for others.
  expect(!router.route(first, kept.routes.front()).failure.empty(), "a taken target is refused");
}

int main() {
  const DeviceModel &large = *DeviceModel::find("ve2802"), &small = *DeviceModel::find("npu1");
  Router router(large, {});
  std::vector<Net> nets = wholeArray();
  auto start = std::chrono::steady_clock::now();
  RouteResult result = router.route(nets);
  std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  llvm::outs() << "304 cores: " << seconds.count() << " s\n";
  checkRoutes(large, nets, result, "304 cores");
  expect(router.route(nets).routes == result.routes, "the same nets get the same routes");
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::vector<Net> some = randomNets(seed);
    checkRoutes(small, some, Router(small, {}).route(some), "random nets");
  }
  testFixed(small);
  return failures != 0;
}
