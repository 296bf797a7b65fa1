// Several groups between the house and its planes, in one thread: messages lie in boxes until the test delivers them.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Clock, now } from '../../src/clock.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { Failure } from '../../src/errors.ts'
import { Exchange } from '../../src/exchange.ts'
import type { Group, GroupParts } from '../../src/groups/group.ts'
import { Groups } from '../../src/groups/groups.ts'
import type { WorkerSlot } from '../../src/house.ts'
import { Observer } from '../../src/observe/observer.ts'
import type { Waiting } from '../../src/planes/desk.ts'
import { type AtTheDesks, Desks } from '../../src/planes/desks.ts'
import type { ToHouse, ToPlane } from '../../src/planes/messages.ts'
import { Outbox } from '../../src/planes/outbox.ts'
import { type ForGroups, RemoteGroups } from '../../src/planes/remote-groups.ts'
import { siteOf } from '../config/nginx/reading.ts'

class Rig {
  readonly groups: Groups
  readonly desks: Desks
  readonly plane: RemoteGroups
  readonly #toHouse: ToHouse[] = []
  readonly #toPlane: ToPlane[] = []
  readonly #outbox = new Outbox<ToHouse>({ postMessage: messages => this.#toHouse.push(...messages) })
  readonly #waiting: Waiting = new Map()

  constructor(t: TestContext, text: string) {
    const resolved = resolveConfig({ flags: { upstream: ['127.0.0.1:8000'] }, env: {} })
    assert.ok('config' in resolved)
    const config = { ...resolved.config, workers: 1, workersCertain: true, site: siteOf(t, text) }
    const observer = new Observer({ ...config, logLevel: 'silent', version: '0' })
    this.desks = new Desks(message => this.#toPlane.push(message))
    const parts: GroupParts = {
      config,
      clock: new Clock(),
      observer,
      draining: false,
      site: config.site,
      lanesOf: (group, upstream) => this.desks.lanesOf(group, upstream),
      removed: (group, upstream) => this.desks.removed(group, upstream),
    }
    this.groups = new Groups(parts)
    this.desks.serve(this.groups)
    // Nobody is looked for, as nobody listens there.
    void this.groups.start(new Promise(() => {}))
    this.plane = new RemoteGroups(this.desks.openings(), this.#outbox)
    t.after(async () => {
      this.groups.stop()
      await observer.close()
    })
  }

  /** Has everything said and heard, until nobody has anything to say. */
  async talk(): Promise<void> {
    for (let quiet = false; !quiet; ) {
      this.#outbox.flush()
      const [toHouse, toPlane] = [this.#toHouse.splice(0), this.#toPlane.splice(0)]
      quiet = toHouse.length + toPlane.length === 0
      for (const message of toHouse)
        this.desks.hear(message as AtTheDesks, this.#waiting, reply => this.#toPlane.push(reply))
      this.desks.settle(false)
      for (const message of toPlane) this.plane.hear(message as ForGroups)
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  async slot(name: string): Promise<WorkerSlot | Failure | null> {
    const asked = this.plane.of(name).admission.enter(new Exchange('peer', now()), false, true)
    let settled: WorkerSlot | Failure | null = null
    void Promise.resolve(asked).then(result => {
      settled = result
    })
    await this.talk()
    return settled
  }
}

function nameOf(slot: WorkerSlot | Failure | null): string {
  return slot === null ? '-' : slot instanceof Failure ? slot.code : slot.pool.backend.name
}

test('each group has its own slots and its own queue', async t => {
  const rig = new Rig(t, 'upstream a { server 127.0.0.1:1; } upstream b { server 127.0.0.1:2; }')
  await rig.talk()
  const first = await rig.slot('a')
  assert.equal(nameOf(first), 'a/127.0.0.1:1')
  assert.equal(nameOf(await rig.slot('a')), '-')
  assert.equal(nameOf(await rig.slot('b')), 'b/127.0.0.1:2')
  assert.deepEqual(
    rig.groups.configured.map(({ admission }) => admission.length),
    [1, 0],
  )
})

test('where the method has a choice, every slot is the house’s to give', async t => {
  const rig = new Rig(t, 'upstream a { server 127.0.0.1:1 max_conns=9; server 127.0.0.1:2 max_conns=9; }')
  await rig.talk()
  const given: string[] = []
  for (let i = 0; i < 4; i++) given.push(nameOf(await rig.slot('a')))
  assert.deepEqual(given, ['a/127.0.0.1:1', 'a/127.0.0.1:2', 'a/127.0.0.1:1', 'a/127.0.0.1:2'])
})

test('how a request went is told to the one who chooses', async t => {
  const rig = new Rig(t, 'upstream a { server 127.0.0.1:1 max_conns=9; server 127.0.0.1:2 max_conns=9; }')
  await rig.talk()
  const slot = await rig.slot('a')
  assert.ok(slot !== null && !(slot instanceof Failure))
  slot.pool.backend.went(false)
  await rig.talk()
  const given = [nameOf(await rig.slot('a')), nameOf(await rig.slot('a'))]
  assert.deepEqual(given, ['a/127.0.0.1:2', 'a/127.0.0.1:2'])
})

test('a group that a request works out is opened by the house, and closed for every plane', async t => {
  const rig = new Rig(t, 'upstream a { server 127.0.0.1:1; }')
  const wanted = rig.plane.computed({
    host: '127.0.0.1:9',
    secure: false,
    family: 'http',
    resolver: [],
    shield: null,
  })
  await rig.talk()
  const group = await wanted
  assert.ok(!(group instanceof Failure))
  assert.equal(group.config.servers[0]!.name, '127.0.0.1:9')
  const known = rig.plane.computed({ host: 'A', secure: false, family: 'http', resolver: [], shield: null })
  await rig.talk()
  assert.equal(await known, rig.plane.of('a'))
  const nowhere = rig.plane.computed({
    host: 'app',
    secure: false,
    family: 'http',
    resolver: [],
    shield: null,
  })
  await rig.talk()
  const failure = await nowhere
  assert.ok(failure instanceof Failure)
  assert.equal(failure.detail, 'no resolver defined to resolve app')

  rig.groups.tick(now() + 3_600_000)
  await rig.talk()
  assert.deepEqual(
    rig.groups.all.map(({ name }: Group) => name),
    ['a'],
  )
  const anew = rig.plane.computed({
    host: '127.0.0.1:9',
    secure: false,
    family: 'http',
    resolver: [],
    shield: null,
  })
  await rig.talk()
  assert.notEqual(await anew, group)
})

test('who asks for a slot of a group that is forgotten is told so', async t => {
  const rig = new Rig(t, 'upstream a { server 127.0.0.1:1; }')
  const replies: ToPlane[] = []
  const asks = { kind: 'asks', group: 99, ticket: 1 } as Extract<ToHouse, { kind: 'asks' }>
  rig.desks.hear(asks, new Map(), reply => replies.push(reply))
  assert.deepEqual(
    replies.map(reply => reply.kind === 'sent away' && reply.code),
    ['upstream_unknown'],
  )
})
