// A data plane in a thread of its own: what the thread runs. Its admission, its observer and its upstreams stand in for
// those of the house, which is told and asked by messages; when the house says stop, the thread ends.

import { parentPort, workerData } from 'node:worker_threads'
import { Clock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { peersOf } from '../kernel/connections.ts'
import { Observer } from '../observe/observer.ts'
import { RouteNames } from '../route-names.ts'
import { Vitals } from '../vitals.ts'
import { Warnings } from '../warnings.ts'
import type { Prepared } from './entrances.ts'
import type { Beginning, Call, Listening, Report, ToHouse, ToPlane } from './messages.ts'
import { Outbox, type Port } from './outbox.ts'
import { Plane } from './plane.ts'
import { RemoteGroups } from './remote-groups.ts'

/** The observer's beat, in milliseconds: log lines are no older when they go to the house. */
const OBSERVE_EVERY_MS = 250

const {
  config,
  groups: openings,
  vitals,
  planes,
  first,
  zones,
  tickets,
  version,
} = workerData as Beginning & { config: Config }
const port = parentPort!
const outbox = new Outbox<ToHouse>(port as Port<ToHouse>)
const clock = new Clock()
const groups = new RemoteGroups(openings, outbox)
const warnings = new Warnings(message => outbox.put({ kind: 'warning', message }))
const observer = new Observer({
  ...config,
  version,
  outlet: {
    requests: text => outbox.put({ kind: 'requests', text }),
    line: text => outbox.put({ kind: 'line', text }),
    health: (path, answer, text) => outbox.put({ kind: 'health', path, answer, text }),
    counted: counts => outbox.put({ kind: 'counted', counts }),
    lost: lost => outbox.put({ kind: 'lost', lost }),
    listener: (upstream, there) => outbox.put({ kind: 'listener', upstream, there }),
    get watching() {
      return groups.watching
    },
  },
})
const plane = new Plane({
  config,
  clock,
  observer,
  groups,
  routes: new RouteNames(),
  vitals: vitals === null ? null : new Vitals(vitals),
  warn: message => warnings.give(message),
  planes,
  first,
  zones,
  tickets,
})
/** New settings that wait for the word. */
let prepared: Prepared | null = null

let observedAt = 0
clock.onTick(at => {
  outbox.flush()
  if (at - observedAt < OBSERVE_EVERY_MS) return
  observedAt = at
  observer.tick(at)
})
clock.start()

port.on('message', (messages: readonly ToPlane[]) => {
  for (const message of messages) {
    if (message.kind === 'call') void answer(message.call, message)
    else if (message.kind === 'workers')
      observer.names.peers = ports => peersOf(ports, message.port, message.pids)
    else groups.hear(message)
  }
})

// The lines before a crash matter most.
process.on('exit', flush)

function flush(): void {
  observer.flush()
  outbox.flush()
}

async function answer(call: number, asked: Call): Promise<void> {
  try {
    const value = await carryOut(asked)
    if (asked.what === 'stop' || asked.what === 'flush') observer.flush()
    outbox.put({ kind: 'reply', call, value })
  } catch (error) {
    outbox.put({ kind: 'failed', call, message: error instanceof Error ? error.message : String(error) })
  }
  if (asked.what !== 'stop') return
  outbox.flush()
  // Ends the thread, and nothing else.
  process.exit()
}

function carryOut(asked: Call): unknown {
  switch (asked.what) {
    case 'listen':
      return plane.listen(asked.addresses).then(listening => listening.map(whereOf))
    case 'prepare':
      return plane.prepare(asked.config, asked.zones).then(next => {
        prepared = next
      })
    case 'reopen':
      return plane.reopenLogs()
    case 'commit':
    case 'abandon': {
      const settled = prepared
      prepared = null
      return settled?.[asked.what]()
    }
    case 'drain': {
      const { active, ended } = plane.drain(asked.reason, asked.timeout)
      void ended.then(cut => outbox.put({ kind: 'drained', cut }))
      return active
    }
    case 'report':
      return report()
    case 'flush':
      return
    case 'stop':
      clock.stop()
      return plane.stop()
  }
}

function whereOf({ address, secure }: Listening): Listening {
  return { address, secure }
}

function report(): Report {
  return {
    observed: observer.overview.snapshot(),
    spools: plane.spoolUsage(),
    connections: plane.counts(),
    lanes: groups.lanes(),
  }
}
