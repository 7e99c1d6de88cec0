//===- Floorplan.h - where a resident program's tiles are -----------------===//
#ifndef ADFC_TRANSFORMS_RESIDENT_FLOORPLAN_H
#define ADFC_TRANSFORMS_RESIDENT_FLOORPLAN_H

#include "Target/DeviceModel.h"
#include "llvm/ADT/ArrayRef.h"

#include <string>
#include <vector>

namespace adfc {

/// A core and the memory tiles that keep its weights: `head` sends them; `extension`, its western
/// or eastern neighbour, keeps what does not fit there (column -1: none).
struct CoreSite {
  TileCoord core, head, extension;
};

/// The core tiles stand in their lowest rows, each above the memory tiles of its column; in the
/// columns amid them stand the hub and the memory tiles that gather the output of a set of cores,
/// unless cores share theirs.
struct Floorplan {
  std::vector<CoreSite> cores;  ///< core i of set s: s * cores of a set + i
  std::vector<TileCoord> joins; ///< one for each set
  std::vector<TileCoord> hubs;
  /// For each hub, the sets whose joins receive for it what it has no channel for: of the sets
  /// behind the first kHubChannels, in their order.
  std::vector<std::vector<int>> helpers;
  /// The same of those that send for it: to its sets behind the first kHubChannels.
  std::vector<std::vector<int>> senders;
  std::string failure; ///< why there is none; empty where there is
};

/// Streams that a memory tile receives, and sends (AM020).
constexpr int kHubChannels = 6;
/// Of them, those that a join has left to send for a hub, all even: it relays and drains.
constexpr int kSentByJoin = 2;

/// What a floorplan has room for.
struct FloorNeeds {
  int sets, cores; ///< sets, and core tiles of each
  int hubs;
  int stack;     ///< core tiles of a column
  bool extended; ///< each core has an extension
  bool shared;   ///< joins are in the memory tiles of cores
  bool paired;   ///< core tiles 2k and 2k + 1 of a set are neighbours
};

Floorplan planFloor(const DeviceModel &device, llvm::ArrayRef<TileCoord> avoid, FloorNeeds needs);

} // namespace adfc

#endif // ADFC_TRANSFORMS_RESIDENT_FLOORPLAN_H
