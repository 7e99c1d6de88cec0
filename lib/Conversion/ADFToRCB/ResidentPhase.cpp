//===- ResidentPhase.cpp - A phase that is set up once and serves many inferences ===//
//
// The load program sets up all that stays. The run program goes through the steps: it writes the
// descriptors that take turns, and starts the tasks, of one step while the step before is at work;
// and what it can of the step after that, so that a short step does not keep it behind.
//
//===----------------------------------------------------------------------===//
#include "Conversion/ADFToRCB/PhaseEmitter.h"

#include "Conversion/ADFToRCB/ResidentTask.h"
#include "Conversion/ADFToRCB/StepOrder.h"
#include "Conversion/ADFToRCB/TaskSchedule.h"
#include "Conversion/ADFToRCB/WaitBound.h"
#include "Target/TileRegisters.h"
#include "Transforms/Phase/PlacedBd.h"
#include "adfc/spec/devices.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace adfc;

namespace {

/// A descriptor's register block.
using BdPlace = std::pair<TileCoord, int64_t>;

} // namespace

/// Emits one resident phase.
class PhaseEmitter::Resident {
public:
  Resident(PhaseEmitter &emitter, PhaseModel &model, InstructionBuilder run)
      : emitter(emitter), model(model), load(emitter.out), run(run), device(emitter.device),
        bounds(model, device), stepOrder(model) {
    for (ChannelTasks &tasks : model.channels)
      for (adf::DMAOp task : tasks.tasks)
        all.push_back({&tasks, task, all.size(), stepOf(task), stepOf(task),
                       task.getEndless() ? 1 : static_cast<int64_t>(task.getRepeat())});
    firstAwaits = llvm::any_of(all, [](Task &t) { return t.start == 1 && t.op.getAwaits(); });
    steps = static_cast<int64_t>(llvm::range_size(model.phase.getBody().getOps<adf::StepOp>()));
    sortTasks();
  }

  LogicalResult emit() {
    if (failed(collectDescriptors()))
      return failure();
    startOutputsEarly();
    findLate();
    joinRepeats();
    auto everywhere = [](TileCoord) { return true; };
    emitter.emitRoutes(model, everywhere);
    emitter.emitLocks(model, everywhere);
    emitter.emitCascades(model, everywhere);
    for (const Task &task : all)
      if (failed(writeFixed(task)))
        return failure();
    setPackets();
    if (failed(emitter.emitCores(model, everywhere)))
      return failure();
    load.add<rcb::BarrierOp>(model.phase.getLoc());
    for (const Task &task : all)
      if (task.op.getEndless())
        push(task, load);
    for (int64_t step = 0; step < steps; ++step)
      if (failed(emitStep(step)))
        return failure();
    waitFor(steps - 1);
    for (int64_t last : {steps - 2, steps - 1})
      resetLocks(last);
    return success();
  }

private:
  using Task = ResidentTask;

  TileCoord at(const Task &task) const { return model.coord(task.channel->tile); }
  TileKind kind(const Task &task) const { return model.kind(task.channel->tile); }
  Rank rank(const Task &task) const {
    if (task.start == 0 && firstAwaits) // inputs: stream by stream
      return Rank::FromDdr;
    bool windows = task.waitsForTensor() || task.op.getAwaits();
    return windows ? Rank::Windows : rankOf(kind(task), task.channel->direction);
  }

  void sortTasks() {
    auto key = [&](const Task &task) {
      return std::make_tuple(task.start, rank(task), task.order);
    };
    llvm::sort(all, [&](const Task &a, const Task &b) { return key(a) < key(b); });
  }

  /// The tasks of each channel in the order of their steps.
  llvm::MapVector<ChannelTasks *, SmallVector<Task *>> byChannel() {
    llvm::MapVector<ChannelTasks *, SmallVector<Task *>> channels;
    for (Task &task : all)
      if (task.start >= 0)
        channels[task.channel].push_back(&task);
    return channels;
  }

  bool changes(const Task &task) const {
    return llvm::any_of(task.op.getBody().getOps<adf::BDOp>(), [&](adf::BDOp bd) {
      return moves(task, bd) || changing.count({at(task), static_cast<int64_t>(*bd.getId())});
    });
  }

  /// What writes to DDR waits for data from the beginning: setting it up takes long, and nothing
  /// else needs its channel. Each channel is left to the step that has most time for it, not to the
  /// first two, so that these start at once.
  void startOutputsEarly() {
    std::vector<int64_t> spare = spareCycles();
    for (auto &[channel, tasks] : byChannel()) {
      if (model.kind(channel->tile) != TileKind::Shim || channel->direction != Direction::S2MM ||
          static_cast<int>(tasks.size()) > device.taskQueueDepth())
        continue;
      int64_t own = tasks.front()->start, most = std::min<int64_t>(own, 2), left = INT64_MIN;
      for (int64_t step = most, behind = 0; step < own; ++step) {
        int64_t now = spare[static_cast<size_t>(step)] + behind;
        behind = std::min<int64_t>(now, 0);
        if (now > left)
          left = now, most = step;
      }
      for (Task *task : tasks) {
        spare[static_cast<size_t>(task->start)] += controlCycles(*task);
        task->start = std::min(task->start, most);
        spare[static_cast<size_t>(task->start)] -= controlCycles(*task);
      }
    }
    sortTasks();
  }

  /// Of each step, the cycles that control does not need for it while the step before is at work.
  std::vector<int64_t> spareCycles() const {
    std::vector<int64_t> spare(static_cast<size_t>(steps));
    for (int64_t step = 1; step < steps; ++step)
      spare[static_cast<size_t>(step)] = bounds.workOf(step - 1);
    for (const Task &task : all)
      if (task.start >= 0)
        spare[static_cast<size_t>(task.start)] -= controlCycles(task);
    return spare;
  }

  /// About what control takes to start a task, and to wait for it: blocks that are written for
  /// several tasks together, and queues that are full, do not count.
  int64_t controlCycles(const Task &task) const {
    const adfc_timing &timing = device.table().timing;
    int64_t block = timing.control_write_cycles + 7 * timing.control_block_word_cycles;
    int64_t cycles = kind(task) == TileKind::Shim ? timing.control_push_cold_cycles
                                                  : timing.control_write_cycles;
    for (auto bd : task.op.getBody().getOps<adf::BDOp>()) {
      bool changed = changing.count({at(task), static_cast<int64_t>(*bd.getId())});
      cycles += changed ? block : 0;
      cycles +=
          moves(task, bd) ? timing.control_write_cycles + timing.control_mask_write_cycles : 0;
    }
    return cycles + (task.op.getToken() ? timing.control_read_cycles : 0);
  }

  /// Two channels that empty one window: the second would take what the first is to have.
  void findLate() {
    llvm::DenseMap<Value, ChannelTasks *> users;
    std::set<std::pair<ChannelTasks *, int64_t>> late; // all that a channel does in the step
    for (Task &task : all) {
      if (task.start < 0 || task.channel->direction != Direction::MM2S ||
          kind(task) != TileKind::Mem)
        continue;
      for (auto bd : task.op.getBody().getOps<adf::BDOp>()) {
        auto [user, added] = users.try_emplace(bd.getWindow(), task.channel);
        auto acquire = bd.getAcquireAttr();
        bool takes = acquire && !acquire.getEqual() && acquire.getLock() == adf::LockKind::Full;
        task.late |= takes && !added && user->second != task.channel;
        user->second = task.channel;
      }
      if (task.late)
        late.insert({task.channel, task.start});
      task.late = late.count({task.channel, task.start});
    }
  }

  /// Equal tasks one after the other are started as one.
  void joinRepeats() {
    for (auto &[channel, tasks] : byChannel()) {
      Task *open = nullptr;
      for (Task *task : tasks) {
        bool same = open && !task->late && !task->op.getAwaits() && !task->waitsForTensor() &&
                    !task->op.getToken() && !open->op.getToken() && !changes(*task) &&
                    open->firstId() == task->firstId() &&
                    open->repeat + task->repeat <= device.maxRepeat(model.kind(channel->tile));
        if (!same) {
          open = task;
          continue;
        }
        open->repeat += task->repeat;
        open->end = task->end;
        task->repeat = 0;
      }
    }
  }

  /// What each descriptor of a task says.
  LogicalResult encode(const Task &task, function_ref<void(adf::BDOp, ArrayRef<uint32_t>)> use) {
    auto bds = llvm::to_vector(task.op.getBody().getOps<adf::BDOp>());
    for (auto [i, bd] : llvm::enumerate(bds)) {
      std::optional<int> next;
      if (i + 1 < bds.size() || task.op.getEndless())
        next = static_cast<int>(*bds[(i + 1) % bds.size()].getId());
      EncodedDescriptor encoded = encodeDescriptor(kind(task), descriptorOf(bd, next));
      if (!encoded.failure.empty())
        return bd.emitOpError() << encoded.failure;
      use(bd, encoded.words);
    }
    return success();
  }

  /// Finds the descriptors that say one thing to all steps.
  LogicalResult collectDescriptors() {
    for (const Task &task : all) {
      LogicalResult done = encode(task, [&](adf::BDOp bd, ArrayRef<uint32_t> words) {
        BdPlace place{at(task), static_cast<int64_t>(*bd.getId())};
        auto [known, added] = contents.try_emplace(place, words.begin(), words.end());
        if (!added && ArrayRef<uint32_t>(known->second) != words)
          changing.insert(place);
      });
      if (failed(done))
        return failure();
    }
    return success();
  }

  /// An inference may have its inputs and outputs in other places than the one before; weights
  /// stay.
  static bool moves(const Task &task, adf::BDOp bd) { return bd.getDdr() && !task.op.getEndless(); }

  /// Writes those that never change, but for addresses that move.
  LogicalResult writeFixed(const Task &task) {
    return encode(task, [&](adf::BDOp bd, ArrayRef<uint32_t> words) {
      BdPlace place{at(task), static_cast<int64_t>(*bd.getId())};
      if (changing.count(place) || !written.insert(place).second)
        return;
      writeBlock(task, bd, words, load);
      if (!moves(task, bd))
        emitter.bind(at(task), bd, load);
    });
  }

  /// Writes those that do change.
  LogicalResult writeChanging(const Task &task) {
    return encode(task, [&](adf::BDOp bd, ArrayRef<uint32_t> words) {
      BdPlace place{at(task), static_cast<int64_t>(*bd.getId())};
      if (changing.count(place)) {
        writeBlock(task, bd, words, run);
        standing[place] = SmallVector<uint32_t, 8>(words);
        int64_t &user = lastUsers[place];
        user = std::max(user, task.end);
      }
      if (changing.count(place) || moves(task, bd))
        emitter.bind(at(task), bd, run);
    });
  }

  void writeBlock(const Task &task, adf::BDOp bd, ArrayRef<uint32_t> words,
                  InstructionBuilder &out) const {
    out.writeBlock(bd.getLoc(), at(task),
                   registersOf(kind(task)).bdOffset(static_cast<int>(*bd.getId())), words);
  }

  void setPackets() {
    for (const Task &task : all) {
      const TileRegisters &registers = registersOf(kind(task));
      if (task.op.getPackets())
        load.write(task.op.getLoc(), at(task),
                   registers.controlOffset(Direction::S2MM, task.channel->channel()),
                   finishOnTlastWord());
    }
  }

  void push(const Task &task, InstructionBuilder &out) {
    int64_t left = task.repeat;
    int64_t most = device.maxRepeat(kind(task));
    while (left > 0) {
      int64_t part = std::min(left, most);
      left -= part;
      out.write(
          task.op.getLoc(), at(task),
          registersOf(kind(task)).queueOffset(task.channel->direction, task.channel->channel()),
          taskWord(static_cast<int>(task.firstId()), part, task.op.getToken() && left == 0));
    }
  }

  MutableArrayRef<Task> ofStep(int64_t step) {
    auto first = llvm::find_if(all, [&](const Task &task) { return task.start == step; });
    auto last = std::find_if(first, all.end(), [&](const Task &t) { return t.start != step; });
    return MutableArrayRef<Task>(all).slice(first - all.begin(), last - first);
  }

  /// How many of the first tasks are written and then started together: all windows, then all the
  /// rest, but for what DDR sends, and for the joins' where windows that wait for the input come
  /// before.
  size_t startedTogether(ArrayRef<Task> tasks) const {
    Rank first = rank(tasks.front());
    if (first == Rank::FromDdr)
      return 1;
    auto part = [&](Rank of) {
      bool apart = of == Rank::FromDdr || (of == Rank::FromJoin && beginsWithInput(tasks.front()));
      return std::make_pair(of == Rank::Windows, apart);
    };
    return llvm::find_if(tasks, [&](const Task &task) { return part(rank(task)) != part(first); }) -
           tasks.begin();
  }

  /// Whether a task is of the first step, and that begins while its input comes.
  bool beginsWithInput(const Task &task) const { return firstAwaits && task.start == 1; }

  LogicalResult emitStep(int64_t step) {
    resetLocks(step - 2);
    llvm::DenseMap<ChannelTasks *, Queue> queues = queuesAt(step, /*ended=*/step - 2);
    std::array<SmallVector<const Task *>, 3> waiting; // by when they start
    auto &early = waiting[static_cast<size_t>(Start::Early)];
    auto &late = waiting[static_cast<size_t>(Start::Late)];
    bool hasEarly = false, ended = false, inParts = endsInParts(step - 1);
    llvm::MapVector<Value, uint32_t> gates = gatesOf(step);
    auto startEarly = [&] {
      bool any = !early.empty() || !gates.empty();
      if (any && !hasEarly)
        waitFor(step - 1, adf::Await::Most);
      hasEarly |= any;
      for (auto [window, messages] : gates)
        setLock(window, adf::LockKind::Empty, messages);
      gates.clear();
      for (const Task *task : early)
        push(*task, run);
      early.clear();
    };
    auto startLate = [&] {
      startEarly();
      waitFor(step - 1, hasEarly ? std::optional(adf::Await::All) : std::nullopt);
      ended = true;
      for (const Task *task : late)
        push(*task, run);
      late.clear();
    };
    ArrayRef<Task> tasks = ofStep(step);
    while (!tasks.empty()) {
      // Nothing else is at work while the first windows wait.
      if (step == 1 && rank(tasks.front()) > Rank::Windows)
        startEarly();
      // The other windows before the joins: cores have room for their first results.
      if (beginsWithInput(tasks.front()) && rank(tasks.front()) == Rank::FromJoin && !ended)
        startLate();
      ArrayRef<Task> group = tasks.take_front(startedTogether(tasks));
      tasks = tasks.drop_front(group.size());
      for (const Task &task : group)
        if (!task.ahead && failed(writeChanging(task)))
          return failure();
      for (const Task &task : group) {
        if (task.ahead)
          continue;
        Queue &queue = queues[task.channel];
        Start start = whenToStart(task, queue, inParts);
        if (queue.later > device.taskQueueDepth() + 1)
          return task.op.emitError()
                 << "step " << step << " starts more tasks on a channel than its queue of "
                 << device.taskQueueDepth() << " holds: use fewer tiles of rows in a layer";
        if (start == Start::Now || ended)
          push(task, run);
        else
          waiting[static_cast<size_t>(start)].push_back(&task);
      }
    }
    bool free = step > 0 && !ended && !hasEarly && early.empty() && late.empty() && gates.empty();
    if (free && failed(startAhead(step + 1)))
      return failure();
    if (!ended)
      startLate();
    run.add<rcb::PhaseOp>(model.phase.getLoc(), static_cast<uint32_t>(step));
    return success();
  }

  /// Starts what it can of `step` while the step two before it is at work. A NOP stands before it:
  /// up to the next wait, all is for `step`.
  LogicalResult startAhead(int64_t step) {
    llvm::DenseMap<ChannelTasks *, Queue> queues = queuesAt(step, /*ended=*/step - 3);
    llvm::DenseSet<ChannelTasks *> behind; // channels whose next task has to wait
    bool ordered = stepOrder.follows(step, step - 2);
    SmallVector<Task *> now;
    for (Task &task : ofStep(step)) {
      Queue &queue = queues[task.channel];
      int64_t room = device.taskQueueDepth() + 1 - entriesOf(task);
      task.ahead = kind(task) != TileKind::Shim && !task.late && !task.op.getAwaits() &&
                   (ordered || !task.waitsForTensor()) && !behind.count(task.channel) &&
                   queue.before + queue.now <= room && canWrite(task, step - 3);
      if (!task.ahead) {
        behind.insert(task.channel);
        continue;
      }
      queue.now += entriesOf(task);
      now.push_back(&task);
    }
    if (now.empty())
      return success();
    run.add<rcb::NopOp>(model.phase.getLoc());
    for (auto first = now.begin(), end = now.end(); first != end;) {
      bool windows = rank(**first) == Rank::Windows;
      auto last = std::find_if(
          first, end, [&](Task *task) { return (rank(*task) == Rank::Windows) != windows; });
      for (Task *task : llvm::make_range(first, last))
        if (failed(writeChanging(*task)))
          return failure();
      for (Task *task : llvm::make_range(first, last))
        push(*task, run);
      first = last;
    }
    return success();
  }

  /// Whether no task that may be at work when `ended` has ended uses the numbers of a task's
  /// descriptors for other ones.
  bool canWrite(const Task &task, int64_t ended) {
    bool free = true;
    LogicalResult done = encode(task, [&](adf::BDOp bd, ArrayRef<uint32_t> words) {
      BdPlace place{at(task), static_cast<int64_t>(*bd.getId())};
      auto user = lastUsers.find(place);
      free &= user == lastUsers.end() || user->second <= ended ||
              ArrayRef<uint32_t>(standing[place]) == words;
    });
    return succeeded(done) && free;
  }

  /// When a task of a step is started: at once, or when most or all of the step before has ended.
  enum class Start { Now, Early, Late };

  /// What is in a channel's queue while a step is set up, in pushes.
  struct Queue {
    int64_t before = 0;         ///< of the step before
    int64_t now = 0, later = 0; ///< of this one, started by then; all of it
    Start last = Start::Now;
  };

  /// When `task` is started: as its step says, but later where its channel's queue has no room, for
  /// a push too many would be lost. When most of the step before has ended, if it `endsInParts`, no
  /// more than a tile's last two pushes are left of it.
  Start whenToStart(const Task &task, Queue &queue, bool endsInParts) const {
    std::optional<adf::Await> awaits = task.op.getAwaits();
    bool early = awaits == adf::Await::Most && !task.gate();
    Start start = task.late || awaits == adf::Await::All ? Start::Late
                  : early                                ? Start::Early
                                                         : Start::Now;
    start = std::max(start, queue.last); // in the order of the channel
    int64_t room = device.taskQueueDepth() + 1 - entriesOf(task);
    if (start == Start::Now && queue.before + queue.now > room)
      start = Start::Early;
    int64_t left = endsInParts ? std::min<int64_t>(queue.before, 2) : queue.before;
    if (start == Start::Early && left + queue.now > room)
      start = Start::Late;
    queue.last = start;
    queue.now += start == Start::Late ? 0 : entriesOf(task);
    queue.later += entriesOf(task);
    return start;
  }

  /// Whether in every channel of `step` that is waited for there is something before the last task.
  bool endsInParts(int64_t step) const {
    llvm::DenseMap<ChannelTasks *, int> tokens;
    for (const Task &task : all)
      if (stepOf(task.op) == step && task.op.getToken())
        ++tokens[task.channel];
    return !tokens.empty() && llvm::all_of(tokens, [](auto &entry) { return entry.second > 1; });
  }

  /// Entries of its channel's queue that a task takes.
  int64_t entriesOf(const Task &task) const {
    return llvm::divideCeil(task.repeat, device.maxRepeat(kind(task)));
  }

  /// The queues when `step` is set up and the steps up to `ended` are known to have ended.
  llvm::DenseMap<ChannelTasks *, Queue> queuesAt(int64_t step, int64_t ended) const {
    llvm::DenseMap<ChannelTasks *, Queue> queues;
    for (const Task &task : all) {
      if (!task.repeat || task.start < 0)
        continue;
      if (task.start < step && task.end > ended) {
        Queue &queue = queues[task.channel];
        queue.before += entriesOf(task);
        queue.later += task.end >= step ? entriesOf(task) : 0;
      } else if (task.ahead && task.start == step) {
        Queue &queue = queues[task.channel];
        queue.now += entriesOf(task);
        queue.later += entriesOf(task);
      }
    }
    return queues;
  }

  /// Waits for the tasks of `step` that have tokens: for all; for all but the last of each channel
  /// (`Most`); or, after that, for these (`All`).
  void waitFor(int64_t step, std::optional<adf::Await> part = std::nullopt) {
    llvm::DenseMap<ChannelTasks *, const Task *> last;
    auto counts = [&](const Task &task) { return stepOf(task.op) == step && task.op.getToken(); };
    for (const Task &task : all)
      if (counts(task))
        last[task.channel] = &task;
    for (const Task &task : all) {
      if (!counts(task) || (part && (last[task.channel] == &task) != (*part == adf::Await::All)))
        continue;
      run.waitTask(task.op.getLoc(), at(task), task.channel->direction, task.channel->channel(),
                   bounds.ofStep(step));
    }
  }

  /// How many messages of `step` wait at each gate. It is opened for all of them when the first may
  /// come: tasks that may not are started later.
  llvm::MapVector<Value, uint32_t> gatesOf(int64_t step) {
    llvm::MapVector<Value, uint32_t> gates;
    for (const Task &task : ofStep(step))
      if (Value gate = task.gate())
        gates[gate] += static_cast<uint32_t>(task.repeat);
    return gates;
  }

  /// The locks of the tensors that were read last in `step`.
  void resetLocks(int64_t step) {
    for (const TileMemoryOps &ops : model.memory)
      for (Operation *op : ops) {
        auto window = dyn_cast<adf::WindowOp>(op);
        if (window && window.getLive() && (*window.getLive())[1] == step)
          setLock(window, adf::LockKind::Full, 0);
      }
  }

  void setLock(Value window, adf::LockKind kind, uint32_t value) {
    auto op = window.getDefiningOp<adf::WindowOp>();
    int tile = model.tileIndex(op.getTile());
    run.write(op.getLoc(), model.coord(tile),
              registersOf(model.kind(tile)).lockOffset(lockOf(op, kind)), value);
  }

  PhaseEmitter &emitter;
  PhaseModel &model;
  InstructionBuilder &load;
  InstructionBuilder run;
  const DeviceModel &device;
  WaitBounds bounds;
  StepOrder stepOrder;
  std::vector<Task> all;
  int64_t steps = 0;
  bool firstAwaits = false; ///< whether the first windows are sent while inputs come
  std::map<BdPlace, SmallVector<uint32_t, 8>> contents;
  std::set<BdPlace> changing, written;
  // While the run program is made: what descriptors that change say, and the last step with a user.
  std::map<BdPlace, SmallVector<uint32_t, 8>> standing;
  std::map<BdPlace, int64_t> lastUsers;
};

LogicalResult PhaseEmitter::emitResident(adf::PhaseOp phase, InstructionBuilder run) {
  PhaseModel model(phase);
  return failure(failed(checkPlaced(model)) || failed(Resident(*this, model, run).emit()));
}
