//===- SwitchState.h - How the stream switches are set --------------------===//
#ifndef ADFC_CONVERSION_ADFTORCB_SWITCHSTATE_H
#define ADFC_CONVERSION_ADFTORCB_SWITCHSTATE_H

#include "Transforms/Route/Router.h"

#include <map>
#include <set>

namespace adfc {

/// A configuration register of a switch and the value that it gets.
struct SwitchWrite {
  TileCoord tile;
  uint32_t offset;
  uint32_t value;
};

/// Tracks the settings of all switches from phase to phase. Starts with every master port off.
class SwitchState {
public:
  explicit SwitchState(const DeviceModel &device) : device(device) {}

  /// The writes that make `connections` work, sorted by address. A setting of an earlier phase
  /// stays as long as its source carries none of these streams: no word can enter it.
  std::vector<SwitchWrite> change(llvm::ArrayRef<Connection> connections);

private:
  const DeviceModel &device;
  /// For each master port that is on, the slave port that feeds it.
  std::map<TilePort, Port> masters;
  std::set<TilePort> slaves;
};

} // namespace adfc

#endif // ADFC_CONVERSION_ADFTORCB_SWITCHSTATE_H
