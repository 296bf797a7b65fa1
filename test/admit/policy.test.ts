// The policy on simulated time: four workers of 50 ms, the same arrivals for first in, first out, for last in, first out,
// and for the policy; fixed seeds. What is asserted is what docs/decisions/0005 claims.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Lane, Policy } from '../../src/admit/policy.ts'
import {
  type Arrival,
  Chosen,
  type Discipline,
  exponential,
  type Job,
  jobOf,
  Plain,
  poisson,
  type Run,
  simulate,
  uniform,
} from '../support/queue-simulator.ts'
import { Random } from '../support/random.ts'

const workers = 4
const service = 50
/** Requests a second that the workers can do. */
const capacity = 80

type Draw = (random: Random) => number
const fixed: Draw = () => service
const spread: Draw = random => exponential(random, service)
/** Most are short, some take seconds; 50 ms on average. */
const heavy: Draw = random => Math.min(3_000, 16.7 / (1 - uniform(random)) ** (1 / 1.5))

interface Pattern {
  readonly seconds: number
  readonly rate: (at: number) => number
  readonly highest: number
  readonly patience: number
  readonly service?: Draw
  readonly client?: (random: Random) => string
  readonly seed?: number
}

function arrivalsOf(pattern: Pattern): Arrival[] {
  const { seconds, highest, rate, patience, client = () => 'one' } = pattern
  const random = new Random(pattern.seed ?? 1)
  return poisson(random, seconds, highest, rate).map(at => ({
    at,
    client: client(random),
    route: 'GET /',
    service: (pattern.service ?? fixed)(random),
    patience,
  }))
}

function steady(times: number, seconds: number, patience: number, more: Partial<Pattern> = {}): Arrival[] {
  const rate = times * capacity
  return arrivalsOf({ seconds, rate: () => rate, highest: rate, patience, ...more })
}

/** So many requests at once every so often, on top of others. */
function bursts(size: number, everyMs: number, others: number, patience: number): Arrival[] {
  const arrivals = steady(others, 60, patience)
  for (let at = 1_000; at < 60_000; at += everyMs) {
    for (let i = 0; i < size; i++) {
      arrivals.push({ at: at + i / 100, client: 'one', route: 'GET /', service, patience })
    }
  }
  return arrivals.sort((a, b) => a.at - b.at)
}

const answered = (jobs: readonly Job[]): number => jobs.filter(({ end }) => end === 'answered').length

/** Answers between two moments over what the workers could have given. */
function goodput(jobs: readonly Job[], from: number, to: number): number {
  const right = jobs.filter(({ end, endedAt }) => end === 'answered' && endedAt >= from && endedAt < to)
  return right.length / ((capacity * (to - from)) / 1000)
}

function play(arrivals: readonly Arrival[], discipline: Discipline, more: Partial<Run> = {}): Job[] {
  return simulate({ workers, arrivals, ...more }, discipline)
}

// — at twice and three times the capacity

for (const times of [2, 3]) {
  for (const patience of [1_000, 2_000, 5_000]) {
    const arrivals = steady(times, 40, patience)

    test(`${times} × the capacity, clients leave after ${patience} ms: the workers' work is not in vain`, () => {
      const chosen = new Chosen()
      const jobs = play(arrivals, chosen)
      const start = goodput(jobs, 0, 40_000)
      const later = goodput(jobs, 15_000, 40_000)
      const inOrder = goodput(play(arrivals, new Plain(false)), 15_000, 40_000)
      assert.ok(start >= 0.95, `from the start ${start}`)
      assert.ok(later >= 0.98, `later ${later}`)
      assert.ok(inOrder < 0.2, `first in, first out gives ${inOrder}: is this an overload?`)
      const turns = chosen.turns.filter(turn => Number.parseInt(turn, 10) < 40_000)
      assert.match(turns.join(), /^\d+: newest_first$/, 'the order is chosen once')
    })

    test(`${times} × the capacity, ${patience} ms: whoever is served waits little, the others are told early`, () => {
      const jobs = play(arrivals, new Chosen()).filter(({ since }) => since > 15_000)
      const waits = jobs
        .filter(({ end }) => end === 'answered')
        .map(({ since, startedAt }) => startedAt - since)
        .sort((a, b) => a - b)
      const median = waits[Math.floor(waits.length / 2)]!
      assert.ok(median < 100, `half of those answered waited longer than ${median} ms`)
      const shed = jobs.filter(({ end }) => end === 'shed')
      const left = jobs.filter(({ end }) => end === 'left')
      assert.ok(shed.length > 3 * left.length, `${shed.length} were told, ${left.length} left by themselves`)
    })
  }
}

for (const [name, draw] of Object.entries({ spread, heavy })) {
  test(`twice the capacity, ${name} service times: what is begun is not begun in vain`, () => {
    // How many fit in depends on which are drawn; that they are begun in time does not.
    const jobs = play(steady(2, 40, 1_000, { service: draw }), new Chosen())
    const could = jobs.filter(({ startedAt, arrival }) => startedAt > 5_000 && arrival.service < 900)
    assert.ok(answered(could) >= 0.98 * could.length, `${answered(could)} of ${could.length} begun`)
    const worked = jobs.filter(({ startedAt }) => startedAt > 5_000 && startedAt < 40_000)
    const busy = worked.reduce((sum, { arrival }) => sum + arrival.service, 0) / (workers * 35_000)
    assert.ok(busy >= 0.95, `the workers worked ${busy} of the time`)
  })
}

test('clients of all kinds of patience: none of the workers’ time is lost', () => {
  const random = new Random(3)
  const arrivals = steady(2, 40, 0).map(arrival => ({
    ...arrival,
    patience: random.pick([500, 1_000, 3_000, 20_000]),
  }))
  const got = goodput(play(arrivals, new Chosen()), 5_000, 40_000)
  assert.ok(got >= 0.95, `goodput ${got}`)
})

test('when nobody ever leaves, the queue timeout and the room in the queue are the limits', () => {
  const arrivals = steady(2, 60, 1e9)
  const chosen = new Chosen()
  const jobs = play(arrivals, chosen)
  assert.ok(answered(jobs) >= answered(play(arrivals, new Plain(false))))
  assert.ok(
    chosen.turns.some(turn => turn.endsWith('newest_first')),
    'a queue that is always full is an overload',
  )
})

test('health checks are answered within a second, whatever the load', () => {
  const checks: Arrival[] = Array.from({ length: 39 }, (_, i) => ({
    at: 1_000 * (i + 1),
    client: 'probe',
    route: 'GET /healthz',
    service: 5,
    patience: 1_000,
    health: true,
  }))
  const arrivals = [...steady(3, 40, 1_000), ...checks].sort((a, b) => a.at - b.at)
  const jobs = play(arrivals, new Chosen()).filter(({ arrival }) => arrival.health)
  assert.equal(answered(jobs), checks.length)
})

// — fair between clients

function shares(jobs: readonly Job[], from: number): Map<string, number> {
  const asked = new Map<string, number>()
  const got = new Map<string, number>()
  for (const { client, end, since } of jobs) {
    if (since < from) continue
    asked.set(client, (asked.get(client) ?? 0) + 1)
    if (end === 'answered') got.set(client, (got.get(client) ?? 0) + 1)
  }
  return new Map([...asked].map(([client, count]) => [client, (got.get(client) ?? 0) / count]))
}

for (const times of [1.02, 1.1, 1.3]) {
  for (const clients of [20, 200]) {
    test(`${times} × the capacity from ${clients} equal clients: nobody starves`, () => {
      const client: Pattern['client'] = random => `c${random.below(clients)}`
      const arrivals = steady(times, 120, 1_000, { client })
      const jobs = play(arrivals, new Chosen())
      const each = [...shares(jobs, 20_000).values()].sort((a, b) => a - b)
      const mean = each.reduce((sum, share) => sum + share, 0) / each.length
      const shown = `shares from ${each[0]} over ${each[each.length >> 1]} to ${each.at(-1)}, mean ${mean}`
      assert.ok(mean >= 0.96 / times, shown)
      assert.ok(each[0]! >= (clients === 20 ? 0.9 : 0.6) * mean, shown)
    })
  }
}

for (const patience of [1_000, 10_000]) {
  test(`one with 500 requests a second does not crowd out twenty with two (${patience} ms)`, () => {
    const client: Pattern['client'] = random => {
      const who = random.below(540)
      return who < 500 ? 'flood' : `c${(who - 500) >> 1}`
    }
    const arrivals = steady(540 / capacity, 30, patience, { client })
    const each = shares(play(arrivals, new Chosen()), 10_000)
    const flood = each.get('flood')!
    each.delete('flood')
    const least = Math.min(...each.values())
    assert.ok(least >= 0.99, `the least served of the twenty got ${least}, the flood ${flood}`)
    assert.ok(flood > 0.05, `and the flood gets what is left: ${flood}`)
  })
}

// — below capacity

const below: Record<string, { arrivals: Arrival[]; run?: Partial<Run> }> = {}
for (const times of [0.5, 0.8, 0.9, 0.95, 0.98]) {
  for (const patience of [1_000, 5_000]) {
    for (const seed of [1, 2]) {
      const spreadOut = steady(times, 60, patience, { seed, service: spread })
      below[`${times}, ${patience} ms, seed ${seed}`] = { arrivals: steady(times, 60, patience, { seed }) }
      below[`${times}, ${patience} ms, seed ${seed}, spread service`] = { arrivals: spreadOut }
    }
  }
}
Object.assign(below, {
  'bursts of 100 every 5 s, patience 1 s': { arrivals: bursts(100, 5_000, 0.6, 1_000) },
  'bursts of 100 every 5 s, patience 2 s': { arrivals: bursts(100, 5_000, 0.6, 2_000) },
  'bursts of 30 every second': { arrivals: bursts(30, 1_000, 0.55, 1_000) },
  'on and off, patience 5 s': {
    arrivals: arrivalsOf({
      seconds: 60,
      highest: 160,
      rate: at => (at % 10_000 < 3_000 ? 160 : 24),
      patience: 5_000,
    }),
  },
  'on and off, patience 1 s': {
    arrivals: arrivalsOf({
      seconds: 60,
      highest: 160,
      rate: at => (at % 10_000 < 3_000 ? 160 : 24),
      patience: 1_000,
    }),
  },
  'a hold of 7 s lets 500 go at once': { arrivals: steady(0.9, 60, 30_000), run: { openAt: 7_000 } },
  'a hold of 3 s, patience 5 s': { arrivals: steady(0.9, 60, 5_000), run: { openAt: 3_000 } },
})

for (const [name, { arrivals, run }] of Object.entries(below)) {
  test(`below capacity (${name}): never worse than first in, first out`, () => {
    const [inOrder, chosen] = [new Plain(false), new Chosen()].map(each => play(arrivals, each, run))
    const [a, b] = [answered(inOrder!), answered(chosen!)]
    assert.ok(b >= a, `${b} of ${arrivals.length} answered, ${a} in order`)
  })
}

for (const times of [0.9, 0.95, 0.98]) {
  test(`load ${times}, heavy-tailed service: within a thousandth of first in, first out, or better`, () => {
    let [a, b, all] = [0, 0, 0]
    // One long request passed over or not is worth dozens: what is compared is the sum of many runs.
    for (let seed = 1; seed <= 12; seed++) {
      const arrivals = steady(times, 60, 1_000, { seed, service: heavy })
      all += arrivals.length
      a += answered(play(arrivals, new Plain(false)))
      b += answered(play(arrivals, new Chosen()))
    }
    assert.ok(b >= a - all / 1000, `${b} of ${all} answered, ${a} in order`)
  })
}

test('two kinds of work, 5 ms and 2 s, below capacity', () => {
  const random = new Random(5)
  const rate = (0.5 * workers * 1000) / (0.9 * 5 + 0.1 * 2_000)
  const arrivals = poisson(random, 120, rate, () => rate).map(at => {
    const slow = random.below(10) === 0
    return { at, client: 'one', route: slow ? 'slow' : 'fast', service: slow ? 2_000 : 5, patience: 10_000 }
  })
  assert.equal(answered(play(arrivals, new Chosen())), answered(play(arrivals, new Plain(false))))
})

test('when the overload ends, so does its order', () => {
  const chosen = new Chosen()
  play(
    arrivalsOf({
      seconds: 40,
      highest: 160,
      rate: at => (at < 15_000 ? 160 : 60),
      patience: 1_000,
    }),
    chosen,
  )
  assert.deepEqual(
    chosen.turns.map(turn => turn.split(' ')[1]),
    ['newest_first', 'fifo'],
  )
  const [began, ended] = chosen.turns.map(turn => Number.parseInt(turn, 10))
  assert.ok(began! < 10_000 && ended! > 15_000 && ended! < 20_000, chosen.turns.join(', '))
})

// — the invariants

function job(at: number, more: Partial<Arrival> = {}): Job {
  return jobOf({ at, client: 'one', route: 'GET /', service, patience: 1_000, ...more })
}

test('health checks first, then those that come again, the last one first, then the line', () => {
  const policy = new Policy()
  const names = new Map<Job, string>()
  const add = (name: string, lane: Lane): void => {
    const one = job(0)
    names.set(one, name)
    policy.add(one, lane)
  }
  add('a', 'line')
  add('b', 'line')
  add('again 1', 'again')
  add('again 2', 'again')
  add('check', 'health')
  assert.deepEqual([policy.length, policy.waiting, policy.healthCheckWaits], [5, 4, true])
  const order: string[] = []
  for (let next = policy.next(1) as Job | null; next !== null; next = policy.next(1) as Job | null) {
    order.push(names.get(next)!)
    policy.started(next, 1)
  }
  assert.deepEqual(order, ['check', 'again 2', 'again 1', 'a', 'b'])
})

test('a lone request is served however hopeless it looks', () => {
  const policy = new Policy()
  for (let i = 0; i < 50; i++) policy.gone(1_000, 'GET /', true, 5_000)
  const lone = { ...job(4_050), answerBy: 1 }
  policy.add(lone, 'line')
  assert.equal(policy.next(5_000), lone)
  assert.equal(policy.shed(5_000), null)
})

test('who cannot be answered before the edge gives up lets others go first', () => {
  const policy = new Policy()
  policy.answered(50, 50, 'GET /', 0)
  const late = { ...job(0), answerBy: 1_020 }
  const other = job(10)
  policy.add(late, 'line')
  policy.add(other, 'line')
  assert.equal(policy.next(1_000), other)
  policy.started(other, 1_000)
  assert.equal(policy.next(1_000), late)
})

test('a random life keeps the invariants', () => {
  for (let seed = 1; seed <= 30; seed++) randomLife(seed)
})

/** Joins, starts, leaves, learns, in random order: nobody is lost, and nobody idles while somebody waits. */
function randomLife(seed: number): void {
  const random = new Random(seed)
  const policy = new Policy()
  const waiting = new Set<Job>()
  let at = 0
  for (let step = 0; step < 2_000; step++) {
    at += random.below(40)
    const what = random.below(100)
    const where = `seed ${seed}, step ${step}`
    if (what < 50) {
      const one = job(at, { client: `c${random.below(5)}`, route: `r${random.below(3)}` })
      const lane = what < 2 && !policy.healthCheckWaits ? 'health' : what < 5 ? 'again' : 'line'
      policy.asked(true, at)
      policy.add(one, lane)
      waiting.add(one)
    } else if (what < 75) {
      const next = policy.next(at) as Job | null
      assert.equal(next === null, waiting.size === 0, `${where}: a slot stays free while somebody waits`)
      if (next === null) continue
      assert.ok(waiting.delete(next), `${where}: one is served that does not wait`)
      policy.started(next, at)
      if (random.below(4) === 0) policy.abandoned(at - next.since, at - next.since, next.route, at)
      else policy.answered(at - next.since + 50, 50, next.route, at)
    } else if (what < 90) {
      const one = [...waiting][random.below(waiting.size || 1)]
      if (one === undefined) continue
      waiting.delete(one)
      policy.remove(one)
      policy.remove(one)
      policy.gone(at - one.since, one.route, true, at)
    } else {
      policy.tick(at)
      for (let one = policy.shed(at) as Job | null; one !== null; one = policy.shed(at) as Job | null) {
        assert.ok(waiting.delete(one), `${where}: one is shed that does not wait`)
        assert.equal(policy.order, 'newest_first', `${where}: shed without an overload`)
      }
    }
    assert.equal(policy.length, waiting.size, where)
    assert.deepEqual(new Set(policy.all()), waiting, where)
  }
}
