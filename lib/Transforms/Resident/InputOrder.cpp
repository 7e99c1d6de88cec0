//===- InputOrder.cpp -----------------------------------------------------===//
#include "Transforms/Resident/InputOrder.h"
#include "Transforms/Resident/InputTime.h"
#include "adfc/spec/devices.h"

#include "llvm/ADT/STLExtras.h"

#include <numeric>

using namespace mlir;
using namespace adfc;

namespace {

/// Rows [first, end).
using Stretch = std::pair<int64_t, int64_t>;
using Stretches = SmallVector<Stretch>;

/// Descriptors that a stream may need for one of its parts.
constexpr size_t kMostRuns = 3;
/// Descriptors that a shim needs for a stream, about.
constexpr int64_t kUsualRuns = 4;
/// Words of a piece on its way through a join, which passes it on when it has all of it.
constexpr int64_t kPieceWords = 1024;

/// What the first `tiles` tiles of all groups read of an input.
Stretches rowsOf(const StepPlan &step, int64_t tiles) {
  Stretches read;
  for (int64_t group = 0; group < step.groups; ++group)
    for (int64_t tile = 0, e = std::min(tiles, step.rowTiles(group)); tile < e; ++tile) {
      AxisSlice rows = step.window(group, tile).rows;
      if (read.empty() || rows.first > read.back().second)
        read.emplace_back(rows.first, rows.end());
      read.back().second = std::max(read.back().second, rows.end());
    }
  return read;
}

/// The rows between them, of `height`.
Stretches restOf(ArrayRef<Stretch> stretches, int64_t height) {
  Stretches rest;
  int64_t at = 0;
  for (auto [first, end] : stretches) {
    if (first > at)
      rest.emplace_back(at, first);
    at = end;
  }
  if (at < height)
    rest.emplace_back(at, height);
  return rest;
}

/// Stretches of one length at equal distances are one.
SmallVector<RowRuns, 2> runsOf(ArrayRef<Stretch> stretches) {
  SmallVector<RowRuns, 2> runs;
  for (auto [first, end] : stretches) {
    if (!runs.empty()) {
      RowRuns &last = runs.back();
      int64_t apart = first - (last.first + (last.times - 1) * last.step);
      if (last.count == end - first && (last.times == 1 || last.step == apart)) {
        last.step = apart;
        ++last.times;
        continue;
      }
    }
    runs.push_back({first, end - first});
  }
  return runs;
}

int64_t rowsIn(ArrayRef<RowRuns> runs) {
  int64_t rows = 0;
  for (const RowRuns &run : runs)
    rows += run.count * run.times;
  return rows;
}

class Sharer {
public:
  Sharer(const StepPlan &step, int64_t rowWords, const adfc_device &device)
      : step(step), rowWords(rowWords), device(device) {}

  /// Shares out both parts over `streams` streams. Nothing where one would bring nothing of a part,
  /// or need too many descriptors. Also tells the cycles from the beginning of the inference until
  /// the first `tiles` tiles can be done without a stop.
  std::optional<std::pair<InputOrder, int64_t>>
  share(ArrayRef<Stretch> first, ArrayRef<Stretch> rest, int64_t tiles, int64_t streams) const {
    InputOrder order;
    order.tiles = tiles;
    order.streams.resize(streams);
    // Control starts one stream after the other.
    SmallVector<int64_t> ends;
    InputTime time(rowWords, streams, device);
    for (int64_t j = 1; j <= streams; ++j)
      ends.push_back(j * time.startCycles(kUsualRuns) + device.timing.ddr_read_cycles);
    int64_t common = 0, early = 0;
    for (auto [part, all] : llvm::enumerate(std::array{first, rest})) {
      if (!deal(all, time, ends, part, order))
        return std::nullopt;
      for (auto &parts : order.streams)
        common = std::gcd(common, rowsIn(parts[part]));
      early = part ? early : *llvm::max_element(ends);
    }
    int64_t rows = common;
    while (rows > 1 && (common % rows || rows * rowWords > kPieceWords))
      --rows;
    order.pieceWords = rows * rowWords;
    // A join passes a stream's pieces on as one task.
    int64_t most = int64_t(1) << device.tiles[AIEML_TILE_MEM].repeat_bits;
    for (auto &parts : order.streams)
      if (rowsIn(parts[0]) + rowsIn(parts[1]) > most * rows)
        return std::nullopt;
    int64_t begin = std::max(early, *llvm::max_element(ends) - workOn(tiles)) + order.pieceWords;
    return std::make_pair(std::move(order), begin);
  }

private:
  /// Deals `stretches` to the streams, as many to each as it can bring until all end together.
  static bool deal(ArrayRef<Stretch> stretches, const InputTime &time,
                   MutableArrayRef<int64_t> ends, size_t part, InputOrder &order) {
    if (stretches.size() < ends.size())
      return false;
    int64_t rows = 0;
    for (auto [first, end] : stretches)
      rows += end - first;
    int64_t each = time.pieceCycles() * rows / static_cast<int64_t>(stretches.size());
    SmallVector<size_t> counts(ends.size(), 0);
    for (size_t i = 0; i < stretches.size(); ++i) {
      auto next = std::min_element(ends.begin(), ends.end());
      *next += each;
      ++counts[next - ends.begin()];
    }
    for (auto [count, parts] : llvm::zip_equal(counts, order.streams)) {
      parts[part] = runsOf(stretches.take_front(count));
      stretches = stretches.drop_front(count);
      if (parts[part].empty() || parts[part].size() > kMostRuns)
        return false;
    }
    return true;
  }

  /// Cycles that cores take for their first `tiles` tiles.
  int64_t workOn(int64_t tiles) const {
    adf::KernelOpInterface head = step.head;
    int64_t each = head.getScheduleAttr().getCycles(), later = step.later ? step.later : each;
    return (each + (tiles - 1) * later) * step.chunks * step.channelTiles;
  }

  const StepPlan &step;
  int64_t rowWords;
  const adfc_device &device;
};

} // namespace

std::optional<InputOrder> adfc::orderInput(const StepPlan &step, const HubTensor &input,
                                           int64_t mostStreams, int64_t whole,
                                           const adfc_device &device) {
  std::optional<InputOrder> best;
  int64_t rowWords = input.bareRowWords();
  if (rowWords * 4 > kInputPieceBytes)
    return std::nullopt;
  Sharer sharer(step, rowWords, device);
  for (int64_t tiles = 1; tiles < step.rowTiles(0); ++tiles) {
    Stretches first = rowsOf(step, tiles), rest = restOf(first, input.rows());
    for (int64_t streams = std::min(kInputStreams, mostStreams); streams >= 1; --streams) {
      auto shared = sharer.share(first, rest, tiles, streams);
      if (!shared || shared->second >= whole)
        continue;
      whole = shared->second;
      best = std::move(shared->first);
    }
  }
  return best;
}
