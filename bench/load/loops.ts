// The three shapes of load: clients that ask again when they were answered (closed loop), arrivals that come
// whatever happens (open loop), and connections that do nothing. Each returns what ends it.

import { type Arrivals, evenly } from './arrivals.ts'
import { type Ask, Connection, NoAnswer } from './connection.ts'
import type { Tally } from './tally.ts'

export interface Load {
  /** No new requests; settles when those on their way have ended. */
  stop(): Promise<void>
}

/** One request and what its right answer is. */
export interface Plan extends Ask {
  kind: string
  /** The body's length must be this; absent: only the status counts. */
  expectBytes?: number
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Asks once and tallies how it ended. */
async function once(connection: Connection, plan: Plan, tally: Tally): Promise<void> {
  const sent = performance.now()
  try {
    const { status, bytes } = await connection.ask(plan)
    const right = status === 200 && (plan.expectBytes === undefined || plan.expectBytes === bytes)
    tally.add({ at: performance.now(), sent, kind: plan.kind, outcome: right ? 'ok' : 'wrong', status })
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    tally.add({ at: performance.now(), sent, kind: plan.kind, outcome: error.kind, status: 0 })
  }
}

/**
 * `clients` clients, each with one connection, asking again as soon as they are answered. `plan` gets the
 * client's number and how many it has sent. After a failure a client waits 50 ms, as a person would longer.
 */
export function closedLoop(
  port: number,
  clients: number,
  tally: Tally,
  plan: (client: number, turn: number) => Plan,
): Load {
  let running = true
  const open = new Set<Connection>()
  const client = async (number: number): Promise<void> => {
    let connection: Connection | null = null
    for (let turn = 0; running; turn++) {
      if (connection === null || !connection.usable) {
        if (connection !== null) open.delete(connection)
        connection = new Connection(port)
        open.add(connection)
      }
      await once(connection, plan(number, turn), tally)
      if (running && tally.entries.at(-1)?.outcome !== 'ok') await pause(50)
    }
  }
  const all = Array.from({ length: clients }, (_, number) => client(number))
  return {
    stop: async () => {
      running = false
      for (const connection of open) connection.close()
      await Promise.all(all)
    },
  }
}

/**
 * Arrivals by an absolute timetable (a number: so many a second, evenly), over connections that are kept and used
 * again as an edge does. `plan` gets the arrival's number.
 */
export function openLoop(
  port: number,
  arrivals: number | Arrivals,
  tally: Tally,
  plan: (arrival: number) => Plan,
): Load {
  const next = typeof arrivals === 'number' ? evenly(arrivals) : arrivals
  const idle: Connection[] = []
  const pending = new Set<Promise<void>>()
  const start = performance.now()
  let sent = 0
  let due = next()
  const arrive = async (): Promise<void> => {
    let connection = idle.pop()
    while (connection !== undefined && !connection.usable) connection = idle.pop()
    connection ??= new Connection(port)
    await once(connection, plan(sent++), tally)
    if (connection.usable) idle.push(connection)
  }
  const timer = setInterval(() => {
    for (const now = performance.now() - start; due <= now; due = next()) {
      const one = arrive().finally(() => pending.delete(one))
      pending.add(one)
    }
  }, 1)
  return {
    stop: async () => {
      clearInterval(timer)
      await Promise.all(pending)
      for (const connection of idle) connection.close()
    },
  }
}

/** Opens connections that never send a byte, and settles when they stand. */
export async function idleConnections(port: number, count: number): Promise<Load> {
  const all = Array.from({ length: count }, () => new Connection(port))
  await Promise.all(all.map(connection => connection.opened()))
  return {
    stop: async () => {
      for (const connection of all) connection.close()
    },
  }
}
