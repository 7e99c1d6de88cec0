#include "locks.h"

#include "actors.h"
#include "error.h"
#include "events.h"
#include "faults.h"

static int satisfied(const struct aie_lock *lock, int32_t value) {
  return value < 0 ? lock->value >= -value : lock->value == value;
}

static int take(struct aie_array *array, struct aie_lock *lock, int32_t value) {
  aie_fault_hold_lock(array, lock);
  if (!satisfied(lock, value))
    return 0;
  if (value < 0)
    lock->value = (uint8_t)(lock->value + value);
  aie_fault_hold_lock(array, lock);
  return 1;
}

static void enqueue(struct aie_array *array, struct aie_lock *lock, uint32_t actor) {
  array->waiters[actor].next = 0;
  if (lock->last_waiter)
    array->waiters[lock->last_waiter - 1].next = actor + 1;
  else
    lock->first_waiter = actor + 1;
  lock->last_waiter = actor + 1;
}

// previous: the waiter before it plus one, or 0.
static void dequeue(struct aie_array *array, struct aie_lock *lock, uint32_t previous,
                    uint32_t actor) {
  uint32_t next = array->waiters[actor].next;
  if (previous)
    array->waiters[previous - 1].next = next;
  else
    lock->first_waiter = next;
  if (lock->last_waiter == actor + 1)
    lock->last_waiter = previous;
}

// Grants the lock, which the actor `by` changed, to those that wait, first come first served, until
// nobody can have it.
static void changed(struct aie_array *array, struct aie_lock *lock, uint32_t by) {
  aie_fault_hold_lock(array, lock);
  uint32_t previous = 0;
  uint32_t waiter = lock->first_waiter;
  while (waiter) {
    uint32_t actor = waiter - 1;
    uint32_t next = array->waiters[actor].next;
    int32_t value = array->waiters[actor].value;
    if (!take(array, lock, value)) {
      previous = waiter;
      waiter = next;
      continue;
    }
    dequeue(array, lock, previous, actor);
    aie_event_lock_wait(array, actor, by);
    aie_actor_granted(array, actor, array->now - aie_counted(array, array->waiters[actor].since));
    if (value < 0) { // the value changed: earlier ones may want just this
      previous = 0;
      waiter = lock->first_waiter;
    } else {
      waiter = next;
    }
  }
}

static int try_lock(struct aie_array *array, uint32_t lock, int32_t value, uint32_t actor) {
  if (!take(array, &array->locks[lock], value))
    return 0;
  if (value < 0)
    changed(array, &array->locks[lock], actor);
  return 1;
}

int aie_lock_try(struct aie_array *array, uint32_t lock, int32_t value) {
  return try_lock(array, lock, value, AIE_NONE);
}

int aie_lock_acquire(struct aie_array *array, uint32_t lock, int32_t value, uint32_t actor) {
  if (try_lock(array, lock, value, actor))
    return 1;
  struct aie_waiter *waiter = &array->waiters[actor];
  waiter->since = array->now;
  waiter->lock = lock;
  waiter->value = value;
  enqueue(array, &array->locks[lock], actor);
  return 0;
}

void aie_lock_release(struct aie_array *array, uint32_t lock, int32_t value, uint32_t by) {
  struct aie_lock *l = &array->locks[lock];
  int32_t sum = l->value + value;
  if (sum < 0 || sum > AIE_LOCK_MAX) {
    struct aie_tile *tile = &array->tiles[aie_lock_tile(array, lock) - array->tiles];
    uint64_t bit = 1ull << (lock - tile->locks);
    if (sum < 0)
      tile->lock_underflow |= bit;
    else
      tile->lock_overflow |= bit;
    sum = sum < 0 ? 0 : AIE_LOCK_MAX;
  }
  l->value = (uint8_t)sum;
  changed(array, l, by);
}

void aie_lock_set(struct aie_array *array, uint32_t lock, uint32_t value) {
  array->locks[lock].value = (uint8_t)(value & AIE_LOCK_MAX);
  changed(array, &array->locks[lock], AIE_NONE);
}

void aie_lock_forget(struct aie_array *array, uint32_t actor) {
  struct aie_lock *lock = &array->locks[array->waiters[actor].lock];
  uint32_t previous = 0;
  for (uint32_t waiter = lock->first_waiter; waiter; waiter = array->waiters[waiter - 1].next) {
    if (waiter == actor + 1) {
      dequeue(array, lock, previous, actor);
      return;
    }
    previous = waiter;
  }
}
