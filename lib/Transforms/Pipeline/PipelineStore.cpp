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
/// the row below; or rows that follow one another.
struct Block {
  Message first;
  int64_t rows, parts = 1, tiles = 1, partsOfLast = 1;

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
    // A descriptor has no dimension for rows of a tile besides those for parts and tiles.
    if (rows != 1 || next.rows != 1)
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
        block = Block{message, message.rows};
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
    AccessPattern pattern(offset + (m.row - part.firstRow) * row +
                          (m.channel - part.firstChannel) / 4);
    pattern.dim(m.channels / 4, 1)
        .dim(tensor.cols, pixel)
        .dim(block->rows, row)
        .dim(block->parts, m.channels / 4)
        .dim(block->tiles, row);
    plan.runs.push_back({true, pattern});
    block.reset();
  }

  /// Each time from the next word on, so that much goes to little memory.
  void flushDropped() {
    if (!dropped)
      return;
    int64_t run = std::min(dropped, kMostCount);
    while (dropped % run)
      --run;
    plan.runs.push_back({false, AccessPattern(0).dim(run, 1).dim(dropped / run, 1)});
    plan.scrapBytes = std::max(plan.scrapBytes, 4 * (run + dropped / run - 1));
    dropped = 0;
  }

  const TensorPart &part;
  const adf::Extent &tensor;
  int64_t offset, pixel, row, dropped = 0;
  std::optional<Block> block;
  StorePlan plan;
};

} // namespace

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
