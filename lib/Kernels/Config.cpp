//===- Config.cpp - Reads a kernel's configuration ------------------------===//
#include "Kernels/Config.h"

using namespace mlir;

namespace adfc::kernels {

static std::optional<SmallVector<int64_t, 4>> asIntegers(Attribute attribute) {
  if (auto dense = dyn_cast<DenseI64ArrayAttr>(attribute))
    return SmallVector<int64_t, 4>(dense.asArrayRef());
  auto array = dyn_cast<ArrayAttr>(attribute);
  if (!array)
    return std::nullopt;
  SmallVector<int64_t, 4> values;
  for (Attribute element : array) {
    auto integer = dyn_cast<IntegerAttr>(element);
    if (!integer)
      return std::nullopt;
    values.push_back(integer.getInt());
  }
  return values;
}

SmallVector<int64_t, 4> ConfigReader::integers(StringRef key, unsigned count, int64_t low,
                                               int64_t high) {
  known.insert(key);
  SmallVector<int64_t, 4> fallback(count, low);
  Attribute attribute = spec.config ? spec.config.get(key) : Attribute();
  require(bool(attribute), "'" + key + "' is missing");
  if (!attribute)
    return fallback;
  auto values = asIntegers(attribute);
  bool good = values && values->size() == count &&
              llvm::all_of(*values, [&](int64_t v) { return low <= v && v <= high; });
  require(good, "'" + key + "' must be a list of " + Twine(count) + " integers from " + Twine(low) +
                    " to " + Twine(high));
  return good ? *values : fallback;
}

SmallVector<int64_t, 4> ConfigReader::list(StringRef key, int64_t low, int64_t high) {
  known.insert(key);
  Attribute attribute = spec.config ? spec.config.get(key) : Attribute();
  auto values = attribute ? asIntegers(attribute) : std::nullopt;
  bool good = values && llvm::all_of(*values, [&](int64_t v) { return low <= v && v <= high; });
  require(good,
          "'" + key + "' must be a list of integers from " + Twine(low) + " to " + Twine(high));
  return good ? *values : SmallVector<int64_t, 4>();
}

int64_t ConfigReader::integer(StringRef key, int64_t low, int64_t high) {
  known.insert(key);
  auto attribute = spec.config ? spec.config.getAs<IntegerAttr>(key) : IntegerAttr();
  bool good = attribute && low <= attribute.getInt() && attribute.getInt() <= high;
  require(good, "'" + key + "' must be an integer from " + Twine(low) + " to " + Twine(high));
  return good ? attribute.getInt() : low;
}

bool ConfigReader::flag(StringRef key) {
  known.insert(key);
  Attribute attribute = spec.config ? spec.config.get(key) : Attribute();
  if (!attribute)
    return false;
  if (isa<UnitAttr>(attribute))
    return true;
  auto integer = dyn_cast<IntegerAttr>(attribute); // a BoolAttr is one of width 1
  bool good = integer && integer.getValue().getActiveBits() <= 1;
  require(good, "'" + key + "' must be true or false");
  return good && !integer.getValue().isZero();
}

std::string ConfigReader::text(StringRef key) {
  known.insert(key);
  Attribute attribute = spec.config ? spec.config.get(key) : Attribute();
  auto string = dyn_cast_if_present<StringAttr>(attribute);
  require(!attribute || string, "'" + key + "' must be a string");
  return string ? string.getValue().str() : std::string();
}

void ConfigReader::require(bool condition, const Twine &message) {
  if (!condition && mistake.empty())
    mistake = message.str();
}

llvm::Error ConfigReader::finish() {
  if (spec.config)
    for (NamedAttribute entry : spec.config)
      require(known.contains(entry.getName().getValue()),
              "'" + entry.getName().getValue() +
                  "' is not known; remove it from the configuration");
  if (mistake.empty())
    return llvm::Error::success();
  return llvm::createStringError("kernel '" + spec.name + "' (" + spec.kind + "): " + mistake);
}

} // namespace adfc::kernels
