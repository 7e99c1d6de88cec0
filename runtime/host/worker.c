/* One thread writes pieces of work into a ring, the other does them. Positions in the ring only
 * grow: `head` is where the next piece begins, `tail` where the first that is not done does. */
#include "worker.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
  RING_BYTES = 1 << 20, /* a power of two; some thousand pieces */
  MOST_BYTES = RING_BYTES / 4,
  BATCH_BYTES = 16 << 10, /* handed over together: what the threads share moves between caches */
  CACHE_LINE = 64,
  SPINS = 2000, /* looks before a thread sleeps, or lets others run: some 10 microseconds */
};

/* A piece of work; it follows. No function: the ring's end, which had no room. */
struct piece {
  aie_work_fn function;
  uint64_t bytes; /* with this */
};

struct worker {
  struct aie_executor executor;
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t work;
  uint64_t reserved;  /* bytes of the piece that was reserved last */
  uint64_t start;     /* where it begins */
  uint64_t written;   /* the head that is not told yet */
  uint64_t told;      /* the head that is */
  uint64_t seen_tail; /* no less is done */
  uint8_t *ring;
  _Alignas(CACHE_LINE) _Atomic uint64_t head;
  _Alignas(CACHE_LINE) _Atomic uint64_t tail;
  _Alignas(CACHE_LINE) atomic_int sleeping;
  atomic_int stopping;
};

static void look_again(uint32_t *looks) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
  if (++*looks % SPINS == 0)
    sched_yield();
}

static struct piece *piece_at(const struct worker *w, uint64_t position) {
  return (struct piece *)(void *)(w->ring + position % RING_BYTES);
}

/* ---- the array's thread */

static void wake(struct worker *w) {
  pthread_mutex_lock(&w->mutex);
  pthread_cond_signal(&w->work);
  pthread_mutex_unlock(&w->mutex);
}

/* Hands over what has been written. */
static void tell(struct worker *w) {
  if (w->told == w->written)
    return;
  w->told = w->written;
  /* Either the other thread sees this, or this one sees that it sleeps. */
  atomic_store(&w->head, w->told);
  if (atomic_load(&w->sleeping))
    wake(w);
}

static void wait_for_tail(struct worker *w, uint64_t least) {
  uint32_t looks = 0;
  if (w->seen_tail >= least)
    return;
  tell(w);
  while ((w->seen_tail = atomic_load_explicit(&w->tail, memory_order_acquire)) < least)
    look_again(&looks);
}

static void *reserve(void *user, uint32_t bytes) {
  struct worker *w = user;
  uint64_t head = w->written;
  uint64_t whole = (sizeof(struct piece) + bytes + 15ull) / 16 * 16;
  uint64_t left = RING_BYTES - head % RING_BYTES;
  if (whole > MOST_BYTES)
    return NULL;
  uint64_t skipped = left < whole ? left : 0;
  uint64_t end = head + skipped + whole;
  wait_for_tail(w, end > RING_BYTES ? end - RING_BYTES : 0);
  if (skipped)
    *piece_at(w, head) = (struct piece){NULL, skipped};
  w->start = head + skipped;
  w->reserved = whole;
  return piece_at(w, w->start) + 1;
}

static void submit(void *user, aie_work_fn function) {
  struct worker *w = user;
  *piece_at(w, w->start) = (struct piece){function, w->reserved};
  w->written = w->start + w->reserved;
  if (w->written - w->told >= BATCH_BYTES)
    tell(w);
}

static void wait_for_all(void *user) {
  struct worker *w = user;
  wait_for_tail(w, w->written);
}

/* ---- the other thread */

static uint64_t sleep_until_work(struct worker *w, uint64_t tail) {
  uint64_t head;
  pthread_mutex_lock(&w->mutex);
  atomic_store(&w->sleeping, 1);
  while ((head = atomic_load(&w->head)) == tail && !atomic_load(&w->stopping))
    pthread_cond_wait(&w->work, &w->mutex);
  atomic_store(&w->sleeping, 0);
  pthread_mutex_unlock(&w->mutex);
  return head;
}

/* The head, when it is past `tail`; `tail`: there is no more. */
static uint64_t next_head(struct worker *w, uint64_t tail) {
  for (uint32_t looks = 0; looks < SPINS;) {
    uint64_t head = atomic_load_explicit(&w->head, memory_order_acquire);
    if (head != tail)
      return head;
    look_again(&looks);
  }
  return sleep_until_work(w, tail);
}

static void *run(void *user) {
  struct worker *w = user;
  uint64_t tail = 0;
  for (;;) {
    uint64_t head = next_head(w, tail);
    if (head == tail)
      return NULL;
    while (tail != head) {
      struct piece *piece = piece_at(w, tail);
      if (piece->function)
        piece->function(piece + 1);
      tail += piece->bytes;
    }
    atomic_store_explicit(&w->tail, tail, memory_order_release);
  }
}

/* ---- both */

struct worker *worker_start(void) {
  struct worker *w = aligned_alloc(CACHE_LINE, sizeof *w);
  uint8_t *ring = aligned_alloc(CACHE_LINE, RING_BYTES);
  if (!w || !ring) {
    free(ring);
    free(w);
    return NULL;
  }
  *w = (struct worker){.executor = {w, reserve, submit, wait_for_all}, .ring = ring};
  pthread_mutex_init(&w->mutex, NULL);
  pthread_cond_init(&w->work, NULL);
  if (pthread_create(&w->thread, NULL, run, w) == 0)
    return w;
  pthread_cond_destroy(&w->work);
  pthread_mutex_destroy(&w->mutex);
  free(ring);
  free(w);
  return NULL;
}

const struct aie_executor *worker_executor(const struct worker *worker) {
  return &worker->executor;
}

void worker_stop(struct worker *w) {
  if (!w)
    return;
  tell(w);
  atomic_store(&w->stopping, 1);
  wake(w);
  pthread_join(w->thread, NULL);
  pthread_cond_destroy(&w->work);
  pthread_mutex_destroy(&w->mutex);
  free(w->ring);
  free(w);
}
