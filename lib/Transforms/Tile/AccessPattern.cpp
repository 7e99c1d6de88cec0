//===- AccessPattern.cpp - what one buffer descriptor walks ---------------===//
#include "Transforms/Tile/AccessPattern.h"
#include "adfc/spec/devices.h"
#include "llvm/ADT/STLExtras.h"

using namespace adfc;
using llvm::SmallVector;

int64_t AccessPattern::words() const {
  int64_t words = 1;
  for (const Dim &dim : dims)
    words *= dim.count + dim.before + dim.after;
  return words;
}

bool AccessPattern::isPadded() const { return paddedDims() != 0; }

SmallVector<int64_t> AccessPattern::counts() const {
  return llvm::map_to_vector(dims, [](const Dim &dim) { return dim.count; });
}
SmallVector<int64_t> AccessPattern::steps() const {
  return llvm::map_to_vector(dims, [](const Dim &dim) { return dim.step; });
}
size_t AccessPattern::paddedDims() const {
  size_t count = dims.size();
  while (count && !dims[count - 1].before && !dims[count - 1].after)
    --count;
  return count;
}
SmallVector<int64_t> AccessPattern::before() const {
  return llvm::map_to_vector(llvm::ArrayRef(dims).take_front(paddedDims()),
                             [](const Dim &dim) { return dim.before; });
}
SmallVector<int64_t> AccessPattern::after() const {
  return llvm::map_to_vector(llvm::ArrayRef(dims).take_front(paddedDims()),
                             [](const Dim &dim) { return dim.after; });
}

std::string AccessPattern::legalize(const adfc_tile &tile) {
  // A padded pattern keeps its dimensions: the registers' padding belongs to dimension 0, 1 and 2.
  if (!isPadded()) {
    join();
    std::string why = split((int64_t(1) << tile.wrap_bits) - 1);
    if (!why.empty())
      return why;
  } else {
    while (dims.size() > 1 && dims.back().count == 1 && !dims.back().before && !dims.back().after)
      dims.pop_back();
  }
  return check(tile);
}

void AccessPattern::join() {
  SmallVector<Dim, 5> joined;
  for (const Dim &dim : dims) {
    if (dim.count == 1)
      continue;
    if (!joined.empty() && dim.step == joined.back().count * joined.back().step)
      joined.back().count *= dim.count;
    else
      joined.push_back(dim);
  }
  if (joined.empty())
    joined.push_back({1, 1, 0, 0});
  dims = std::move(joined);
}

std::string AccessPattern::split(int64_t limit) {
  SmallVector<Dim, 5> result;
  for (auto [i, dim] : llvm::enumerate(dims)) {
    // The outermost count needs no field: it ends with the descriptor's length.
    Dim rest = dim;
    while (i + 1 < dims.size() && rest.count > limit) {
      int64_t factor = limit;
      while (rest.count % factor)
        --factor;
      if (factor == 1)
        return "a dimension of " + std::to_string(dim.count) + " words or positions is more than " +
               std::to_string(limit) + " and has no divisors to split it by";
      result.push_back({factor, rest.step, 0, 0});
      rest = {rest.count / factor, rest.step * factor, 0, 0};
    }
    result.push_back(rest);
  }
  dims = std::move(result);
  return {};
}

std::string AccessPattern::check(const adfc_tile &tile) const {
  auto over = [](const char *what, int64_t value, int64_t limit) {
    return std::string(what) + " is " + std::to_string(value) + ", but at most " +
           std::to_string(limit);
  };
  if (dims.size() > tile.dimensions)
    return over("the number of dimensions", dims.size(), tile.dimensions);
  int64_t maxLength = (int64_t(1) << tile.length_bits) - 1;
  if (words() > maxLength)
    return over("the length in words", words(), maxLength);
  int64_t maxStep = int64_t(1) << tile.step_bits, maxCount = (int64_t(1) << tile.wrap_bits) - 1;
  for (auto [i, dim] : llvm::enumerate(dims)) {
    if (dim.step > maxStep)
      return over("a step in words", dim.step, maxStep);
    bool counted = i + 1 < dims.size() || isPadded();
    if (counted && i + 1 < tile.dimensions && dim.count > maxCount)
      return over("a count", dim.count, maxCount);
    int64_t maxPad = i < 3 ? (int64_t(1) << tile.pad_bits[i]) - 1 : 0;
    if (dim.before > maxPad || dim.after > maxPad)
      return over("the padding", std::max(dim.before, dim.after), maxPad) + " in dimension " +
             std::to_string(i);
  }
  return {};
}
