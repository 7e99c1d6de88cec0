//===- RoutePass.cpp - adf-route ------------------------------------------===//
#include "Transforms/Phase/PhaseModel.h"
#include "Transforms/Phase/PlacedPasses.h"
#include "Transforms/Route/Router.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace adfc;

namespace adfc {
#define GEN_PASS_DEF_ADFROUTE
#include "Transforms/Phase/PlacedPasses.h.inc"
} // namespace adfc

namespace {

/// Routes found so far, by the ports they connect.
using KnownRoutes = std::map<std::pair<TilePort, std::vector<TilePort>>, Route>;

/// Which of `nets` can keep a known route: those whose routes share no port with one kept before.
std::vector<const Route *> keepRoutes(ArrayRef<Net> nets, const KnownRoutes &known) {
  std::vector<const Route *> kept(nets.size(), nullptr);
  std::set<TilePort> masters;
  for (auto [i, net] : llvm::enumerate(nets)) {
    auto found = known.find({net.source, net.sinks});
    if (found == known.end())
      continue;
    bool free = llvm::none_of(
        found->second, [&](const Connection &c) { return masters.count({c.tile, c.master}); });
    if (!free)
      continue;
    kept[i] = &found->second;
    for (const Connection &c : found->second)
      masters.insert({c.tile, c.master});
  }
  return kept;
}

/// Routes the nets without a kept route around those that have one.
RouteResult routeRest(Router &router, ArrayRef<Net> nets, ArrayRef<const Route *> kept) {
  std::vector<Net> rest;
  Route fixed;
  for (auto [net, route] : llvm::zip_equal(nets, kept)) {
    if (route)
      llvm::append_range(fixed, *route);
    else
      rest.push_back(net);
  }
  RouteResult result = router.route(rest, fixed);
  if (!result.failure.empty())
    return result;
  std::vector<Route> all;
  auto next = result.routes.begin();
  for (const Route *route : kept)
    all.push_back(route ? *route : std::move(*next++));
  result.routes = std::move(all);
  return result;
}

void addConnections(adf::StreamOp stream, const Route &route, OpBuilder &builder) {
  MLIRContext *context = builder.getContext();
  for (const Connection &c : route)
    adf::ConnectOp::create(builder, stream.getLoc(), c.tile.col, c.tile.row,
                           adf::PortAttr::get(context, toOp(c.slave.kind), c.slave.index),
                           adf::PortAttr::get(context, toOp(c.master.kind), c.master.index),
                           stream.getSymName());
}

struct RoutePass : adfc::impl::ADFRouteBase<RoutePass> {
  using ADFRouteBase::ADFRouteBase;

  void runOnOperation() override {
    for (auto program : getOperation().getOps<adf::ProgramOp>()) {
      const DeviceModel *device = deviceOf(program);
      if (!device)
        return signalPassFailure();
      Router router(*device, avoidedTiles(program));
      KnownRoutes known;
      for (auto phase : program.getBody().getOps<adf::PhaseOp>())
        if (failed(route(phase, *device, router, known)))
          return signalPassFailure();
    }
  }

  LogicalResult route(adf::PhaseOp phase, const DeviceModel &device, Router &router,
                      KnownRoutes &known) {
    if (!phase.getBody().getOps<adf::ConnectOp>().empty())
      return phase.emitOpError("has adf.connect operations already: remove them to route it anew");
    PhaseModel model(phase);
    std::vector<Net> nets;
    for (adf::StreamOp stream : model.streams) {
      FailureOr<Net> net = streamNet(model, stream, device);
      if (failed(net))
        return failure();
      nets.push_back(std::move(*net));
    }
    std::vector<const Route *> kept = keepRoutes(nets, known);
    RouteResult result = routeRest(router, nets, kept);
    if (!result.failure.empty() && llvm::any_of(kept, [](auto *r) { return r; })) {
      kept.assign(nets.size(), nullptr);
      result = router.route(nets);
    }
    if (!result.failure.empty())
      return report(model, result);
    OpBuilder builder = OpBuilder::atBlockEnd(&phase.getBody().front());
    for (auto [stream, net, route, old] :
         llvm::zip_equal(model.streams, nets, result.routes, kept)) {
      addConnections(stream, route, builder);
      ++(old ? keptRoutes : routedStreams);
      known[{net.source, net.sinks}] = route;
    }
    return success();
  }

  LogicalResult report(PhaseModel &model, const RouteResult &result) {
    Operation *where = model.phase;
    if (result.failedNet && *result.failedNet < model.streams.size())
      where = model.streams[*result.failedNet];
    return where->emitError() << "phase " << model.phase.getSymNameAttr()
                              << " cannot be routed: " << result.failure;
  }
};

} // namespace
