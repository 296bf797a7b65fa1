// The tries of a request at its upstreams, as the variables and the log tell of them. Decides nothing.

import { now } from '../clock.ts'
import type { Exchange } from '../exchange.ts'
import type { UpstreamGroup } from '../house.ts'
import type { Travelled } from '../passing.ts'
import type { UpstreamTry } from '../visit.ts'

/** A try of which nothing has come yet. @param apart it was passed on in another place before */
export function newTry(address: string, apart: boolean): UpstreamTry {
  return {
    address,
    apart,
    status: 0,
    connectMs: -1,
    headerMs: -1,
    responseMs: -1,
    bytesReceived: 0,
    bytesSent: 0,
    bodyBytes: 0,
  }
}

/**
 * Adds the try that begins. Where requests are held, an address that refuses is asked again and again: it is told once, by
 * the last time.
 */
export function addTry(tries: UpstreamTry[], next: UpstreamTry, held: boolean): void {
  const at = held && tries.length > 0 && !next.apart ? refusedAt(tries, next.address) : -1
  if (at === -1) {
    tries.push(next)
    return
  }
  const [gone] = tries.splice(at, 1)
  tries.push(next)
  // The first of its place is told apart from those of the place before.
  if (gone!.apart) tries[at] = Object.assign(tries[at]!, { apart: true })
}

/** Where in the same place that address did not come to a connection; -1: nowhere. */
function refusedAt(tries: readonly UpstreamTry[], address: string): number {
  const from = tries.findLastIndex(({ apart }) => apart)
  return tries.findIndex(
    (each, i) => i >= from && each.address === address && each.status !== 0 && each.connectMs === -1,
  )
}

/**
 * What stands in the place of a try where the group had no address to give: its name, as with nginx. Of a single server its
 * address, and of a name that a request worked out all of them, which nginx asks whether they are there or not.
 */
export function namesOfNobody({
  config: { name, named, servers },
  addresses,
}: Pick<UpstreamGroup, 'config' | 'addresses'>): readonly string[] {
  if (!named) return addresses
  return servers.length === 1 && addresses.length === 1 && !servers[0]!.down ? addresses : [name]
}

/** Those that one place makes of a visit, after those of the places before it. */
export class Tries {
  /** The one that is under way, or was the last; null: none was made yet. */
  current: UpstreamTry | null = null
  readonly #tries: UpstreamTry[]
  readonly #group: UpstreamGroup
  /** How many other places made before it. */
  readonly #before: number
  #begunAt = 0
  #headBytes = 0
  #isRead = false

  constructor(tries: UpstreamTry[], group: UpstreamGroup) {
    this.#tries = tries
    this.#group = group
    this.#before = tries.length
  }

  /** What this comes to where nothing is known of this place's tries: nginx writes a head before the first, for all. */
  unknownTo<T>(work: () => T): T {
    const own = this.#tries.splice(this.#before)
    try {
      return work()
    } finally {
      this.#tries.push(...own)
    }
  }

  begin(address: string): void {
    this.#add(newTry(address, this.#apart))
    this.#begunAt = now()
    this.#isRead = false
  }

  /** The answer that has begun goes somewhere: of any other nginx reads the head, and says that it was empty. */
  read(): void {
    this.#isRead = true
  }

  /** The queue gave the request to nobody. As nginx has it, that is a try as well: at the group itself. */
  noneLeft(): void {
    for (const where of namesOfNobody(this.#group))
      this.#add({ ...newTry(where, this.#apart), status: 502, responseMs: 0 })
  }

  /** The last that could be had has refused: those that were known to refuse are told as well, where nginx asks them all. */
  restAway(): void {
    if (this.#group.config.named) return
    const asked = new Set(this.#tries.slice(this.#before).map(({ address }) => address))
    for (const where of this.#group.addresses)
      if (!asked.has(where)) this.#add({ ...newTry(where, this.#apart), status: 502, responseMs: 0 })
  }

  #add(one: UpstreamTry): void {
    this.current = one
    addTry(this.#tries, one, this.#group.hold > 0)
  }

  /** It was passed on in another place before. */
  get #apart(): boolean {
    return this.current === null && this.#tries.length > 0
  }

  tell(event: 'connected' | 'head' | 'end', { received, sent }: Travelled): void {
    const { current } = this
    if (current === null) return
    const after = now() - this.#begunAt
    if (event === 'connected') current.connectMs = after
    else if (event === 'head') {
      current.headerMs = after
      this.#headBytes = received
    } else {
      current.responseMs = after
      current.bytesReceived = received
      current.bytesSent = sent
      // What framed it is counted as nginx does, which takes all that follows the head.
      if (this.#isRead) current.bodyBytes = received - this.#headBytes
    }
  }

  /** What was answered, or what nginx says where nothing was. */
  status(status: number): void {
    if (this.current !== null) this.current.status = status
  }
}

/** Of a try that was upgraded: the lane tells its exchange, and no one else, how far it came. */
export function endUpgrade(
  last: UpstreamTry,
  { status, failedIn, timers: { connect, wait, respond } }: Exchange,
): void {
  last.status = status
  last.connectMs = connect
  if (failedIn === null || failedIn === 'responding' || failedIn === 'delivering')
    last.headerMs = connect + wait
  last.responseMs = connect + wait + respond
}
