// What the tests of the room share: upstreams that admit when they are told to, and an admission whose clock
// ticks by hand.

import assert from 'node:assert/strict'
import { Admission, type AdmissionOptions, type Outlook } from '../../src/admit/admission.ts'
import { type Backend, Slot, SlotPool } from '../../src/admit/slot-pool.ts'
import { Clock, now } from '../../src/clock.ts'
import { Failure } from '../../src/errors.ts'
import { Exchange } from '../../src/exchange.ts'

export class Stub implements Backend {
  readonly name: string
  open = true
  grants = 0
  returns = 0

  constructor(name: string) {
    this.name = name
  }

  admits(): boolean {
    return this.open
  }

  granted(): void {
    this.grants++
  }

  returned(): void {
    this.returns++
  }
}

export type Result = Slot<Stub> | Failure

/** One request at the admission's door, and what became of it. */
export interface Asking {
  readonly exchange: Exchange
  /** Null while it waits. */
  result: Result | null
}

export class Rig {
  readonly clock = new Clock()
  readonly admission: Admission<Stub>
  outlook: Outlook = 'open'

  constructor(options: Partial<AdmissionOptions> = {}) {
    this.admission = new Admission<Stub>({
      queueSize: 10,
      queueTimeout: 30_000,
      clock: this.clock,
      outlook: () => this.outlook,
      ...options,
    })
  }

  /** An upstream with so many slots. */
  pool(limit: number, name = 'app'): SlotPool<Stub> {
    const pool = new SlotPool(new Stub(name), limit, () => this.admission.dispatch())
    this.admission.pools.push(pool)
    return pool
  }

  /** Changes the outlook, as the fleet does. */
  look(outlook: Outlook): void {
    this.outlook = outlook
    this.admission.outlookChanged()
  }

  ask(
    id: string,
    how: { health?: boolean; again?: boolean; mayWait?: boolean; exchange?: Exchange } = {},
  ): Asking {
    const exchange = how.exchange ?? new Exchange('192.0.2.1', now())
    exchange.id = id
    exchange.healthCheck = how.health ?? false
    const answer = this.admission.enter(exchange, how.again ?? false, how.mayWait ?? true)
    const asking: Asking = { exchange, result: answer instanceof Promise ? null : answer }
    if (answer instanceof Promise) {
      void answer.then(result => {
        assert.equal(asking.result, null, `${id} settled twice`)
        asking.result = result
      })
    }
    return asking
  }
}

/** Lets what was settled be told: promises only, no timers and no I/O. */
export function told(): Promise<void> {
  return new Promise(resolve => process.nextTick(() => queueMicrotask(() => queueMicrotask(resolve))))
}

export function slotOf({ exchange, result }: Asking): Slot<Stub> {
  if (result instanceof Slot) return result
  assert.fail(`${exchange.id} has no slot: ${result?.message ?? 'it waits'}`)
}

export function failureOf({ exchange, result }: Asking): string {
  if (result instanceof Failure) return result.code
  assert.fail(`${exchange.id} ${result === null ? 'waits' : 'has a slot'}`)
}
