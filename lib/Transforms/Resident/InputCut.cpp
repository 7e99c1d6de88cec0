//===- InputCut.cpp -------------------------------------------------------===//
#include "Transforms/Resident/InputCut.h"
#include "Target/DeviceModel.h"

#include <numeric>

using namespace mlir;
using namespace adfc;

/// Pieces of all inputs in all streams, at most: locks count messages in 6 bits (AM020).
static constexpr int64_t kMostPieces = 60;

int64_t InputCut::messages() const {
  return std::accumulate(pieces.begin(), pieces.end(), int64_t(0));
}

/// Shares out `count` pieces over `streams` streams, so that all end at about the same time:
/// control starts one shim after the other, and all share DDR's rate.
static InputCut shareOut(int64_t words, int64_t count, int64_t streams, const adfc_device &device) {
  int64_t piece = words / count, together = count % 2 ? 1 : 2; // a join has two buffers
  InputTime time(piece, streams, device);
  int64_t cycles = time.pieceCycles();
  InputCut cut{piece, {}};
  SmallVector<int64_t, kInputStreams> ends;
  for (int64_t j = 1; j <= streams; ++j) {
    cut.pieces.push_back(together);
    ends.push_back(j * time.startCycles() + together * cycles);
  }
  for (int64_t left = count - streams * together; left > 0; left -= together) {
    auto first = std::min_element(ends.begin(), ends.end());
    *first += together * cycles;
    cut.pieces[first - ends.begin()] += together;
  }
  cut.cycles = *std::max_element(ends.begin(), ends.end()) + piece;
  return cut;
}

InputCut adfc::cutInput(const HubTensor &input, int64_t mostStreams, const adfc_device &device) {
  // Of rows that get zeros around them, none is cut.
  int64_t words = input.rows() * input.bareRowWords();
  int64_t units = input.hasMargins() ? input.rows() : words;
  int64_t together = units % 2 ? 1 : 2;
  InputCut best = shareOut(words, together, 1, device);
  for (int64_t count = together; count <= kMostPieces; count += together)
    if (units % count == 0 && words / count * 4 <= kInputPieceBytes)
      for (int64_t streams = std::min({kInputStreams, mostStreams, count / together}); streams >= 1;
           --streams)
        if (InputCut cut = shareOut(words, count, streams, device); cut.cycles < best.cycles)
          best = std::move(cut);
  return best;
}

int64_t adfc::mostInputStreams(const ResidentPlan &plan, const adfc_device &device) {
  DeviceModel model(device);
  int64_t channels = 0;
  for (int col = 0; col < model.columns(); ++col)
    if (model.hasShimDma(col))
      channels += model.channels(TileKind::Shim);
  int64_t left = channels - (plan.streamed() ? plan.tapeSets() * plan.coresPerSet() : 0);
  return std::clamp<int64_t>(left, 1, plan.sets());
}
