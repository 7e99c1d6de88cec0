//===- ImageContents.cpp - What an image's sections hold ------------------===//
#include "Target/RCBEncoder.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace adfc::rcb;

namespace json = llvm::json;

static std::string text(const json::Value &value) {
  std::string result;
  llvm::raw_string_ostream(result) << value;
  return result;
}

/// An attribute of a kernel's configuration: numbers and lists of them. Null where it is something
/// else.
static json::Value jsonOf(Attribute attribute) {
  if (auto boolean = dyn_cast<BoolAttr>(attribute)) // before integers, of which it is one
    return boolean.getValue();
  if (auto integer = dyn_cast<IntegerAttr>(attribute))
    return integer.getInt();
  if (auto string = dyn_cast<StringAttr>(attribute))
    return string.getValue();
  json::Array list;
  if (auto numbers = dyn_cast<DenseI64ArrayAttr>(attribute)) {
    for (int64_t number : numbers.asArrayRef())
      list.push_back(number);
    return list;
  }
  if (auto array = dyn_cast<ArrayAttr>(attribute)) {
    for (Attribute element : array)
      list.push_back(jsonOf(element));
    return list;
  }
  return nullptr;
}

static std::string kernelsOf(ImageOp image) {
  auto kernels = llvm::to_vector(image.getBody().getOps<KernelOp>());
  llvm::sort(kernels, [](KernelOp a, KernelOp b) { return a.getId() < b.getId(); });
  json::Array list;
  for (KernelOp kernel : kernels) {
    json::Object config;
    for (NamedAttribute entry : kernel.getConfig())
      config[entry.getName().str()] = jsonOf(entry.getValue());
    list.push_back(json::Object{
        {"name", kernel.getSymName()}, {"kind", kernel.getKind()}, {"config", std::move(config)}});
  }
  return text(std::move(list));
}

static std::string ioOf(ImageOp image) {
  json::Array inputs, outputs;
  for (auto io : image.getBody().getOps<IoOp>()) {
    json::Object tensor{{"name", io.getSymName()},
                        {"offset", static_cast<int64_t>(io.getOffset())},
                        {"dims", json::Array(io.getShape())},
                        {"valid", static_cast<int64_t>(io.getValid())}};
    (io.getBuffer() == Buffer::INPUT ? inputs : outputs).push_back(std::move(tensor));
  }
  return text(json::Object{{"inputs", std::move(inputs)},
                           {"outputs", std::move(outputs)},
                           {"input_bytes", image.getBufferBytes(Buffer::INPUT)},
                           {"output_bytes", image.getBufferBytes(Buffer::OUTPUT)},
                           {"arena_bytes", image.getBufferBytes(Buffer::ARENA)}});
}

/// The first file location inside `location`.
static FileLineColLoc sourceOf(Location location) {
  FileLineColLoc source;
  location->walk([&](Location inner) {
    source = dyn_cast<FileLineColLoc>(inner);
    return source ? WalkResult::interrupt() : WalkResult::advance();
  });
  return source;
}

static std::string layersOf(ImageOp image) {
  json::Array layers;
  for (auto layer : image.getBody().getOps<LayerOp>()) {
    FileLineColLoc source = sourceOf(layer.getLoc());
    layers.push_back(json::Object{{"id", static_cast<int64_t>(layer.getId())},
                                  {"name", layer.getName()},
                                  {"kind", layer.getKind()},
                                  {"macs", static_cast<int64_t>(layer.getMacs())},
                                  {"cores", static_cast<int64_t>(layer.getCores())},
                                  {"ddr_bytes", static_cast<int64_t>(layer.getDdrBytes())},
                                  {"core_bytes", static_cast<int64_t>(layer.getCoreBytes())},
                                  {"file", source ? source.getFilename().getValue() : StringRef()},
                                  {"line", source ? source.getLine() : 0}});
  }
  return text(std::move(layers));
}

static std::vector<char> weightsOf(ImageOp image) {
  std::vector<char> bytes(image.getBufferBytes(Buffer::WEIGHTS), 0);
  for (auto data : image.getBody().getOps<DataOp>())
    data.copyBytes(
        MutableArrayRef<char>(bytes).slice(data.getOffset(), data.getValue().getNumElements()));
  return bytes;
}

FailureOr<ImageContents> adfc::rcb::encodeImage(ModuleOp module) {
  auto images = llvm::to_vector(module.getOps<ImageOp>());
  if (images.size() != 1)
    return module.emitError("must hold exactly one rcb.image to be encoded, not ") << images.size(),
           failure();
  ImageOp image = images.front();
  FailureOr<std::vector<uint32_t>> program = encodeProgram(image.getProgram());
  if (failed(program))
    return failure();
  std::vector<uint32_t> loadProgram;
  if (ProgramOp load = image.getLoadProgram()) {
    FailureOr<std::vector<uint32_t>> words = encodeProgram(load);
    if (failed(words))
      return failure();
    loadProgram = std::move(*words);
  }
  ArrayRef<int32_t> core = image.getCorePrograms().getWords();
  return ImageContents{
      std::move(*program), std::move(loadProgram), std::vector<uint32_t>(core.begin(), core.end()),
      weightsOf(image),    kernelsOf(image),       ioOf(image),
      layersOf(image)};
}
