//===- ResidentPlan.h - the steps of a resident program -------------------===//
//
// What follows from a graph and its schedule, before any operation is made.
//
// Core tiles come in sets; the cores of a set receive the same activations. All tensors lie in one
// memory tile, the hub, or each in several hubs, which serve some sets each; of these, each keeps
// all rows, or only those that its sets read. A step does one kernel
// operation (and one that is chained to it): it splits the output rows into groups, each done by an
// equal number of neighbouring sets, and the output channels over the cores of a group; sets that
// are left over have nothing to do in the step. A layer
// that works on each channel alone may be split into more groups of channels than there are cores:
// then several steps, its rounds, do some of its channels each. Every core does, in this order,
//
//     for each tile of rows
//       for each chunk of input channels
//         for each tile of output channels: one kernel call
//
// so that activations and weights stream through it once. Two neighbouring cores of a set may share
// a step's chunks: the western one does every other chunk, from the first on, and hands its sums on
// over the cascade to the eastern one, which alone has output to send. All activations still come
// to all cores of a set; each lets those go that are not its own.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_TRANSFORMS_RESIDENT_RESIDENTPLAN_H
#define ADFC_TRANSFORMS_RESIDENT_RESIDENTPLAN_H

#include "ADF/ADFOps.h"
#include "Transforms/Tile/LayerPlan.h"
#include <array>
#include <optional>
#include <vector>

namespace adfc {

/// Buffers in tiles start at multiples of this (the kernels' vector loads).
constexpr int64_t kResidentAlignment = 64;

/// Channels that cores may compute past a step's last one. Where another operand is read for them,
/// that many bytes behind its tensor in the hub are read.
constexpr int64_t kMostOver = 64;

/// Messages with a step's output: what a lock counts to, 6 bits (AM020).
constexpr int64_t kMostMessages = 63;

/// Messages of a tile that one task sends; beyond, chunks are counted by a descriptor's iteration.
constexpr int64_t kMaxChain = 5;

/// What the cores of one set do in a step.
struct SetRole {
  bool active = false;      ///< whether it receives anything
  int64_t group = 0;        ///< of output rows
  int64_t firstChannel = 0; ///< output channels of its cores together: the first one,
  int64_t channels = 0;     ///< how many,
  int64_t senders = 0;      ///< among how many of its cores that send them,
  int64_t cores = 0;        ///< and how many are at work, the first ones
};

/// Tiles that differ by their rows alone: one chain of descriptors sends them, run by run.
struct AlikeTiles {
  int64_t first, count;
};

struct StepPlan {
  adf::KernelOpInterface head, tail; ///< `tail` is chained to `head`, or null
  adf::KernelTile headTile;          ///< of one call; rows and columns as the tail reads them
  int64_t rows, cols, channels;      ///< of one tile of output, channels of one call
  adf::Extent input, output;         ///< channels padded to whole words
  bool channelwise;                  ///< the head
  unsigned operands;                 ///< activations of the head
  mlir::Value pixel;                 ///< another operand of the head: one pixel for all; or null
  mlir::Value skip;                  ///< the tail's other operand, or null
  unsigned chainedOperand = 0;       ///< which operand of the tail the head computes

  int64_t gridRows, gridChannels, setsPerGroup, groups, firstSet;
  int64_t rounds, round; ///< steps that do the layer, each some of its channels; which one this is
  int64_t rowsPerGroup, channelTiles, chunks;
  int64_t
      sends; ///< messages that a core sends for a tile of rows: one, or one for each channel tile
  int64_t windowRows, windowCols;
  int64_t handover; ///< cycles of a call that hands sums on; 0: no cores share a step's chunks
  int64_t later;    ///< cycles of a call for a tile that is not a group's first; 0: as of the first
  int64_t carried;  ///< the head's rows that a later tile has of the one before it
  int64_t weightDepth;          ///< buffers of the cores' weight ring
  int64_t weightsBytes, quanta; ///< of one block; `quanta` buffers of the cores' weight ring
  int64_t accBytes;
  int64_t tableBytes, tableQuanta; ///< the tail's parameters, before the head's weights; 0: none

  int64_t sets, coresPerSet; ///< cores of a set that do the step

  /// Whether sets are left over where each group of rows has as many.
  bool leavesSets() const { return sets != gridRows * setsPerGroup; }

  /// How the head reads an input whose pixels lie without padding, and what its windows hold of a
  /// row; none: they are padded to whole words.
  std::optional<adf::PixelGroups> unpadded;
  adf::PixelGroups::Window unpaddedWindow{};

  bool early = false; ///< whether it begins before the step before has ended, if it can
  // Of EarlyStart.h. Tiles of rows are done in a round, from `firstTiles` of the group on.
  llvm::SmallVector<int64_t> firstTiles; ///< of each group; empty: 0
  llvm::SmallVector<int64_t> earlyTiles; ///< of each group: how many may be done early; empty: none
  /// What the step before makes, if control starts early tiles while that is at work and opens a
  /// gate, the empty lock of this tensor, when they may come; what is sent before may come before.
  mlir::Value gate;
  bool announces = false; ///< whether each set's messages but those of its last tile are waited for

  /// The tile that a group does as number `position`.
  int64_t tileAt(int64_t group, int64_t position) const {
    return (position + firstTile(group)) % rowTiles(group);
  }
  int64_t firstTile(int64_t group) const { return firstTiles.empty() ? 0 : firstTiles[group]; }

  /// Messages with activations for one tile of rows.
  int64_t messages() const {
    return (skip ? 1 : 0) + (pixel ? 1 : 0) + static_cast<int64_t>(operands) * chunks;
  }

  /// Cores that share the chunks of input channels, each as many.
  int64_t shares() const { return handover ? 2 : 1; }
  int64_t ownChunks() const { return chunks / shares(); }
  int64_t sendersPerSet() const { return coresPerSet / shares(); }
  /// Which core of a set is its sender `number`: the eastern one of those that share.
  int64_t senderCore(int64_t number) const { return number * shares() + shares() - 1; }
  /// Whether core `core` of a set hands its sums on; else it sends the results.
  bool handsOn(int64_t core) const { return handover && core % 2 == 0; }

  /// Groups of channels of one round.
  int64_t roundChannels() const { return gridChannels / rounds; }
  mlir::Location loc() const { return adf::KernelOpInterface(head).getLoc(); }
  mlir::Value result() const;
  /// Buffers of the weight ring that a core of a set with `role` fills in the step.
  int64_t weightQuanta(const SetRole &role) const;
  int64_t channelsPerCore() const { return channelTiles * channels; }
  /// Row tiles of a group, which are fewer in the last.
  int64_t rowTiles(int64_t group) const;
  int64_t validRows(int64_t group) const;
  /// Rows of the hub's tensor that are written, garbage past the last included.
  int64_t writtenRows() const;
  /// Bytes from pixel to pixel of the result in the hub.
  int64_t resultPitch() const;
  SetRole role(int64_t set) const;
  /// What tile `tile` of a group reads of the head's operands, and of the skip tensor.
  SpatialTile window(int64_t group, int64_t tile) const;
  SpatialTile skipWindow(int64_t group, int64_t tile) const;
  /// Those around `tile`.
  AlikeTiles alikeTiles(int64_t group, int64_t tile) const;
  /// The padding that the kernel with pad immediates sees: top, bottom, left, right.
  std::array<int32_t, 4> pads(int64_t group, int64_t tile) const;
  bool hasPads() const;
  /// Bytes of a message with activations for `set`, and of one of its rows.
  int64_t windowBytes(const SetRole &role) const { return windowRows * windowRowBytes(role); }
  int64_t windowRowBytes(const SetRole &role) const;
  /// Bytes of a message with output, and of what one tile of channels makes.
  int64_t outBytes() const { return rows * cols * channelsPerCore() / sends; }
  int64_t partBytes() const { return rows * cols * channels; }
  /// A call of the head for a tile behind another.
  adf::KernelTile laterTile() const {
    adf::KernelTile tile = headTile;
    tile.rows -= carried;
    return tile;
  }
  /// Bytes of the rows that are carried on.
  int64_t carriedBytes() const { return carried * headTile.cols * channels; }
  /// Bytes of what the head writes for the tail, or for the output buffer.
  int64_t headBytes() const { return headTile.rows * headTile.cols * channels; }
  /// Messages with output that a set sends to the hub.
  int64_t outMessages(const SetRole &role) const { return sends * rowTiles(role.group); }
  /// Buffers of the weight ring that a tile of rows takes.
  int64_t tileQuanta() const { return ownChunks() * channelTiles * quanta; }
  /// Whether the cores keep the blocks of weights for all their tiles: the one, or all that they
  /// need again.
  bool keepsWeights() const {
    bool again = rowsPerGroup > rows && tileQuanta() <= weightDepth;
    return weightsBytes && (ownChunks() * channelTiles == 1 || again);
  }
  int64_t macs() const;
};

/// `times` runs of `count` rows, `step` rows apart.
struct RowRuns {
  int64_t first, count, times = 1, step = 0;
};

/// Rows of an input in the order in which streams bring them: what the first tiles of all sets read
/// comes before the rest, so that these are at work while it comes.
struct InputOrder {
  int64_t tiles = 0; ///< of each group, which read nothing but what comes first
  int64_t pieceWords = 0;
  /// Of each stream: what it brings first, and the rest.
  llvm::SmallVector<std::array<llvm::SmallVector<RowRuns, 2>, 2>, 4> streams;
};

struct ResidentPlan {
  adf::GraphOp graph;
  adf::ResidentAttr resident;
  std::vector<StepPlan> steps;          ///< without the step that brings the inputs
  std::optional<InputOrder> inputOrder; ///< of the only input; none: it comes as it lies in DDR

  int64_t sets() const { return resident.getSets(); }
  int64_t coresPerSet() const { return resident.getCores(); }
  int64_t hubs() const { return resident.getHubs(); }
  /// Neighbouring sets have one hub, as many each as can be.
  int64_t hubOf(int64_t set) const { return set * hubs() / sets(); }
  int64_t firstSetOf(int64_t hub) const { return adf::ceilDiv(hub * sets(), hubs()); }
  int64_t quantumBytes() const { return resident.getWeights()[0]; }
  int64_t weightDepth() const { return resident.getWeights()[1]; }
  int64_t stack() const { return resident.getStack(); }
  /// Sets whose cores have tapes of their own; those of the others share them.
  int64_t tapeSets() const { return sets() / stack(); }
  bool shared() const { return resident.getShared(); }
  /// Bytes of a memory tile for a tape: less than its memory, which a descriptor's 17-bit length
  /// cannot span (AM025), and less again where outputs are gathered in it.
  int64_t tapeRoom() const { return (shared() ? 448 : 508) * 1024; }
  bool streamed() const { return resident.getStreamed(); }
  bool divided() const { return resident.getDivided(); }
};

/// Works the plan out; an error on an operation says what in the schedule does not fit.
mlir::FailureOr<ResidentPlan> planResident(adf::GraphOp graph);

/// The value behind reshapes.
mlir::Value behindReshapes(mlir::Value value);

} // namespace adfc

#endif // ADFC_TRANSFORMS_RESIDENT_RESIDENTPLAN_H
