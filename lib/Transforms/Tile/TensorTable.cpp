//===- TensorTable.cpp - where the graph's tensors lie in DDR -------------===//
#include "Transforms/Tile/TensorTable.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include <functional>
#include <numeric>

using namespace mlir;
using namespace adfc;

static Value withoutReshapes(Value value) {
  while (auto reshape = value.getDefiningOp<adf::ReshapeOp>())
    value = reshape.getInput();
  return value;
}

/// The tensor's shape in DDR: channels are whole words.
static SmallVector<int64_t> storedShape(Type type) {
  SmallVector<int64_t> shape(cast<RankedTensorType>(type).getShape());
  shape.back() = adf::paddedChannels(shape.back());
  return shape;
}

static int64_t storedBytes(Type type) {
  int64_t bytes = 1;
  for (int64_t size : storedShape(type))
    bytes *= size;
  return bytes;
}

StringAttr TensorTable::lookup(Value value) const { return tensors.lookup(withoutReshapes(value)); }

TensorPlace TensorTable::place(Value value, StringRef layer) {
  if (auto slice = value.getDefiningOp<adf::SliceOp>()) {
    TensorPlace whole = place(slice.getInput(), layer);
    return {whole.ddr, whole.steps.sliced(slice)};
  }
  if (OpOperand *part = placeOf(value)) {
    auto assemble = cast<adf::AssembleOp>(part->getOwner());
    TensorPlace whole = place(assemble.getOutput(), layer);
    return {whole.ddr, whole.steps.placed(assemble, part->getOperandNumber())};
  }
  Value root = withoutReshapes(value);
  if (auto constant = root.getDefiningOp<adf::ConstantOp>(); constant && !tensors.contains(root))
    tensors[root] = addConstant(constant, layer);
  return {tensors.lookup(root), ViewSteps::whole(value.getType())};
}

/// The bytes of a constant activation as they stand in DDR, under the resource name `name`.
static ElementsAttr storedConstant(ElementsAttr value, StringRef name) {
  auto type = cast<RankedTensorType>(value.getShapedType());
  int64_t channels = type.getShape().back(), stored = storedShape(type).back();
  ArrayRef<char> bytes = *adf::getRawBytes(value);
  bool splat = bytes.size() == 1;
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(storedBytes(type), /*align=*/64);
  MutableArrayRef<char> data = blob.getMutableData();
  std::fill(data.begin(), data.end(), 0);
  for (int64_t i = 0, e = type.getNumElements(); i < e; ++i)
    data[i / channels * stored + i % channels] = bytes[splat ? 0 : i];
  auto flat = RankedTensorType::get({storedBytes(type)}, type.getElementType());
  return DenseResourceElementsAttr(DenseI8ResourceElementsAttr::get(flat, name, std::move(blob)));
}

StringAttr TensorTable::addConstant(adf::ConstantOp constant, StringRef layer) {
  StringAttr name = unique((layer + ".constant").str());
  ElementsAttr bytes = storedConstant(constant.getValue(), name);
  adf::DDROp::create(builder, constant.getLoc(), name, adf::BufferKind::Weights,
                     bytes.getNumElements(), /*offset=*/IntegerAttr(),
                     /*dims=*/DenseI64ArrayAttr(), /*valid=*/IntegerAttr(), bytes);
  return name;
}

StringAttr TensorTable::unique(StringRef name) {
  std::string result = name.str();
  for (unsigned i = 1; !names.insert(result).second; ++i)
    result = (name + "_" + Twine(i)).str();
  return builder.getStringAttr(result);
}

StringAttr TensorTable::addBoundaryTensor(Location loc, adf::BufferKind buffer,
                                          DictionaryAttr attrs, StringRef fallback,
                                          ArrayRef<int64_t> shape, int64_t valid) {
  // The front end names inputs and outputs.
  auto given = attrs ? attrs.getAs<StringAttr>("adfc.name") : StringAttr();
  StringAttr name = unique(given && !given.empty() ? given.getValue() : fallback);
  adf::DDROp::create(
      builder, loc, name, buffer,
      std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<int64_t>()),
      /*offset=*/IntegerAttr(), builder.getDenseI64ArrayAttr(shape),
      builder.getI64IntegerAttr(valid), /*init=*/ElementsAttr());
  return name;
}

/// Whether an input's pixels lie without padding, as the layer wants that reads it.
static bool isUnpadded(Value input) {
  return llvm::any_of(input.getUsers(), [](Operation *user) {
    if (auto reshape = dyn_cast<adf::ReshapeOp>(user))
      return isUnpadded(reshape.getOutput());
    auto kernel = dyn_cast<adf::KernelOpInterface>(user);
    return kernel && kernel.getScheduleAttr() && kernel.getScheduleAttr().getUnpadded();
  });
}

LogicalResult TensorTable::addBoundary(adf::GraphOp graph, int64_t batch) {
  auto add = [&](Location loc, adf::BufferKind buffer, DictionaryAttr attrs, StringRef fallback,
                 Type type, bool padded) {
    ArrayRef<int64_t> bare = cast<RankedTensorType>(type).getShape();
    SmallVector<int64_t> shape = padded ? storedShape(type) : SmallVector<int64_t>(bare);
    shape.front() *= batch;
    return addBoundaryTensor(loc, buffer, attrs, fallback, shape, bare.back());
  };
  for (BlockArgument argument : graph.getArguments()) {
    unsigned index = argument.getArgNumber();
    tensors[argument] = add(argument.getLoc(), adf::BufferKind::Input, graph.getArgAttrDict(index),
                            ("input" + Twine(index)).str(), argument.getType(),
                            /*padded=*/!isUnpadded(argument));
  }
  auto output = cast<adf::OutputOp>(graph.getBody().front().getTerminator());
  for (auto [index, value] : llvm::enumerate(output.getValues())) {
    Value root = withoutReshapes(value);
    if (tensors.contains(root))
      return output.emitOpError() << "gives an input, or the same tensor twice, as output " << index
                                  << ": no kernel would write it; return each layer's result once";
    outputs.insert(root);
    tensors[root] = add(root.getLoc(), adf::BufferKind::Output, graph.getResultAttrDict(index),
                        ("output" + Twine(index)).str(), value.getType(), /*padded=*/true);
  }
  return success();
}

void TensorTable::addResult(adf::KernelOpInterface op, int64_t batch) {
  Value result = op->getResult(0);
  StringRef layer = op.getLayer();
  while (OpOperand *part = placeOf(result)) {
    auto assemble = cast<adf::AssembleOp>(part->getOwner());
    result = assemble.getOutput();
    layer = assemble.getLayer();
  }
  if (tensors.contains(result))
    return;
  StringAttr name = unique((layer + ".out").str());
  adf::DDROp::create(builder, op.getLoc(), name, adf::BufferKind::Arena,
                     batch * storedBytes(result.getType()), /*offset=*/IntegerAttr(),
                     /*dims=*/DenseI64ArrayAttr(), /*valid=*/IntegerAttr(),
                     /*init=*/ElementsAttr());
  tensors[result] = name;
}

StringAttr TensorTable::addConstant(Location loc, StringRef wished, ArrayRef<char> bytes) {
  StringAttr name = unique(wished);
  AsmResourceBlob blob = HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, /*align=*/64);
  auto type = RankedTensorType::get({static_cast<int64_t>(bytes.size())},
                                    IntegerType::get(builder.getContext(), 8));
  ElementsAttr init = DenseResourceElementsAttr(
      DenseI8ResourceElementsAttr::get(type, name.getValue(), std::move(blob)));
  adf::DDROp::create(builder, loc, name, adf::BufferKind::Weights,
                     static_cast<int64_t>(bytes.size()), /*offset=*/IntegerAttr(),
                     /*dims=*/DenseI64ArrayAttr(), /*valid=*/IntegerAttr(), init);
  constants[name] = static_cast<int64_t>(bytes.size());
  return name;
}

StringAttr TensorTable::addWeights(adf::KernelOpInterface op,
                                   function_ref<ElementsAttr(StringRef)> pack) {
  StringAttr name = unique((op.getLayer() + ".weights").str());
  ElementsAttr bytes = pack(name);
  adf::DDROp::create(builder, op.getLoc(), name, adf::BufferKind::Weights, bytes.getNumElements(),
                     /*offset=*/IntegerAttr(), /*dims=*/DenseI64ArrayAttr(),
                     /*valid=*/IntegerAttr(), bytes);
  return name;
}
