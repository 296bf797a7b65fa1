// The policy against first in, first out, and last in, first out, on simulated time, over patterns less even than those of
// `policy.test.ts`: capacity that drifts, a worker that hangs, patient clients among impatient ones, load that comes and goes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Arrival,
  Chosen,
  type Discipline,
  Plain,
  poisson,
  simulate,
  uniform,
} from '../support/queue-simulator.ts'
import { Random } from '../support/random.ts'

const workers = 4
/** Requests a second that the workers can do, of 50 ms each. */
const capacity = 80

function arrive(
  seconds: number,
  highest: number,
  rate: (at: number) => number,
  each: (at: number, random: Random) => Partial<Arrival>,
): Arrival[] {
  const random = new Random(1)
  return poisson(random, seconds, highest * capacity, at => rate(at) * capacity).map(at => ({
    ...{ at, client: 'one', route: 'GET /', service: 50, patience: 1_000 },
    ...each(at, random),
  }))
}

/** From 50 ms to `most` and back, within two minutes. */
function drift(load: number, most: number, patience: number): Arrival[] {
  const slower = (at: number) => 50 + (most - 50) * (1 - Math.abs(at - 60_000) / 60_000)
  return arrive(
    120,
    load,
    () => load,
    at => ({ patience, service: slower(at) }),
  )
}

/** Every 25 seconds one request holds its worker for twenty. */
function hanging(load: number, patience: number): Arrival[] {
  const arrivals = arrive(
    100,
    load,
    () => load,
    () => ({ patience }),
  )
  for (let at = 10_000; at < 100_000; at += 25_000) {
    arrivals.push({ at, client: 'one', route: 'GET /hang', service: 20_000, patience: 30_000 })
  }
  return arrivals.sort((a, b) => a.at - b.at)
}

/** One in twenty waits for a minute, the others for a second. */
function fewPatient(load: number): Arrival[] {
  return arrive(
    60,
    load,
    () => load,
    (_, random) =>
      uniform(random) < 0.05 ? { client: 'patient', patience: 60_000 } : { client: `c${random.below(50)}` },
  )
}

function comesAndGoes(period: number, patience: number): Arrival[] {
  return arrive(
    80,
    2,
    at => (at % period < period / 2 ? 2 : 0.2),
    () => ({ patience }),
  )
}

function answered(arrivals: readonly Arrival[], discipline: Discipline): number {
  return simulate({ workers, arrivals }, discipline).filter(({ end }) => end === 'answered').length
}

const below = {
  'workers that become half as slow again, and recover, at a load of 0.6': drift(0.6, 75, 1_000),
  'one of four workers hangs for most of the time, at a load of 0.5': hanging(0.5, 1_000),
  'the same at 0.7': hanging(0.7, 1_000),
  'the same with patient clients': hanging(0.7, 5_000),
  'a few patient clients among impatient ones, at a load of 0.9': fewPatient(0.9),
}

for (const [name, arrivals] of Object.entries(below)) {
  test(`${name}: never worse than first in, first out`, () => {
    const [inOrder, chosen] = [answered(arrivals, new Plain(false)), answered(arrivals, new Chosen())]
    assert.ok(chosen >= inOrder, `${chosen} of ${arrivals.length} answered, ${inOrder} in order`)
  })
}

const beyond = {
  'workers that drift beyond what is asked and back, 1 s clients': drift(0.8, 75, 1_000),
  'the same with 5 s clients': drift(0.8, 75, 5_000),
  'workers that become three times as slow': drift(0.8, 150, 1_000),
  'one of four workers hangs at a load of 0.9': hanging(0.9, 1_000),
  'a few patient clients at 1.1 × the capacity': fewPatient(1.1),
  'a few patient clients at twice the capacity': fewPatient(2),
  'twice the capacity for ten seconds of twenty': comesAndGoes(20_000, 1_000),
  'twice the capacity for twenty seconds of forty, 5 s clients': comesAndGoes(40_000, 5_000),
}

for (const [name, arrivals] of Object.entries(beyond)) {
  test(`${name}: about as good as the better of the two orders`, () => {
    const [fifo, lifo] = [answered(arrivals, new Plain(false)), answered(arrivals, new Plain(true))]
    const chosen = answered(arrivals, new Chosen())
    const shown = `${chosen} of ${arrivals.length} answered, ${fifo} in order, ${lifo} newest first`
    assert.ok(chosen >= 0.97 * Math.max(fifo, lifo), shown)
  })
}

test('a burst that is longer than its clients wait costs at most one in fifty of what order would serve', () => {
  for (const [size, every] of [
    [100, 5_000],
    [100, 15_000],
    [200, 5_000],
    [200, 15_000],
  ] as const) {
    const arrivals = arrive(
      60,
      0.3,
      () => 0.3,
      () => ({}),
    )
    for (let at = 1_000; at < 60_000; at += every) {
      for (let i = 0; i < size; i++)
        arrivals.push({ at: at + i / 100, client: 'one', route: 'GET /', service: 50, patience: 1_000 })
    }
    arrivals.sort((a, b) => a.at - b.at)
    const [inOrder, chosen] = [answered(arrivals, new Plain(false)), answered(arrivals, new Chosen())]
    assert.ok(chosen >= 0.98 * inOrder, `${size} every ${every} ms: ${chosen} answered, ${inOrder} in order`)
  }
})
