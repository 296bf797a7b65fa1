// What the tests of the room share: a host that gives every request to the test, behind a real listener, with a
// clock that ticks by hand.

import type { TestContext } from 'node:test'
import { Clock, now } from '../../src/clock.ts'
import type { Failure } from '../../src/errors.ts'
import type { Exchange } from '../../src/exchange.ts'
import type { Framing } from '../../src/http1/framing.ts'
import type { RequestHead } from '../../src/http1/request-head.ts'
import { EdgeConnection } from '../../src/listen/edge-connection.ts'
import type { EdgeHost, EdgeLimits } from '../../src/listen/edge-host.ts'
import { listen } from '../../src/listen/listener.ts'
import { Journal } from '../support/journal.ts'
import { connectRaw, type RawClient } from '../support/raw-client.ts'

/** A request, or what was no request, in the test's hands. */
export interface Served {
  readonly exchange: Exchange
  readonly head: RequestHead | null
  readonly framing: Framing | null
  readonly failure: Failure | null
  readonly edge: EdgeConnection
  /** Answers 200 with a body that names the target, and ends. */
  answer(keepAlive?: boolean): void
}

export type Limits = Partial<EdgeLimits>

const USUAL: EdgeLimits = {
  maxHeader: 32 * 1024,
  keepaliveTimeout: 920_000,
  headerTimeout: 30_000,
  bodyTimeout: 60_000,
  sendTimeout: 60_000,
}

export class Host implements EdgeHost {
  readonly clock = new Clock()
  readonly limits: EdgeLimits
  readonly edges: EdgeConnection[] = []
  readonly requests: Journal<Served>
  readonly events = new Journal<string>('events')
  /** Requests that were asked for so far. */
  #taken = 0

  constructor(limits: Limits) {
    this.limits = { ...USUAL, ...limits }
    this.requests = new Journal('requests', ({ head, failure }) => head?.target ?? String(failure?.message))
  }

  serve(exchange: Exchange, head: RequestHead, framing: Framing, edge: EdgeConnection): void {
    this.#push(exchange, head, framing, null, edge)
  }

  refuse(exchange: Exchange, failure: Failure, edge: EdgeConnection): void {
    exchange.fail(failure)
    this.#push(exchange, null, null, failure, edge)
    // As the pipeline does with nobody to answer.
    if (!exchange.clientPresent) edge.finish(false)
  }

  reopened(): void {
    this.events.push('reopened')
  }

  closed(edge: EdgeConnection): void {
    this.edges.splice(this.edges.indexOf(edge), 1)
    this.events.push('closed')
  }

  /** The next request. */
  async next(): Promise<Served> {
    const at = this.#taken++
    await this.requests.until(() => this.requests.entries.length > at, `request ${at + 1}`)
    return this.requests.entries[at]!
  }

  /** Lets every deadline within so many milliseconds from now pass. */
  pass(ms: number): void {
    this.clock.tick(now() + ms)
  }

  #push(
    exchange: Exchange,
    head: RequestHead | null,
    framing: Framing | null,
    failure: Failure | null,
    edge: EdgeConnection,
  ): void {
    const answer = (keepAlive = true) => {
      const body = head?.target ?? 'refused'
      const status = failure === null ? '200 OK' : `${failure.kind.status} Refused`
      const end = keepAlive ? '' : 'Connection: close\r\n'
      edge.outlet.write(`HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n${end}\r\n${body}`)
      exchange.enter('done')
      edge.finish(keepAlive)
    }
    this.requests.push({ exchange, head, framing, failure, edge, answer })
  }
}

export interface Open {
  readonly host: Host
  readonly address: string
  /** One more client. */
  connect(options?: Parameters<typeof connectRaw>[2]): Promise<RawClient>
}

/** A host behind a listener on loopback. */
export async function open(t: TestContext, limits: Limits = {}): Promise<Open> {
  const host = new Host(limits)
  const listener = await listen({ kind: 'tcp', host: '127.0.0.1', port: 0 }, null, accepted => {
    host.edges.push(new EdgeConnection(host, accepted))
    host.events.push('accepted')
  })
  t.after(() => {
    listener.close()
    for (const edge of [...host.edges]) edge.cut()
  })
  const address = listener.address.kind === 'tcp' ? `127.0.0.1:${listener.address.port}` : ''
  return { host, address, connect: options => connectRaw(t, address, options) }
}
