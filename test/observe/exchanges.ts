// Finished requests for the tests of the observer: an ordinary one, with what a test changes.

import { Exchange } from '../../src/exchange.ts'
import type { Timers } from '../../src/phases.ts'
import { fold } from '../../src/route-names.ts'

export interface Changes
  extends Partial<Omit<Exchange, 'timers' | 'peer' | 'startedAt' | 'path' | 'outcome' | 'waited'>> {
  timers?: Partial<Timers>
  totalMs?: number
}

/** A GET that took 60 ms, with what `changes` says; started at 1,000,000 on the monotonic clock. */
export function finished(changes: Changes = {}): Exchange {
  const { timers, totalMs, ...rest } = changes
  const x = new Exchange('127.0.0.1', 1_000_000)
  x.id = 'a1b2c3'
  x.client = '203.0.113.7'
  x.method = 'GET'
  x.target = '/reports/7?token=secret'
  x.host = 'www.example.com'
  x.version = '1.1'
  x.status = 200
  x.upstream = '127.0.0.1:8000'
  x.slot = 2
  x.attempts = 1
  x.bytesIn = 321
  x.bytesOut = 4567
  x.enter('done', 1_000_000 + (totalMs ?? 60))
  Object.assign(x.timers, { receive: 0.31, wait: 50.06, respond: 1, ...timers })
  Object.assign(x, rest)
  x.route = `${x.method} ${fold(x.path)}`
  return x
}

/** One that is under way in `phase`, `receiveMs` after its first byte. */
export function running(phase: Exchange['phase'], receiveMs = 0): Exchange {
  const x = finished()
  const y = new Exchange('127.0.0.1', 1_000_000)
  Object.assign(y, { id: x.id, client: x.client, method: x.method, target: x.target, host: x.host })
  if (phase !== 'receiving') y.enter(phase, 1_000_000 + receiveMs)
  return y
}

/** Gathers what is written, line by line. */
export class Gathered {
  text = ''
  write(text: string): void {
    this.text += text
  }
  get lines(): string[] {
    return this.text.split('\n').slice(0, -1)
  }
  get parsed(): Record<string, unknown>[] {
    return this.lines.map(line => JSON.parse(line) as Record<string, unknown>)
  }
}
