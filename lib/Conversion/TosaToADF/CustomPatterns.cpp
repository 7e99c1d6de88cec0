//===- CustomPatterns.cpp - operators of packages -------------------------===//
//
// docs/write-an-operator.md says what stands in a tosa.custom.
//
//===----------------------------------------------------------------------===//
#include "Conversion/TosaToADF/CustomPatterns.h"
#include "Conversion/TosaToADF/KernelPatterns.h"
#include "Conversion/TosaToADF/LayerNames.h"
#include "Conversion/TosaToADF/PatternSupport.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace adfc;

namespace json = llvm::json;

namespace {

LogicalResult refuse(Reason &why, const Twine &text) {
  why = text.str();
  return failure();
}

/// Strings of the kernel's code, by key.
FailureOr<DictionaryAttr> readCode(MLIRContext *context, const json::Object &object, Reason &why) {
  Builder b(context);
  SmallVector<NamedAttribute> entries;
  for (StringRef key : {"language", "source", "entry", "defines"}) {
    std::optional<StringRef> text = object.getString(key);
    if (!text)
      return refuse(why, "its implementation_attrs lack the string '" + key + "'");
    entries.push_back(b.getNamedAttr(key, b.getStringAttr(*text)));
  }
  return b.getDictionaryAttr(entries);
}

FailureOr<DictionaryAttr> readCost(MLIRContext *context, const json::Object &object, Reason &why) {
  const json::Object *cost = object.getObject("cost");
  if (!cost)
    return refuse(why, "its implementation_attrs lack the object 'cost'");
  Builder b(context);
  SmallVector<NamedAttribute> entries;
  for (const auto &[slot, value] : *cost) {
    std::optional<double> number = value.getAsNumber();
    if (!number)
      return refuse(why, "its cost has '" + StringRef(slot) + "', which is no number");
    entries.push_back(b.getNamedAttr(StringRef(slot), b.getF64FloatAttr(*number)));
  }
  return b.getDictionaryAttr(entries);
}

LogicalResult readWindow(const json::Object &object, CustomMatch &match, Reason &why) {
  const json::Array *window = object.getArray("window");
  if (!window)
    return success();
  for (const json::Value &value : *window) {
    std::optional<int64_t> number = value.getAsInteger();
    if (!number || *number < 0 || *number > 1024)
      return refuse(why, "its window has numbers from 0 to 1024");
    match.window.push_back(*number);
  }
  if (match.window.size() != 8 || llvm::is_contained(ArrayRef(match.window).take_front(4), 0))
    return refuse(why, "its window needs 8 numbers, of which the first 4 are not 0");
  return success();
}

bool isActivation(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape() && type.getRank() > 0 &&
         type.getElementType().isSignlessInteger(8);
}

LogicalResult checkTypes(tosa::CustomOp op, CustomMatch &match, Reason &why) {
  if (match.inputs.empty() || op.getNumResults() != 1)
    return refuse(why, "it must have one result and at least one input");
  auto in = dyn_cast<RankedTensorType>(match.inputs.front().getType());
  auto out = dyn_cast<RankedTensorType>(op.getResult(0).getType());
  for (Value input : match.inputs)
    if (!isActivation(input) || input.getType() != in)
      return refuse(why, "its inputs must be int8 tensors of one static shape");
  if (!isActivation(op.getResult(0)) || out.getRank() != in.getRank())
    return refuse(why, "its result must be int8, of static shape and its inputs' rank");
  bool windows = match.tiling == adf::Tiling::Windows;
  if (windows ? in.getRank() != 4 || in.getDimSize(0) != 1 || out.getDimSize(0) != 1
              : in.getShape().drop_back() != out.getShape().drop_back())
    return refuse(why, windows ? "windows are of an image, 1xHxWxC"
                               : "its result must have its inputs' shape but for the last axis");
  return success();
}

struct ConvertCustom : OpRewritePattern<tosa::CustomOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::CustomOp op, PatternRewriter &rewriter) const override {
    Reason why;
    FailureOr<CustomMatch> match = matchCustom(op, why);
    if (failed(match))
      return rewriter.notifyMatchFailure(op, why);
    Location loc = op.getLoc();
    SmallVector<Value> inputs;
    for (Value input : match->inputs)
      inputs.push_back(reshapeTo(rewriter, loc, input,
                                 imageShape(cast<ShapedType>(input.getType()).getShape())));
    auto type = cast<RankedTensorType>(op.getResult(0).getType());
    auto window =
        match->window.empty() ? DenseI64ArrayAttr() : rewriter.getDenseI64ArrayAttr(match->window);
    Value output = adf::CustomOp::create(rewriter, loc, type.clone(imageShape(type.getShape())),
                                         layerName(op), op.getOperatorNameAttr(), inputs,
                                         match->tiling, window, match->scratch, match->code,
                                         match->cost, match->constant, adf::ScheduleAttr());
    rewriter.replaceOp(op, reshapeTo(rewriter, loc, output, type.getShape()));
    return success();
  }
};

} // namespace

FailureOr<CustomMatch> adfc::matchCustom(tosa::CustomOp op, Reason &why) {
  if (op.getDomainName() != "adfc")
    return refuse(why, "its domain is '" + op.getDomainName() + "', not 'adfc'");
  llvm::Expected<json::Value> parsed = json::parse(op.getImplementationAttrs());
  if (!parsed)
    return refuse(why,
                  "its implementation_attrs are no JSON: " + llvm::toString(parsed.takeError()));
  const json::Object *object = parsed->getAsObject();
  if (!object)
    return refuse(why, "its implementation_attrs are no JSON object");
  CustomMatch match;
  auto tiling = adf::symbolizeTiling(object->getString("tiling").value_or(""));
  if (!tiling)
    return refuse(why, "its tiling must be elementwise, rows or windows");
  match.tiling = *tiling;
  match.scratch = object->getInteger("scratch").value_or(0);
  auto operands = llvm::to_vector(op.getInputList());
  if (object->getBoolean("constant").value_or(false)) {
    if (operands.empty() || !matchPattern(operands.back(), m_Constant(&match.constant)) ||
        !adf::getRawBytes(match.constant))
      return refuse(why, "its last operand must be a constant");
    operands.pop_back();
  }
  match.inputs.assign(operands.begin(), operands.end());
  FailureOr<DictionaryAttr> code = readCode(op.getContext(), *object, why);
  FailureOr<DictionaryAttr> cost = readCost(op.getContext(), *object, why);
  if (failed(code) || failed(cost) || failed(readWindow(*object, match, why)) ||
      failed(checkTypes(op, match, why)))
    return failure();
  match.code = *code;
  match.cost = *cost;
  return match;
}

void adfc::populateCustomPatterns(RewritePatternSet &patterns) {
  patterns.add<ConvertCustom>(patterns.getContext());
}
