//===- ResidentPlan.cpp - the steps of a resident program -----------------===//
#include "Transforms/Resident/ResidentPlan.h"
#include "adfc/spec/core_program.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace adfc;
using adf::ceilDiv;
using adf::roundUp;

Value adfc::behindReshapes(Value value) {
  while (auto reshape = value.getDefiningOp<adf::ReshapeOp>())
    value = reshape.getInput();
  return value;
}

//===- what follows from a step's sizes -----------------------------------===//

Value StepPlan::result() const {
  return (tail ? adf::KernelOpInterface(tail) : adf::KernelOpInterface(head))->getResult(0);
}

int64_t StepPlan::validRows(int64_t group) const {
  return std::clamp<int64_t>(output.rows - group * rowsPerGroup, 0, rowsPerGroup);
}
int64_t StepPlan::rowTiles(int64_t group) const { return ceilDiv(validRows(group), rows); }

int64_t StepPlan::writtenRows() const {
  return (groups - 1) * rowsPerGroup + rowTiles(groups - 1) * rows;
}

int64_t StepPlan::resultPitch() const {
  return std::max(output.channels, gridChannels * channelsPerCore());
}

SetRole StepPlan::role(int64_t set) const {
  SetRole role;
  int64_t place = leavesSets() ? (set + sets - firstSet) % sets : set;
  role.group = place / setsPerGroup;
  int64_t inGroup = leavesSets() ? place : place + setsPerGroup - firstSet;
  int64_t firstSender = inGroup % setsPerGroup * sendersPerSet();
  role.senders = std::clamp<int64_t>(roundChannels() - firstSender, 0, sendersPerSet());
  role.cores = role.senders * shares();
  role.active = role.group < groups && role.cores > 0;
  role.firstChannel = (round * roundChannels() + firstSender) * channelsPerCore();
  role.channels = role.senders * channelsPerCore();
  return role;
}

SpatialTile StepPlan::window(int64_t group, int64_t tile) const {
  adf::KernelOpInterface op = head, next = tail;
  int64_t row = group * rowsPerGroup + tile * rows, col = 0;
  if (tail) {
    row = next.getRowMap().first(row);
    col = next.getColumnMap().first(0);
  }
  int64_t kept = tile ? carried : 0;
  return {sliceOf(op.getRowMap(), row + kept, headTile.rows - kept),
          sliceOf(op.getColumnMap(), col, headTile.cols)};
}

SpatialTile StepPlan::skipWindow(int64_t group, int64_t tile) const {
  adf::AxisMap rowMap{output.rows, 1, 1, 0}, colMap{output.cols, 1, 1, 0};
  return {sliceOf(rowMap, group * rowsPerGroup + tile * rows, rows), sliceOf(colMap, 0, cols)};
}

static bool sameShape(const AxisSlice &a, const AxisSlice &b) {
  return a.count == b.count && a.before == b.before && a.after == b.after && a.step == b.step;
}

AlikeTiles StepPlan::alikeTiles(int64_t group, int64_t tile) const {
  auto alike = [&](int64_t other) {
    return sameShape(window(group, tile).rows, window(group, other).rows) &&
           (!skip || sameShape(skipWindow(group, tile).rows, skipWindow(group, other).rows));
  };
  AlikeTiles tiles{tile, 1};
  while (tiles.first > 0 && alike(tiles.first - 1))
    --tiles.first;
  while (tiles.first + tiles.count < rowTiles(group) && alike(tiles.first + tiles.count))
    ++tiles.count;
  return tiles;
}

bool StepPlan::hasPads() const {
  adf::KernelOpInterface op = head, next = tail;
  return op.hasPadImmediates() || (tail && next.hasPadImmediates());
}

std::array<int32_t, 4> StepPlan::pads(int64_t group, int64_t tile) const {
  adf::KernelOpInterface op = tail;
  if (!tail || !op.hasPadImmediates())
    return window(group, tile).pads();
  int64_t row = group * rowsPerGroup + tile * rows;
  return SpatialTile{sliceOf(op.getRowMap(), row, rows), sliceOf(op.getColumnMap(), 0, cols)}
      .pads();
}

int64_t StepPlan::windowRowBytes(const SetRole &role) const {
  return unpadded ? 4 * unpaddedWindow.words
                  : windowCols * (channelwise ? role.channels : headTile.inChannels);
}

int64_t StepPlan::weightQuanta(const SetRole &role) const {
  if (!role.active)
    return 0;
  int64_t times = keepsWeights() ? 1 : rowTiles(role.group);
  return tableQuanta + (weightsBytes ? times * tileQuanta() : 0);
}

int64_t StepPlan::macs() const {
  adf::KernelOpInterface op = head, next = tail;
  return (op.getMacs() + (tail ? next.getMacs() : 0)) / rounds;
}

//===- from the graph -----------------------------------------------------===//

namespace {

class Planner {
public:
  explicit Planner(adf::GraphOp graph) {
    plan.graph = graph;
    plan.resident = *graph.getResident();
  }

  FailureOr<ResidentPlan> run() {
    for (Operation &op : plan.graph.getBody().front())
      if (isa<adf::SliceOp, adf::AssembleOp>(op))
        return op.emitOpError("reads or writes a part of a tensor, which a resident program cannot "
                              "do: schedule the graph without 'resident'");
    for (auto op : plan.graph.getBody().getOps<adf::KernelOpInterface>()) {
      if (!op.getScheduleAttr())
        return op->emitOpError() << "\"" << op.getLayer()
                                 << "\" has no schedule: run adf-apply-schedule before";
      if ((op.getStreamedOperand() && !op.isChannelwise()) || op.hasColumnWeights() ||
          op.takesAllChannels() || readsConstant(op))
        return refuse(op) << "has weights that are computed, a constant activation, or calls that "
                          << "need all channels, which a resident program cannot do";
      if (op.getRowMap().upsample != 1 || op.getColumnMap().upsample != 1)
        return refuse(op) << "resamples, which a resident program cannot do";
      if (failed(op.getScheduleAttr().getChained() ? chain(op) : addStep(op)))
        return failure();
    }
    std::vector<StepPlan> layers = std::move(plan.steps);
    plan.steps.clear();
    for (StepPlan &step : layers) {
      if (failed(finish(step)))
        return failure();
      for (step.round = 0; step.round < step.rounds; ++step.round)
        plan.steps.push_back(step);
    }
    return std::move(plan);
  }

private:
  static Value pixelOf(adf::KernelOpInterface op) {
    std::optional<unsigned> operand = op.getStreamedOperand();
    return operand ? op->getOperand(*operand) : Value();
  }

  /// Whether an activation, or what comes as one, is a constant.
  static bool readsConstant(adf::KernelOpInterface op) {
    SmallVector<Value> operands(op->getOperands().take_front(op.getNumActivations()));
    if (Value pixel = pixelOf(op))
      operands.push_back(pixel);
    return llvm::any_of(operands, [](Value operand) {
      return behindReshapes(operand).getDefiningOp<adf::ConstantOp>() != nullptr;
    });
  }

  InFlightDiagnostic refuse(adf::KernelOpInterface op) {
    return op->emitOpError() << "\"" << op.getLayer() << "\" ";
  }

  LogicalResult addStep(adf::KernelOpInterface op) {
    StepPlan step{};
    step.head = op;
    step.sets = plan.sets();
    step.weightDepth = plan.weightDepth();
    step.pixel = pixelOf(op);
    plan.steps.push_back(step);
    return success();
  }

  /// Whether it has weights other than a table that serves each value in its place.
  static bool hasOwnWeights(adf::KernelOpInterface op) {
    int64_t bytes = op.getWeightsBlockBytes({1, 1, 16, 16});
    auto alone = [](const adf::AxisMap &map) { return map.span == 1 && map.stride == 1; };
    return bytes && (bytes != op.getWeightsBlockBytes({1, 1, 32, 32}) || !op.isChannelwise() ||
                     !alone(op.getRowMap()) || !alone(op.getColumnMap()));
  }

  /// Joins `op` to the step that computes one of its operands for it alone.
  LogicalResult chain(adf::KernelOpInterface op) {
    if (op.getStreamedOperand() || op.getNumActivations() > 2 || hasOwnWeights(op))
      return refuse(op) << "cannot be chained: it has weights, or more than two operands";
    for (auto [set, name] : {std::pair(op.getScheduleAttr().getEarly(), "early"),
                             std::pair(op.getScheduleAttr().getUnpadded(), "unpadded")})
      if (set)
        return refuse(op) << "is 'chained', so it cannot be '" << name
                          << "': the layer that it is chained to can";
    for (unsigned i = 0; i < op.getNumActivations(); ++i) {
      Value operand = op->getOperand(i);
      auto producer = operand.getDefiningOp<adf::KernelOpInterface>();
      StepPlan *step = producer && operand.hasOneUse() ? stepOf(producer) : nullptr;
      if (!step || step->tail || (step != &plan.steps.back() && op.getNumActivations() == 1))
        continue;
      if (op.hasPadImmediates() && adf::KernelOpInterface(step->head).hasPadImmediates())
        continue; // their calls' immediates differ
      // The other operand must exist when the step runs: the step may have to come later.
      StepPlan moved = *step;
      plan.steps.erase(plan.steps.begin() + (step - plan.steps.data()));
      moved.tail = op;
      moved.chainedOperand = i;
      if (op.getNumActivations() == 2)
        moved.skip = op->getOperand(1 - i);
      plan.steps.push_back(moved);
      makeSkipBeforeInput();
      return success();
    }
    return refuse(op) << "is chained, but no layer before it computes an operand for it alone";
  }

  /// Where the last step's skip tensor is made right before it, and what its head reads before
  /// that, has them change places, if they may: the skip tensor is the first that the step reads.
  void makeSkipBeforeInput() {
    if (plan.steps.size() < 3 || !plan.steps.back().skip)
      return;
    StepPlan &last = plan.steps.back(), &skip = *(plan.steps.end() - 2),
             &input = *(plan.steps.end() - 3);
    auto reads = [](const StepPlan &step, Value result) {
      adf::KernelOpInterface head = step.head;
      SmallVector<Value> values(head->getOperands());
      if (step.skip)
        values.push_back(step.skip);
      return llvm::any_of(values, [&](Value v) { return behindReshapes(v) == result; });
    };
    if (behindReshapes(last.skip) == skip.result() && reads(last, input.result()) &&
        !reads(skip, input.result()))
      std::swap(skip, input);
  }

  StepPlan *stepOf(adf::KernelOpInterface op) {
    for (StepPlan &step : plan.steps)
      if (step.head == op)
        return &step;
    return nullptr;
  }

  LogicalResult finish(StepPlan &step) {
    adf::KernelOpInterface head = step.head;
    adf::KernelOpInterface last = step.tail ? step.tail : step.head;
    step.input = head.getInputExtent();
    step.output = last.getOutputExtent();
    step.input.channels = adf::paddedChannels(step.input.channels);
    step.output.channels = adf::paddedChannels(step.output.channels);
    step.channelwise = head.isChannelwise();
    step.operands = head.getNumActivations();
    ArrayRef<int64_t> grid = head.getScheduleAttr().getGrid();
    ArrayRef<int64_t> tile = last.getScheduleAttr().getTile();
    step.gridRows = grid[0];
    step.gridChannels = grid[1];
    step.firstSet = head.getScheduleAttr().getFirst();
    int64_t members = head.getScheduleAttr().getMembers();
    step.coresPerSet = members ? members : plan.coresPerSet();
    step.rows = tile[0];
    step.cols = tile[1];
    step.channels = tile[2];
    step.later = head.getScheduleAttr().getLater();
    step.early = head.getScheduleAttr().getEarly();
    step.handover = head.getScheduleAttr().getHandover();
    ArrayRef<int64_t> own = head.getScheduleAttr().getTile();
    step.headTile = {own[0], own[1], own[2], own[3]};
    if (failed(checkGrid(step)) || failed(checkTile(step)))
      return failure();
    if (head.getScheduleAttr().getUnpadded() && failed(readUnpadded(step)))
      return failure();
    split(step);
    return failure(failed(checkLater(step)) || failed(checkHandover(step)) ||
                   failed(checkMemory(step)));
  }

  LogicalResult checkGrid(StepPlan &step) {
    int64_t sets = plan.sets();
    if (step.gridRows > sets)
      return refuse(step.head) << "is split into " << step.gridRows
                               << " groups of rows, but there are " << sets << " sets";
    if (plan.stack() > 1 && sets % step.gridRows)
      return refuse(step.head) << "is split into " << step.gridRows
                               << " groups of rows, which must divide the " << sets
                               << " sets where core tiles of a column share weights";
    if (step.gridRows % plan.stack())
      return refuse(step.head) << "is split into " << step.gridRows << " groups of rows, but the "
                               << plan.stack() << " core tiles of a column do different rows";
    if (step.coresPerSet > plan.coresPerSet())
      return refuse(step.head) << "is done by " << step.coresPerSet << " cores of a set, which has "
                               << plan.coresPerSet();
    if (step.handover && step.coresPerSet % 2)
      return refuse(step.head) << "has 'handover', but sets of " << step.coresPerSet
                               << " cores, which are no pairs";
    step.setsPerGroup = sets / step.gridRows;
    if (step.leavesSets() && plan.divided() && step.firstSet)
      return refuse(step.head) << "begins with set " << step.firstSet
                               << ": where hubs divide tensors, it must begin with set 0";
    int64_t firsts = step.leavesSets() ? sets : step.setsPerGroup;
    if (step.firstSet >= firsts)
      return refuse(step.head) << "begins with set " << step.firstSet
                               << (step.leavesSets() ? ", but there are "
                                                     : " of a group of rows, which has ")
                               << firsts;
    int64_t cores = step.setsPerGroup * step.sendersPerSet();
    step.rounds = step.channelwise ? ceilDiv(step.gridChannels, cores) : 1;
    if (step.gridChannels % step.rounds)
      return refuse(step.head) << "is split into " << step.gridChannels
                               << " groups of channels, which are not equally many in each of "
                               << step.rounds << " rounds of at most " << cores;
    if (step.roundChannels() > cores)
      return refuse(step.head) << "is split into " << step.gridChannels
                               << " groups of channels, but a group of rows has " << cores
                               << (step.handover ? " pairs of cores" : " cores");
    return success();
  }

  LogicalResult checkTile(StepPlan &step) {
    adf::KernelOpInterface head = step.head, tail = step.tail;
    if (step.cols != step.output.cols)
      return refuse(head) << "has tiles of " << step.cols
                          << " columns: a resident program's have all " << step.output.cols;
    int64_t rows = tail ? tail.getRowMap().windowSize(step.rows) : step.rows;
    int64_t cols = tail ? tail.getColumnMap().windowSize(step.cols) : step.cols;
    if (step.headTile.rows != rows || step.headTile.cols != cols ||
        step.headTile.outChannels != step.channels)
      return refuse(head) << "has tiles of " << step.headTile.rows << " x " << step.headTile.cols
                          << " x " << step.headTile.outChannels << ", but what follows needs "
                          << rows << " x " << cols << " x " << step.channels;
    int64_t multiple = step.channelwise ? 4 : adf::kOutChannelMultiple;
    if (step.channels % multiple)
      return refuse(head) << "has tiles of " << step.channels
                          << " output channels, which must be a multiple of " << multiple;
    int64_t ic = step.headTile.inChannels;
    if (!step.channelwise && (ic % 4 || step.input.channels % ic))
      return refuse(head) << "has tiles of " << ic
                          << " input channels, which must be a multiple of "
                          << "4 that divides " << step.input.channels;
    return success();
  }

  /// The input's pixels lie without padding, and no layer but the step's head may read them.
  LogicalResult readUnpadded(StepPlan &step) {
    adf::KernelOpInterface head = step.head, tail = step.tail;
    step.unpadded = head.getPixelGroups();
    Value input = head->getOperand(0);
    bool alone = input.hasOneUse();
    while (auto reshape = input.getDefiningOp<adf::ReshapeOp>()) {
      input = reshape.getInput();
      alone &= input.hasOneUse();
    }
    if (!alone || !isa<BlockArgument>(input))
      return refuse(head) << "has 'unpadded', but does not read an input of the network that no "
                             "other layer reads";
    if (!step.unpadded)
      return refuse(head) << "has 'unpadded', for which it must be a convolution of int8 with taps "
                             "side by side, and its input have rows of whole words, but not pixels";
    if (step.headTile.inChannels != step.input.channels)
      return refuse(head) << "has 'unpadded', so its tiles need all " << step.input.channels
                          << " input channels, with those that padding would add";
    step.headTile.firstCol = tail ? tail.getColumnMap().first(0) : 0;
    step.unpaddedWindow = step.unpadded->window(step.headTile.firstCol, step.headTile.cols);
    return success();
  }

  void split(StepPlan &step) {
    adf::KernelOpInterface head = step.head, tail = step.tail;
    step.rowsPerGroup = roundUp(ceilDiv(step.output.rows, step.gridRows), step.rows);
    step.groups = ceilDiv(step.output.rows, step.rowsPerGroup);
    step.channelTiles = ceilDiv(ceilDiv(step.output.channels, step.gridChannels), step.channels);
    step.chunks = step.channelwise ? 1 : step.input.channels / step.headTile.inChannels;
    step.carried = step.later && tail ? tail.getRowMap().span - tail.getRowMap().stride : 0;
    // What is done is on its way while the rest is computed; rows and channels of a hub's
    // descriptor cannot both count.
    bool alone = step.rowsPerGroup == step.rows && step.channelTiles * step.sets <= kMostMessages;
    step.sends = alone && !isOutput(step) ? step.channelTiles : 1;
    step.windowRows = head.getRowMap().windowSize(step.headTile.rows);
    step.windowCols = head.getColumnMap().windowSize(step.headTile.cols);
    step.weightsBytes = step.pixel ? 0 : head.getWeightsBlockBytes(step.headTile);
    step.quanta =
        step.weightsBytes ? llvm::PowerOf2Ceil(ceilDiv(step.weightsBytes, plan.quantumBytes())) : 0;
    step.accBytes = head.getAccumulatorBytes(step.headTile);
    step.tableBytes = tail ? tail.getWeightsBlockBytes({1, 1, 16, 16}) : 0;
    // What follows begins at a multiple of its blocks' length.
    step.tableQuanta =
        step.tableBytes
            ? std::max<int64_t>(step.quanta,
                                llvm::PowerOf2Ceil(ceilDiv(step.tableBytes, plan.quantumBytes())))
            : 0;
  }

  LogicalResult checkLater(StepPlan &step) {
    if (step.later && (step.carried < 1 || step.chunks * step.channelTiles > 1 || step.channelwise))
      return refuse(step.head)
             << "has 'later', but a core keeps rows only for a chained layer whose windows share "
             << "some, in one chunk of input channels and one tile of output channels";
    return success();
  }

  LogicalResult checkHandover(StepPlan &step) {
    if (!step.handover)
      return success();
    adf::KernelOpInterface head = step.head;
    if (head.getScheduleAttr().getMembers())
      return refuse(head) << "has 'handover', which takes all cores of a set: leave 'members' out";
    if (step.chunks % 2 || step.chunks < 4)
      return refuse(head) << "has 'handover' and " << step.chunks
                          << " chunks of input channels, which must be even, and at least 4";
    int64_t sums = 4 * step.headTile.rows * step.headTile.cols * step.channels;
    if (step.operands != 1 || step.accBytes != sums)
      return refuse(head) << "has 'handover', but only sums of 32 bits are handed on";
    if (step.accBytes > CORE_PROGRAM_CASCADE_BYTES)
      return refuse(head) << "hands on " << step.accBytes
                          << " bytes of sums at a time: a call over "
                          << "the cascade takes at most " << CORE_PROGRAM_CASCADE_BYTES;
    return success();
  }

  bool isOutput(const StepPlan &step) {
    return llvm::any_of(plan.graph.getBody().front().getTerminator()->getOperands(),
                        [&](Value output) { return behindReshapes(output) == step.result(); });
  }

  LogicalResult checkMemory(StepPlan &step) {
    int64_t a = plan.resident.getActivations(), o = plan.resident.getOutput();
    int64_t window = step.windowBytes(step.role(step.firstSet));
    if (window > a)
      return refuse(step.head) << "has windows of " << window << " bytes, but the cores' buffers "
                               << "take " << a;
    int64_t skipBytes = step.rows * step.cols * step.role(step.firstSet).channels;
    if (step.skip && skipBytes > a)
      return refuse(step.head) << "adds windows of " << skipBytes
                               << " bytes, but the cores' buffers take " << a;
    if (step.outBytes() > o)
      return refuse(step.head) << "writes " << step.outBytes()
                               << " bytes at a time, but the cores' "
                               << "output buffers take " << o;
    if (std::max(step.quanta, step.tableQuanta) > plan.weightDepth())
      return refuse(step.head) << "has blocks of " << std::max(step.weightsBytes, step.tableBytes)
                               << " bytes of weights, but "
                               << "the cores' rings take "
                               << plan.quantumBytes() * plan.weightDepth();
    int64_t over = step.gridChannels * step.channelsPerCore() - step.output.channels;
    if ((step.channelwise && over) || over > kMostOver)
      return refuse(step.head) << "splits " << step.output.channels << " channels over "
                               << step.gridChannels << " groups of " << step.channelsPerCore()
                               << ", which are " << over << " too many";
    if (step.channelwise && (step.channelTiles != 1))
      return refuse(step.head) << "works on each channel alone: a core's channels must be one tile";
    for (int64_t group = 0; group < step.groups; ++group)
      for (int64_t tile = 0; tile < step.rowTiles(group); ++tile) {
        SpatialTile window = step.window(group, tile);
        if (window.rows.count < 1 || window.cols.count < 1)
          return refuse(step.head)
                 << "has a tile that reads nothing but padding: make its rows more";
      }
    return success();
  }

  ResidentPlan plan{};
};

} // namespace

FailureOr<ResidentPlan> adfc::planResident(adf::GraphOp graph) { return Planner(graph).run(); }
