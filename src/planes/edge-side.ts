// A plane's side towards the edge: the connections it has, the limits that they share, and whom their requests are given to.
// There is one in each plane, for as long as it lives. It opens no listeners, and knows nothing of workers.

import type { Clock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { refuse } from '../ending.ts'
import type { Exchange } from '../exchange.ts'
import type { House } from '../house.ts'
import { Connections } from '../listen/connections.ts'
import { descriptorLimit } from '../listen/descriptors.ts'
import { EdgeConnection } from '../listen/edge-connection.ts'
import type { Accepted, EdgeHost, EdgeLimits } from '../listen/edge-host.ts'
import { serve } from '../pipeline.ts'
import type { RawStream } from '../socket/byte-stream.ts'
import type { SiteService } from './site-service.ts'

export interface EdgeSideOptions {
  /** What their requests pass through. */
  readonly house: House
  readonly config: Config
  readonly clock: Clock
  /** How many planes share the client connections that there may be. */
  readonly planes: number
  /** A connection has ended: perhaps it was the last one. */
  ended(): void
  /** Takes a warning that may come again and again. */
  warn(message: string): void
}

export class EdgeSide implements EdgeHost {
  readonly limits: EdgeLimits
  readonly clock: Clock
  readonly connections: Connections
  /** Null: flags alone say what is served. */
  sites: SiteService | null = null
  readonly #house: House
  readonly #ended: () => void
  readonly #warn: (message: string) => void

  constructor({ house, config, clock, planes, ended, warn }: EdgeSideOptions) {
    this.limits = config
    this.clock = clock
    const most = config.maxConnections ?? descriptorLimit().forClients
    this.connections = new Connections(Math.ceil(most / planes))
    this.#house = house
    this.#ended = ended
    this.#warn = warn
  }

  // — connections

  /** One that a listener has accepted; where there is no room, it is closed. */
  accept(accepted: Accepted): void {
    if (this.makeRoom(accepted.raw)) this.add(accepted)
  }

  /** False: there is no room for another connection, and it has been closed. */
  makeRoom(raw: RawStream): boolean {
    if (this.connections.makeRoom()) return true
    this.#house.observer.shed('connections')
    this.#warn(
      `all ${this.connections.limit} client connections are busy; new ones are refused (--max-connections)`,
    )
    raw.destroy()
    return false
  }

  /** A connection of HTTP begins, for which there is room. */
  add(accepted: Accepted): void {
    this.connections.add(new EdgeConnection(this, accepted))
  }

  /** One has gone before it said what it wants. */
  lost(): void {
    this.#ended()
  }

  /** EdgeHost */
  closed(edge: EdgeConnection): void {
    this.connections.delete(edge)
    this.#ended()
  }

  /** EdgeHost */
  reopened(edge: EdgeConnection): void {
    this.connections.restore(edge)
  }

  // — requests

  /** EdgeHost */
  serve: EdgeHost['serve'] = (exchange, head, framing, edge) => {
    const served =
      this.sites === null
        ? serve(this.#house, exchange, head, framing, edge)
        : this.sites.serve(exchange, head, framing, edge)
    served.catch(error => this.#escaped(error, exchange, edge))
  }

  /** EdgeHost */
  refuse: EdgeHost['refuse'] = (exchange, failure, edge) => {
    if (this.sites === null) refuse(this.#house, exchange, failure, edge)
    else {
      this.sites.refuse(exchange, failure, edge).catch(error => this.#escaped(error, exchange, edge))
    }
  }

  // The corridor answers every failure itself; what escapes it is a bug, and must not take the others along.
  #escaped(error: unknown, { id }: Exchange, edge: EdgeConnection): void {
    this.#house.observer.log.error({ err: error, id }, 'a request ended with an error of the proxy')
    edge.cut()
  }
}
