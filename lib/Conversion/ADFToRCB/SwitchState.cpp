//===- SwitchState.cpp ----------------------------------------------------===//
#include "Conversion/ADFToRCB/SwitchState.h"

#include "Target/TileRegisters.h"

#include <algorithm>

using namespace adfc;

std::vector<SwitchWrite> SwitchState::change(llvm::ArrayRef<Connection> connections) {
  std::vector<SwitchWrite> writes;
  auto setMaster = [&](const TilePort &master, uint32_t value) {
    TileKind kind = device.kind(master.tile);
    uint32_t index = device.masterRegisterIndex(kind, master.port);
    writes.push_back({master.tile, registersOf(kind).switchMaster + 4 * index, value});
  };
  std::map<TilePort, Port> wanted;
  std::set<TilePort> sources;
  for (const Connection &c : connections) {
    wanted[{c.tile, c.master}] = c.slave;
    sources.insert({c.tile, c.slave});
  }
  for (auto it = masters.begin(); it != masters.end();) {
    bool disturbs = !wanted.count(it->first) && sources.count({it->first.tile, it->second});
    if (disturbs)
      setMaster(it->first, 0);
    it = disturbs ? masters.erase(it) : std::next(it);
  }
  for (const auto &[master, slave] : wanted) {
    TileKind kind = device.kind(master.tile);
    auto [known, added] = masters.try_emplace(master, slave);
    if (added || !(known->second == slave))
      setMaster(master, switchMasterWord(device.slaveRegisterIndex(kind, slave)));
    known->second = slave;
  }
  for (const TilePort &slave : sources) {
    if (!slaves.insert(slave).second)
      continue;
    TileKind kind = device.kind(slave.tile);
    uint32_t index = device.slaveRegisterIndex(kind, slave.port);
    writes.push_back({slave.tile, registersOf(kind).switchSlave + 4 * index, switchSlaveWord()});
  }
  std::sort(writes.begin(), writes.end(), [](const SwitchWrite &a, const SwitchWrite &b) {
    return std::tie(a.tile, a.offset) < std::tie(b.tile, b.offset);
  });
  return writes;
}
