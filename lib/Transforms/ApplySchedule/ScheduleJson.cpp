//===- ScheduleJson.cpp - the planner's schedule --------------------------===//
#include "Transforms/ApplySchedule/ScheduleJson.h"
#include "Transforms/Tile/Descriptors.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace adfc;

namespace json = llvm::json;

using EmitError = function_ref<InFlightDiagnostic()>;

namespace {

/// Reads one object of the schedule, and names what is wrong with it.
class Reader {
public:
  Reader(const json::Object &object, Twine place, EmitError emitError)
      : object(object), place(place.str()), emitError(emitError) {}

  LogicalResult read(StringRef key, int64_t &value) {
    std::optional<int64_t> number = object.getInteger(key);
    if (!number)
      return complain(key, "a whole number");
    value = *number;
    return success();
  }

  LogicalResult read(StringRef key, std::string &value) {
    std::optional<StringRef> text = object.getString(key);
    if (!text)
      return complain(key, "a text");
    value = text->str();
    return success();
  }

  LogicalResult read(StringRef key, SmallVector<int64_t> &values) {
    const json::Array *array = object.getArray(key);
    return array && append(*array, values) ? success() : complain(key, "a list of whole numbers");
  }

  /// A list of pairs, flattened; may be missing.
  LogicalResult readPairs(StringRef key, SmallVector<int64_t> &values) {
    if (!has(key))
      return success();
    const json::Array *array = object.getArray(key);
    for (size_t i = 0, e = array ? array->size() : 0; i < e; ++i) {
      const json::Array *pair = (*array)[i].getAsArray();
      if (!pair || pair->size() != 2 || !append(*pair, values))
        array = nullptr, e = 0;
    }
    return array ? success() : complain(key, "a list of [column, row]");
  }

  bool has(StringRef key) { return object.get(key); }

private:
  static bool append(const json::Array &array, SmallVector<int64_t> &values) {
    for (const json::Value &value : array) {
      std::optional<int64_t> element = value.getAsInteger();
      if (!element)
        return false;
      values.push_back(*element);
    }
    return true;
  }

  LogicalResult complain(StringRef key, StringRef wanted) {
    return emitError() << "schedule: " << place << " needs '" << key << "', " << wanted;
  }

  const json::Object &object;
  std::string place;
  EmitError emitError;
};

} // namespace

static FailureOr<adf::ScheduleAttr> parseLayer(const json::Object &object, StringRef name,
                                               MLIRContext *context, EmitError emitError) {
  Reader reader(object, "layer '" + name + "'", emitError);
  Builder builder(context);
  SmallVector<int64_t> grid, tile, depth, memtiles;
  int64_t cycles, rounds = 1, first = 0, members = 0, later = 0, handover = 0;
  if (failed(reader.read("grid", grid)) || failed(reader.read("tile", tile)) ||
      failed(reader.read("depth", depth)) || failed(reader.read("cycles", cycles)) ||
      (reader.has("first") && failed(reader.read("first", first))) ||
      (reader.has("members") && failed(reader.read("members", members))) ||
      (reader.has("later") && failed(reader.read("later", later))) ||
      (reader.has("handover") && failed(reader.read("handover", handover))) ||
      (reader.has("rounds") && failed(reader.read("rounds", rounds))) ||
      (reader.has("memtiles") && failed(reader.read("memtiles", memtiles))))
    return failure();
  bool chained = object.getBoolean("chained").value_or(false);
  bool early = object.getBoolean("early").value_or(false);
  bool unpadded = object.getBoolean("unpadded").value_or(false);
  auto emitLayerError = [&] { return emitError() << "schedule: layer '" << name << "': "; };
  auto schedule = adf::ScheduleAttr::getChecked(
      emitLayerError, context, builder.getDenseI64ArrayAttr(grid),
      builder.getDenseI64ArrayAttr(tile), builder.getDenseI64ArrayAttr(depth),
      memtiles.empty() ? DenseI64ArrayAttr() : builder.getDenseI64ArrayAttr(memtiles), rounds,
      cycles, chained, first, members, later, early, handover, unpadded);
  if (!schedule)
    return failure();
  return schedule;
}

static FailureOr<adf::StageAttr> parseStage(const json::Object &object, StringRef name,
                                            MLIRContext *context, EmitError emitError) {
  Reader reader(object, "'stage' of layer '" + name + "'", emitError);
  int64_t lanes, cascade = object.getInteger("cascade").value_or(1);
  SmallVector<int64_t> depths, cores, joins, slabs, weights, relays, relayTiles, bands;
  if (failed(reader.read("lanes", lanes)) || failed(reader.read("depths", depths)) ||
      failed(reader.readPairs("cores", cores)) || failed(reader.readPairs("joins", joins)) ||
      failed(reader.readPairs("slabs", slabs)) || failed(reader.readPairs("weights", weights)) ||
      (reader.has("relays") && failed(reader.read("relays", relays))) ||
      failed(reader.readPairs("relay_tiles", relayTiles)) ||
      (reader.has("bands") && failed(reader.read("bands", bands))))
    return failure();
  auto numbers = [&](ArrayRef<int64_t> values) { return DenseI64ArrayAttr::get(context, values); };
  auto stage = adf::StageAttr::getChecked(
      [&] { return emitError() << "schedule: 'stage' of layer '" << name << "': "; }, context,
      lanes, numbers(depths), numbers(cores), numbers(joins), numbers(slabs), numbers(weights),
      relays.empty() ? DenseI64ArrayAttr() : numbers(relays),
      relayTiles.empty() ? DenseI64ArrayAttr() : numbers(relayTiles), cascade,
      object.getInteger("handover").value_or(0),
      bands.empty() ? DenseI64ArrayAttr() : numbers(bands),
      object.getInteger("segment").value_or(0), object.getBoolean("gathered").value_or(false),
      object.getBoolean("paired").value_or(false));
  if (!stage)
    return failure();
  return stage;
}

static FailureOr<adf::ResidentAttr> parseResident(const json::Object &object, MLIRContext *context,
                                                  EmitError emitError) {
  Reader reader(object, "'resident'", emitError);
  int64_t sets, cores, hubs, activations, output;
  int64_t stack = object.getInteger("stack").value_or(1);
  int64_t buffers = object.getInteger("buffers").value_or(2);
  SmallVector<int64_t> weights;
  bool streamed = object.getBoolean("streamed").value_or(false);
  bool divided = object.getBoolean("divided").value_or(false);
  bool shared = object.getBoolean("shared").value_or(false);
  if (failed(reader.read("sets", sets)) || failed(reader.read("cores", cores)) ||
      failed(reader.read("hubs", hubs)) || failed(reader.read("activations", activations)) ||
      failed(reader.read("weights", weights)) || failed(reader.read("output", output)))
    return failure();
  auto resident = adf::ResidentAttr::getChecked(
      [&] { return emitError() << "schedule: 'resident': "; }, context, sets, cores, hubs,
      activations, DenseI64ArrayAttr::get(context, weights), output, streamed, divided, stack,
      shared, buffers);
  if (!resident)
    return failure();
  return resident;
}

FailureOr<ModuleSchedule> adfc::parseSchedule(StringRef text, MLIRContext *context,
                                              EmitError emitError) {
  llvm::Expected<json::Value> value = json::parse(text);
  if (!value)
    return emitError() << "schedule: no JSON: " << llvm::toString(value.takeError());
  const json::Object *root = value->getAsObject();
  if (!root)
    return emitError() << "schedule: the JSON text is no object";
  Reader reader(*root, "the schedule", emitError);
  ModuleSchedule result;
  int64_t version;
  if (failed(reader.read("version", version)))
    return failure();
  if (version != 1)
    return emitError() << "schedule: version " << version << " is unknown; this is version 1";
  if (failed(reader.read("device", result.device)) || failed(reader.read("tiles", result.tiles)) ||
      failed(reader.readPairs("avoid", result.avoid)))
    return failure();
  if (const json::Object *object = root->getObject("resident")) {
    FailureOr<adf::ResidentAttr> resident = parseResident(*object, context, emitError);
    if (failed(resident))
      return failure();
    result.resident = *resident;
  }
  if (reader.has("batch")) {
    if (failed(reader.read("batch", result.batch.emplace())))
      return failure();
    if (*result.batch < 1 || *result.batch > kMostBatch)
      return emitError() << "schedule: 'batch' is " << *result.batch << ": must be 1 to "
                         << kMostBatch;
  }
  const json::Object *layers = root->getObject("layers");
  if (!layers)
    return emitError() << "schedule: the schedule needs 'layers', an object by layer names";
  for (const auto &[name, entry] : *layers) {
    const json::Object *layer = entry.getAsObject();
    if (!layer)
      return emitError() << "schedule: layer '" << StringRef(name) << "' is no object";
    FailureOr<adf::ScheduleAttr> schedule = parseLayer(*layer, name, context, emitError);
    if (failed(schedule))
      return failure();
    StringAttr key = StringAttr::get(context, StringRef(name));
    result.layers[key] = *schedule;
    if (const json::Object *object = layer->getObject("stage")) {
      FailureOr<adf::StageAttr> stage = parseStage(*object, name, context, emitError);
      if (failed(stage))
        return failure();
      result.stages[key] = *stage;
    }
  }
  return result;
}
