//===- TaskSchedule.h - When which task is pushed to its queue ------------===//
#ifndef ADFC_CONVERSION_ADFTORCB_TASKSCHEDULE_H
#define ADFC_CONVERSION_ADFTORCB_TASKSCHEDULE_H

#include "Transforms/Phase/PhaseModel.h"

#include <vector>

namespace adfc {

/// A push of a task to a channel's queue, or a wait for one token of the channel.
struct QueueAction {
  enum Kind { Push, Wait } kind = Push;
  /// Index into the phase's channels.
  int channel = -1;
  /// Of a push: the task, how often its chain runs, and whether a token marks its end.
  adf::DMAOp task;
  int64_t repeat = 1;
  bool token = false;
};

/// The pushes and waits of a phase, in order.
///
/// A queue holds only so many tasks, and a task repeats its chain only so often. So a task may take
/// several pushes, and a push that has no room waits for the token of an earlier one. Such refills
/// are ordered by how far the channel is through its words when they are needed, for all channels
/// of a phase advance together. A task without an end is pushed once.
std::vector<QueueAction> scheduleTasks(PhaseModel &model, const DeviceModel &device);

} // namespace adfc

#endif // ADFC_CONVERSION_ADFTORCB_TASKSCHEDULE_H
