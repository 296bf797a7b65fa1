// The method of a group and the queue in front of it together: who is given to whom, who waits and who does not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admission } from '../../src/admit/admission.ts'
import { type Slot, SlotPool } from '../../src/admit/slot-pool.ts'
import { Clock, now } from '../../src/clock.ts'
import type { Balance } from '../../src/config/nginx/group-config.ts'
import { Failure } from '../../src/errors.ts'
import { Exchange } from '../../src/exchange.ts'
import { GroupChooser } from '../../src/groups/group-chooser.ts'
import { pickerFor } from '../../src/upstream/balance/picker.ts'
import { type Terms, USUAL_TERMS } from '../../src/upstream/balance/standing.ts'
import { Upstream } from '../../src/upstream/upstream.ts'

type Server = Partial<Terms> & { slots?: number; down?: boolean }

interface Asking {
  readonly exchange: Exchange
  slot: Slot<Upstream> | null
}

class Rig {
  readonly admission: Admission<Upstream>
  readonly pools: readonly SlotPool<Upstream>[]

  constructor(balance: Balance, ...servers: Server[]) {
    this.admission = new Admission<Upstream>({
      queueSize: 10,
      queueTimeout: 30_000,
      clock: new Clock(),
      outlook: () => 'open',
      chooser: new GroupChooser(pickerFor(balance)),
    })
    this.pools = servers.map(({ slots = 1, down = false, ...terms }, rank) => {
      const name = 'abcdef'[rank]!
      const membership = {
        server: name,
        terms: { ...USUAL_TERMS, ...terms },
        withdrawn: down,
        rank,
        label: null,
      }
      const upstream = new Upstream(
        name,
        { host: '127.0.0.1', port: rank + 1 },
        { down() {}, up() {} },
        membership,
      )
      const limit = terms.maxConns || slots
      const pool = new SlotPool(upstream, limit, () => this.admission.dispatch())
      this.admission.pools.push(pool)
      return pool
    })
  }

  ask(key: string | null = null, tried: string[] | null = null): Asking {
    const exchange = new Exchange('192.0.2.1', now())
    exchange.balanceKey = key
    exchange.tried = tried
    const asking: Asking = { exchange, slot: null }
    const answer = this.admission.enter(exchange, tried !== null, true)
    if (answer instanceof Failure) assert.fail(answer.message)
    if (answer instanceof Promise) {
      void answer.then(slot => {
        if (!(slot instanceof Failure)) asking.slot = slot
      })
    } else asking.slot = answer
    return asking
  }

  /** Whom so many are given to, or `-`. */
  given(count: number): string {
    return Array.from({ length: count }, () => nameOf(this.ask())).join(' ')
  }
}

function nameOf({ slot }: Asking): string {
  return slot?.pool.backend.name ?? '-'
}

const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('the method chooses among those that have room', () => {
  const rig = new Rig({ by: 'round robin' }, { slots: 2 }, { slots: 1 }, { slots: 9, weight: 2 })
  assert.equal(rig.given(6), 'c a b c c a')
  assert.equal(rig.given(3), 'c c c')
})

test('backups are for when the others are away, and not for when they are busy', async () => {
  const rig = new Rig({ by: 'round robin' }, { slots: 1 }, { slots: 9, backup: true })
  const first = rig.ask()
  const second = rig.ask()
  assert.deepEqual([nameOf(first), nameOf(second)], ['a', '-'])
  first.slot!.release()
  await settled()
  assert.equal(nameOf(second), 'a')
  rig.pools[0]!.backend.refused('ECONNREFUSED')
  second.slot!.release()
  assert.equal(rig.given(2), 'b b')
})

test('max_conns counts as away, as nginx has it: then the backup is asked, and when that has its own, the queue', async () => {
  const rig = new Rig({ by: 'least conn' }, { maxConns: 2 }, { maxConns: 1, backup: true })
  assert.equal(rig.given(3), 'a a b')
  const waits = rig.ask()
  assert.equal(nameOf(waits), '-')
})

test('whoever failed too often is left out, until all have', () => {
  const rig = new Rig({ by: 'round robin' }, { slots: 9 }, { slots: 9 })
  rig.pools[0]!.backend.went(false)
  assert.equal(rig.given(3), 'b b b')
  rig.pools[1]!.backend.went(false)
  assert.equal(rig.given(2), 'a a')
  assert.equal(nameOf(rig.ask(null, ['a'])), 'b', 'then, too, a request that comes again goes to another')
})

test('one that is marked down is given nothing, and a group of such has nothing to give', () => {
  const rig = new Rig({ by: 'round robin' }, { slots: 9, down: true }, { slots: 9 })
  assert.equal(rig.given(3), 'b b b')
})

test('a request that comes again goes to another, and to the same one only when it has been everywhere', () => {
  const rig = new Rig({ by: 'round robin' }, { slots: 9 }, { slots: 9 }, { slots: 9, backup: true })
  assert.equal(nameOf(rig.ask(null, ['a'])), 'b')
  assert.equal(nameOf(rig.ask(null, ['a', 'b'])), 'c')
  assert.match(nameOf(rig.ask(null, ['a', 'b', 'c'])), /[ab]/)
})

test('a key’s request waits for its own server, and those behind it do not wait for that', async () => {
  const key = { text: '$uri', at: { file: '', line: 0 } }
  for (const balance of [
    { by: 'hash', key, consistent: true },
    { by: 'hash', key, consistent: false },
  ] as const) {
    const rig = new Rig(balance, { slots: 1 }, { slots: 1 })
    const first = rig.ask('one')
    const twin = rig.ask('one')
    const [own, other] = nameOf(first) === 'a' ? ['a', 'b'] : ['b', 'a']
    assert.equal(nameOf(twin), '-')
    const keyOfOther = Array.from({ length: 99 }, (_, i) => `k${i}`).find(each => {
      const probe = rig.ask(each)
      const went = nameOf(probe)
      probe.slot?.release()
      if (probe.slot === null) probe.exchange.interrupt(new Failure('client_left'))
      return went === other
    })
    assert.ok(keyOfOther !== undefined)
    assert.equal(rig.admission.length, 1)
    first.slot!.release()
    await settled()
    assert.equal(nameOf(twin), own)
    assert.equal(rig.admission.length, 0)
  }
})

test('the key’s server has max_conns or is away: the next one serves it', () => {
  const rig = new Rig({ by: 'ip hash' }, { maxConns: 1 }, { slots: 1 })
  const names = [nameOf(rig.ask('192.0.2.1')), nameOf(rig.ask('192.0.2.1'))]
  if (names[0] === 'a') assert.deepEqual(names, ['a', 'b'])
  else assert.deepEqual(names, ['b', '-'])
  const away = new Rig({ by: 'ip hash' }, { slots: 1 }, { slots: 1 })
  const own = away.ask('192.0.2.1')
  own.slot!.pool.backend.refused('ECONNREFUSED')
  assert.match(nameOf(away.ask('192.0.2.1')), nameOf(own) === 'a' ? /b/ : /a/)
})

test('those that wait for one place are counted, are told how long they wait, and leave when their client does', () => {
  const key = { text: '$uri', at: { file: '', line: 0 } }
  const rig = new Rig({ by: 'hash', key, consistent: false }, { slots: 1 }, { slots: 1 })
  rig.ask('one')
  const waiting = rig.ask('one')
  assert.equal(rig.admission.length, 1)
  assert.ok(rig.admission.oldest(now() + 1_000) >= 1_000)
  waiting.exchange.interrupt(new Failure('client_left'))
  assert.equal(rig.admission.length, 0)
  for (let i = 0; i < 10; i++) rig.ask('one')
  assert.equal(rig.admission.refusal(new Exchange('peer', now()))?.code, undefined)
})

test('a paused queue lets nobody go, wherever it waits', async () => {
  const key = { text: '$uri', at: { file: '', line: 0 } }
  const rig = new Rig({ by: 'hash', key, consistent: false }, { slots: 1 }, { slots: 1 })
  const first = rig.ask('one')
  const second = rig.ask('one')
  rig.admission.pause(null)
  first.slot!.release()
  await settled()
  assert.equal(second.slot, null)
  rig.admission.resume()
  await settled()
  assert.notEqual(second.slot, null)
})
