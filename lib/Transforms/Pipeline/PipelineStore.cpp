//===- PipelineStore.cpp - how a lane's messages come to lie in a slab ----===//
#include "Transforms/Pipeline/PipelineStore.h"
#include "ADF/KernelModel.h"

using namespace adfc;

namespace {

/// What a descriptor's field can count to (AM025: 10 bits on memory tiles).
constexpr int64_t kMostCount = 1023;

bool concerns(const Message &message, const TensorPart &part, const adf::Extent &tensor) {
  return message.row < tensor.rows && message.row < part.endRow &&
         message.row + message.rows > part.firstRow && message.channel < part.endChannel &&
         message.channel + message.channels > part.firstChannel;
}

/// Messages of equal width that are one block: parts of the channels of the same rows, and again of
/// those below; or rows that follow one another. A row has `cols` pixels.
struct Block {
  Message first;
  int64_t cols, rows, parts = 1, tiles = 1, partsOfLast = 1;

  bool append(const Message &next) {
    const Message &m = first;
    if (next.channels != m.channels)
      return false;
    int64_t lastRow = m.row + (tiles - 1) * rows;
    if (next.row == lastRow && next.rows == rows &&
        next.channel == m.channel + partsOfLast * m.channels) {
      if (tiles > 1 && partsOfLast == parts)
        return false;
      ++partsOfLast;
      if (tiles == 1)
        parts = partsOfLast;
      return true;
    }
    if (next.channel != m.channel || next.row != lastRow + rows || partsOfLast != parts)
      return false;
    if (parts == 1) {
      rows += next.rows;
      return true;
    }
    // A descriptor has no dimension for rows besides those for pixels, parts and tiles.
    if (next.rows != rows || rows * cols > kMostCount)
      return false;
    ++tiles;
    partsOfLast = 1;
    return true;
  }
};

class Storer {
public:
  Storer(const TensorPart &part, const adf::Extent &tensor, int64_t offset, int64_t pixel,
         int64_t row)
      : part(part), tensor(tensor), offset(offset), pixel(pixel), row(row) {}

  StorePlan run(const Lane &lane) {
    for (const Message &message : lane.messages) {
      if (!concerns(message, part, tensor)) {
        flushBlock();
        dropped += message.rows * tensor.cols * message.channels / 4;
        continue;
      }
      flushDropped();
      if (message.row < part.firstRow || message.row + message.rows > part.endRow ||
          message.channel < part.firstChannel ||
          message.channel + message.channels > part.endChannel) {
        plan.failure = "its operand comes in messages of which it needs only parts";
        return plan;
      }
      if (!block || !block->append(message)) {
        flushBlock();
        block = Block{message, tensor.cols, message.rows};
      }
    }
    flushBlock();
    flushDropped();
    return plan;
  }

private:
  void flushBlock() {
    if (!block)
      return;
    const Message &m = block->first;
    if (block->partsOfLast != block->parts)
      plan.failure = "its operand comes in messages of which the last ones lack channels";
    AccessPattern pattern(offset + (m.row - part.firstRow) * row +
                          (m.channel - part.firstChannel) / 4);
    pattern.dim(m.channels / 4, 1)
        .dim(tensor.cols, pixel)
        .dim(block->rows, row)
        .dim(block->parts, m.channels / 4)
        .dim(block->tiles, block->rows * row);
    plan.runs.push_back({true, pattern});
    block.reset();
  }

  void flushDropped() {
    if (!dropped)
      return;
    auto scrap = scrapPattern(dropped, kMostCount);
    if (!scrap) {
      plan.failure = "of its operand so many words are not kept that no descriptor can drop them";
      return;
    }
    plan.runs.push_back({false, scrap->first});
    plan.scrapBytes = std::max(plan.scrapBytes, scrap->second);
    dropped = 0;
  }

  const TensorPart &part;
  const adf::Extent &tensor;
  int64_t offset, pixel, row, dropped = 0;
  std::optional<Block> block;
  StorePlan plan;
};

} // namespace

std::optional<std::pair<AccessPattern, int64_t>> adfc::scrapPattern(int64_t words, int64_t most) {
  int64_t best = std::numeric_limits<int64_t>::max(), inner = 0, middle = 0;
  for (int64_t a = 1; a <= std::min(words, most); ++a)
    for (int64_t b = 1; words % a == 0 && b <= std::min(words / a, most); ++b)
      if (words / a % b == 0 && words / a / b <= most && a + b + words / a / b < best) {
        inner = a;
        middle = b;
        best = a + b + words / a / b;
      }
  if (!inner)
    return std::nullopt;
  AccessPattern pattern(0);
  pattern.dim(inner, 1).dim(middle, 1).dim(words / inner / middle, 1);
  return std::pair(pattern, 4 * (best - 2));
}

TensorPart adfc::wholeMessages(const TensorPart &part, const Lane &lane,
                               const adf::Extent &tensor) {
  TensorPart grown = part;
  for (const Message &message : lane.messages)
    if (concerns(message, part, tensor)) {
      grown.firstRow = std::min(grown.firstRow, message.row);
      grown.endRow = std::max(grown.endRow, message.row + message.rows);
    }
  return grown;
}

StorePlan adfc::storeMessages(const Lane &lane, const TensorPart &part, const adf::Extent &tensor,
                              int64_t offset, int64_t pixel, int64_t row) {
  return Storer(part, tensor, offset, pixel, row).run(lane);
}
