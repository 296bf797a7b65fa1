// Whose turn it is when not everybody can be served: the client that the workers did least for lately; among equals the
// one with the newest request; and of each client its newest request first. Order only; who is worth starting is the
// policy's to say. Pure: no clock of its own.
//
// Invariants: an entry is in one client's stack or in none; what was done for a client fades alike for all, so that time
// alone never changes the order; O(log n) to join, leave or be served; bounded memory of clients that do not wait.

export interface Sharer {
  readonly client: string
  /** The monotonic moment since which it waits. */
  readonly since: number
  /** Its place among its client's: the next older and the next newer one. */
  older: Sharer | null
  newer: Sharer | null
  turn: Turn | null
}

/** A client that has requests waiting, and its place in the heap. */
export interface Turn {
  readonly key: string
  done: number
  newest: Sharer | null
  oldest: Sharer | null
  place: number
}

/** What was done for a client counts half after this time. */
const HALF_LIFE_MS = 5_000
/** Clients that were served and do not wait are remembered up to this number, the last served. */
const REMEMBERED = 4_096

export class FairShare {
  readonly #heap: Turn[] = []
  readonly #turns = new Map<string, Turn>()
  /** What was done for those that do not wait now. */
  readonly #done = new Map<string, number>()
  #epoch = 0

  /** Joins as its client's newest, or, when it was put aside and is wanted again, as its oldest. */
  add(entry: Sharer, asOldest = false): void {
    const key = shareOf(entry.client)
    let turn = this.#turns.get(key)
    if (turn === undefined) {
      turn = { key, done: this.#done.get(key) ?? 0, newest: null, oldest: null, place: this.#heap.length }
      this.#done.delete(key)
      this.#turns.set(key, turn)
      this.#heap.push(turn)
    }
    entry.turn = turn
    entry.older = asOldest ? null : turn.newest
    entry.newer = asOldest ? turn.oldest : null
    if (entry.older === null) turn.oldest = entry
    else entry.older.newer = entry
    if (entry.newer === null) turn.newest = entry
    else entry.newer.older = entry
    this.#moved(turn)
  }

  /** Leaves; harmless when it is not here. */
  remove(entry: Sharer): void {
    const { turn } = entry
    if (turn === null) return
    if (entry.older === null) turn.oldest = entry.newer
    else entry.older.newer = entry.newer
    if (entry.newer === null) turn.newest = entry.older
    else entry.newer.older = entry.older
    entry.older = entry.newer = entry.turn = null
    if (turn.newest === null) this.#drop(turn)
    else this.#moved(turn)
  }

  /** The entry whose turn it is; null when nobody waits. */
  get first(): Sharer | null {
    return this.#heap[0]?.newest ?? null
  }

  /** A request of this client was started, which takes a worker so many milliseconds. */
  served(client: string, costMs: number, at: number): void {
    if (this.#epoch === 0) this.#epoch = at
    if (at - this.#epoch > 500 * HALF_LIFE_MS) this.#rebase(at)
    const key = shareOf(client)
    const cost = costMs * 2 ** ((at - this.#epoch) / HALF_LIFE_MS)
    const turn = this.#turns.get(key)
    if (turn === undefined) {
      this.#remember(key, (this.#done.get(key) ?? 0) + cost)
    } else {
      turn.done += cost
      this.#moved(turn)
    }
  }

  clear(): void {
    for (const turn of this.#heap) {
      for (let entry = turn.oldest; entry !== null; ) {
        const next: Sharer | null = entry.newer
        entry.older = entry.newer = entry.turn = null
        entry = next
      }
    }
    this.#heap.length = 0
    this.#turns.clear()
    this.#done.clear()
    this.#epoch = 0
  }

  #drop(turn: Turn): void {
    this.#turns.delete(turn.key)
    if (turn.done > 0) this.#remember(turn.key, turn.done)
    const last = this.#heap.pop() as Turn
    if (last === turn) return
    last.place = turn.place
    this.#heap[last.place] = last
    this.#moved(last)
  }

  // The one served longest ago is the first in a Map's order, and makes room.
  #remember(key: string, done: number): void {
    this.#done.delete(key)
    this.#done.set(key, done)
    if (this.#done.size <= REMEMBERED) return
    for (const oldest of this.#done.keys()) {
      this.#done.delete(oldest)
      return
    }
  }

  #rebase(at: number): void {
    const scale = 2 ** ((this.#epoch - at) / HALF_LIFE_MS)
    for (const turn of this.#heap) turn.done *= scale
    for (const [key, done] of this.#done) this.#done.set(key, done * scale)
    this.#epoch = at
  }

  // — a binary heap that knows each turn's place

  #moved(turn: Turn): void {
    const heap = this.#heap
    let at = turn.place
    while (at > 0) {
      const up = (at - 1) >> 1
      if (!before(turn, heap[up]!)) break
      heap[at] = heap[up]!
      heap[at]!.place = at
      at = up
    }
    for (;;) {
      let down = 2 * at + 1
      if (down + 1 < heap.length && before(heap[down + 1]!, heap[down]!)) down++
      if (down >= heap.length || !before(heap[down]!, turn)) break
      heap[at] = heap[down]!
      heap[at]!.place = at
      at = down
    }
    heap[at] = turn
    turn.place = at
  }
}

function before(a: Turn, b: Turn): boolean {
  if (a.done !== b.done) return a.done < b.done
  return (a.newest?.since ?? 0) > (b.newest?.since ?? 0)
}

/** A client's share goes by its address; of an IPv6 address by its first 64 bits, as one host has all the rest. */
export function shareOf(client: string): string {
  if (!client.includes(':') || client.includes('.')) return client
  const [before = '', after] = client.split('::', 2)
  const groups = before === '' ? [] : before.split(':')
  if (after !== undefined) {
    const tail = after === '' ? [] : after.split(':')
    while (groups.length + tail.length < 8) groups.push('0')
    groups.push(...tail)
  }
  return groups.slice(0, 4).join(':')
}
