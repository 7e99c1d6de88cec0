//===- PixelGroups.cpp ----------------------------------------------------===//
#include "ADF/PixelGroups.h"

#include <algorithm>
#include <numeric>

using namespace adfc::adf;

std::optional<PixelGroups> PixelGroups::of(int64_t channels, const AxisMap &columns) {
  if (channels % 4 == 0 || columns.size * channels % 4 || columns.upsample != 1 || columns.skips())
    return std::nullopt;
  int64_t apart = columns.stride * channels; // bytes from an output column to the next
  int64_t phases = 4 / std::gcd(int64_t(4), apart);
  PixelGroups groups{
      columns.size * channels / 4, phases * apart / 4, /*run=*/0, /*first=*/0, {}, {}};
  for (int64_t phase = 0; phase < phases; ++phase) {
    int64_t begin = columns.first(phase) * channels, word = floorDiv(begin, 4);
    if (phase == 0)
      groups.first = word;
    groups.offsets.push_back(word - groups.first);
    groups.shifts.push_back(begin - 4 * word);
    groups.run = std::max(groups.run, ceilDiv(groups.shifts.back() + columns.span * channels, 4));
  }
  return groups;
}

PixelGroups::Window PixelGroups::window(int64_t column, int64_t columns) const {
  int64_t group = floorDiv(column, phases()), last = floorDiv(column + columns - 1, phases());
  return {first + group * step, (last - group) * step + offsets.back() + run,
          column - group * phases()};
}
