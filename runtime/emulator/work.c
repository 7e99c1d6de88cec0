#include "work.h"

void aie_set_executor(struct aie_array *array, const struct aie_executor *executor) {
  aie_settle(array);
  array->executor = executor;
}

void aie_settle(const struct aie_array *array) {
  if (array->executor)
    array->executor->wait(array->executor->user);
}

void *aie_work_reserve(const struct aie_array *array, uint32_t bytes) {
  const struct aie_executor *executor = array->executor;
  if (!executor)
    return NULL;
  void *work = executor->reserve(executor->user, bytes);
  if (!work)
    executor->wait(executor->user);
  return work;
}

void aie_work_submit(const struct aie_array *array, aie_work_fn function) {
  array->executor->submit(array->executor->user, function);
}
