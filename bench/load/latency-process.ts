// A process of its own that asks at a steady rate and times each answer: the open loop must not wait for the
// bench's other work. Sends a message with the percentiles to whoever started it, and ends.
// Arguments: port, requests a second, seconds.

import { percentile } from '../measure/stats.ts'
import { type Answer, Connection } from './connection.ts'

const [port, rate, seconds] = process.argv.slice(2).map(Number) as [number, number, number]
const idle: Connection[] = []
const times: number[] = []
const pending = new Set<Promise<void>>()
let errors = 0

async function one(warm: boolean): Promise<void> {
  let connection = idle.pop()
  while (connection !== undefined && !connection.usable) connection = idle.pop()
  connection ??= new Connection(port)
  const answer: Answer | null = await connection.ask({ target: '/', deadline: 5000 }).catch(() => null)
  if (answer?.status !== 200) errors++
  else if (!warm) times.push(answer.ms)
  if (connection.usable) idle.push(connection)
}

const settling = 0.5
const start = performance.now()
let sent = 0
const timer = setInterval(() => {
  const now = performance.now() - start
  // Requests that are due at the same tick of the clock would queue behind each other: one at a time.
  if (sent < (now * rate) / 1000) {
    const request = one(sent++ < settling * rate).finally(() => pending.delete(request))
    pending.add(request)
  }
  if (now > (seconds + settling) * 1000) {
    clearInterval(timer)
    void Promise.all(pending).then(report)
  }
}, 1)

function report(): void {
  const message = { p50: percentile(times, 50), p99: percentile(times, 99), samples: times.length, errors }
  process.send?.(message, () => process.exit(0))
}
