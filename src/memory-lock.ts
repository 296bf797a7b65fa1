// A lock in memory that all threads share: what is done under it, no other thread does meanwhile. Knows nothing of what
// lies beside it.

/**
 * Does the work while no other thread does any under the same lock. It must be short.
 * @param words the lock is the first of them; 0 from the start
 */
export function alone<T>(words: Int32Array, work: () => T): T {
  // 1: taken; 2: and somebody may be waiting, who is to be woken.
  if (Atomics.compareExchange(words, 0, 0, 1) !== 0)
    while (Atomics.exchange(words, 0, 2) !== 0) Atomics.wait(words, 0, 2)
  try {
    return work()
  } finally {
    if (Atomics.exchange(words, 0, 0) === 2) Atomics.notify(words, 0, 1)
  }
}
