//===- TaskSchedule.cpp ---------------------------------------------------===//
#include "Conversion/ADFToRCB/TaskSchedule.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

using namespace adfc;

namespace {

/// All pushes of one channel, in order.
struct ChannelPushes {
  int channel = -1;
  std::vector<QueueAction> pushes;
  /// Part of the channel's words, 0 to 1, that is done when the i-th push is.
  std::vector<double> doneAt;
};

/// Where a channel stands on the way of the data: what is upstream starts first.
int stage(const ChannelTasks &tasks, TileKind kind) {
  bool sends = tasks.direction == Direction::MM2S;
  switch (kind) {
  case TileKind::Shim:
    return sends ? 0 : 5;
  case TileKind::Mem:
    return sends ? 2 : 1;
  case TileKind::Core:
    return sends ? 4 : 3;
  }
  llvm_unreachable("a tile of another kind");
}

ChannelPushes pushesOf(ChannelTasks &tasks, int channel, int64_t maxRepeat, int depth) {
  ChannelPushes result;
  result.channel = channel;
  std::vector<double> words;
  double total = 0;
  for (adf::DMAOp task : tasks.tasks) {
    int64_t repeat = task.getEndless() ? 1 : static_cast<int64_t>(task.getRepeat());
    double perRun = static_cast<double>(task.getTotalWords()) / static_cast<double>(repeat);
    for (int64_t done = 0; done < repeat;) {
      int64_t part = std::min(maxRepeat, repeat - done);
      done += part;
      bool last = done == repeat;
      result.pushes.push_back({QueueAction::Push, channel, task, part, last && task.getToken()});
      total += perRun * static_cast<double>(part);
      words.push_back(total);
    }
  }
  for (double sum : words)
    result.doneAt.push_back(total > 0 ? sum / total : 1.0);
  // A push makes room for the one `depth` later, which therefore waits for its token.
  for (size_t i = 0; i + depth < result.pushes.size(); ++i)
    result.pushes[i].token = true;
  return result;
}

} // namespace

std::vector<QueueAction> adfc::scheduleTasks(PhaseModel &model, const DeviceModel &device) {
  auto depth = static_cast<size_t>(device.taskQueueDepth());
  std::vector<ChannelPushes> channels;
  for (auto [i, tasks] : llvm::enumerate(model.channels))
    channels.push_back(pushesOf(tasks, static_cast<int>(i),
                                device.maxRepeat(model.kind(tasks.tile)), static_cast<int>(depth)));
  llvm::sort(channels, [&](const ChannelPushes &a, const ChannelPushes &b) {
    auto rank = [&](const ChannelPushes &c) {
      ChannelTasks &tasks = model.channels[c.channel];
      return std::make_pair(stage(tasks, model.kind(tasks.tile)), c.channel);
    };
    return rank(a) < rank(b);
  });

  std::vector<QueueAction> actions;
  std::vector<std::tuple<double, size_t, size_t>> refills; // when needed, channel, push
  for (auto [c, channel] : llvm::enumerate(channels))
    for (auto [i, push] : llvm::enumerate(channel.pushes)) {
      if (i < depth)
        actions.push_back(push);
      else
        refills.emplace_back(channel.doneAt[i - depth], c, i);
    }
  llvm::sort(refills);
  auto wait = [&](const ChannelPushes &channel) {
    QueueAction action;
    action.kind = QueueAction::Wait;
    action.channel = channel.channel;
    actions.push_back(action);
  };
  std::vector<size_t> waited(channels.size(), 0);
  for (auto [when, c, i] : refills) {
    wait(channels[c]);
    ++waited[c];
    actions.push_back(channels[c].pushes[i]);
  }
  // What is written to DDR comes bit by bit; when all of it is there, so is what is waited for
  // upstream.
  for (bool shims : {true, false})
    for (auto [c, channel] : llvm::enumerate(channels)) {
      if ((model.kind(model.channels[channel.channel].tile) == TileKind::Shim) != shims)
        continue;
      size_t tokens = llvm::count_if(channel.pushes, [](const QueueAction &p) { return p.token; });
      for (; waited[c] < tokens; ++waited[c])
        wait(channel);
    }
  return actions;
}
