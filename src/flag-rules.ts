// The rules by which a request is passed on where flags alone say how: the same for all. What it is that a site's places
// say differently can be read off here.

import type { Config } from './config/config.ts'
import type { Exchange } from './exchange.ts'
import type { AdmissionDesk } from './house.ts'
import { wantsWebSocket } from './http1/connection-fields.ts'
import type { PassRules, RequestInHand } from './passing.ts'
import { type BodyLength, workerHead } from './request/worker-head.ts'
import type { WorkerOptions } from './upstream/answer-sink.ts'
import { type Attempt, mayGoAgain } from './upstream/retry.ts'
import type { Upstream } from './upstream/upstream.ts'

export class FlagRules implements PassRules {
  readonly admission: AdmissionDesk
  readonly workers: WorkerOptions
  readonly maxBody: number
  readonly requestBuffering: boolean
  readonly responseBuffering: boolean
  readonly #workerTimeout: number | null
  readonly #named: { readonly defaultHost: string }
  readonly #upgrading: { readonly defaultHost: string; readonly upgrade: true }

  /** @param defaultHost what stands in for a Host that an HTTP/1.0 client did not send */
  constructor(config: Config, admission: AdmissionDesk, workers: WorkerOptions, defaultHost: string) {
    this.admission = admission
    this.workers = workers
    this.maxBody = config.maxBody
    this.requestBuffering = config.requestBuffering
    this.responseBuffering = config.responseBuffering
    this.#workerTimeout = config.workerTimeout
    this.#named = { defaultHost }
    this.#upgrading = { defaultHost, upgrade: true }
  }

  workerHead(request: RequestInHand, _upstream: Upstream, body: BodyLength, upgrade: boolean): string {
    const options = upgrade ? this.#upgrading : this.#named
    return workerHead(request.head, request.exchange, request.origin, body, options)
  }

  passesUpgrade({ head }: RequestInHand): boolean {
    return wantsWebSocket(head)
  }

  goesAgain(exchange: Exchange, attempt: Attempt): boolean {
    return mayGoAgain(exchange, attempt, this.#workerTimeout)
  }
}
