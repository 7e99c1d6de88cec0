//===- InputTime.h - how long inputs take from DDR to the hub -------------===//
#ifndef ADFC_TRANSFORMS_RESIDENT_INPUTTIME_H
#define ADFC_TRANSFORMS_RESIDENT_INPUTTIME_H

#include "adfc/spec/devices.h"

#include <algorithm>
#include <cstdint>

namespace adfc {

/// Streams that bring one input; more do not raise DDR's rate (15.6 GB/s, 4 bytes a cycle each).
constexpr int64_t kInputStreams = 4;

/// Bytes of one piece of input on its way through a join, at most.
constexpr int64_t kInputPieceBytes = 16 * 1024;

/// Of one of `streams` streams that share DDR's rate and come through joins in pieces of
/// `pieceWords` words.
class InputTime {
public:
  InputTime(int64_t pieceWords, int64_t streams, const adfc_device &device)
      : timing(device.timing), pieceWords(pieceWords), streams(streams) {}

  /// AIE cycles in which control starts what a shim reads: writes the 2 words of each descriptor's
  /// address, and pushes the task.
  int64_t startCycles(int64_t descriptors = 1) const {
    return descriptors * (timing.control_write_cycles + timing.control_mask_write_cycles) +
           timing.control_push_cold_cycles;
  }
  /// AIE cycles of one piece.
  int64_t pieceCycles() const {
    int64_t bytesInMicrosecond =
        std::min<int64_t>(4 * streams * timing.clock_mhz, timing.ddr_mbytes_per_second);
    int64_t turn = timing.dma_start_cycles + timing.bd_chain_cycles + 2 * timing.lock_cycles;
    return 4 * pieceWords * streams * timing.clock_mhz / bytesInMicrosecond + turn;
  }

private:
  const adfc_timing &timing;
  int64_t pieceWords, streams;
};

} // namespace adfc

#endif // ADFC_TRANSFORMS_RESIDENT_INPUTTIME_H
