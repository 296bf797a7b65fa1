// The requests that wait for a slot, in order: a linked list, so that one that gives up leaves at once however
// long the queue is. Order only; who is let go, and when, is `admission.ts`'s to say.

export interface Waiter {
  previous: Waiter | null
  next: Waiter | null
  queue: WaitQueue | null
}

export class WaitQueue {
  length = 0
  first: Waiter | null = null
  last: Waiter | null = null

  /** Joins at the end. */
  push(waiter: Waiter): void {
    waiter.queue = this
    waiter.previous = this.last
    waiter.next = null
    if (this.last === null) this.first = waiter
    else this.last.next = waiter
    this.last = waiter
    this.length++
  }

  /** Joins at the head: one that was let go already and must go again. */
  unshift(waiter: Waiter): void {
    waiter.queue = this
    waiter.previous = null
    waiter.next = this.first
    if (this.first === null) this.last = waiter
    else this.first.previous = waiter
    this.first = waiter
    this.length++
  }

  /** Joins before the first one that `isAfter`, looked for from the head. */
  insert(waiter: Waiter, isAfter: (other: Waiter) => boolean): void {
    let after = this.first
    while (after !== null && !isAfter(after)) after = after.next
    if (after === null) {
      this.push(waiter)
    } else if (after.previous === null) {
      this.unshift(waiter)
    } else {
      waiter.queue = this
      waiter.previous = after.previous
      waiter.next = after
      after.previous.next = waiter
      after.previous = waiter
      this.length++
    }
  }

  /** Leaves the queue it is in; harmless when it is in none. */
  static remove(waiter: Waiter): void {
    const queue = waiter.queue
    if (queue === null) return
    if (waiter.previous === null) queue.first = waiter.next
    else waiter.previous.next = waiter.next
    if (waiter.next === null) queue.last = waiter.previous
    else waiter.next.previous = waiter.previous
    waiter.previous = waiter.next = waiter.queue = null
    queue.length--
  }
}
