// Stand-ins for what the command line works with: streams that remember, signals that are sent by hand, and a
// server that does what a test tells it. They serve nothing.

import { EventEmitter } from 'node:events'
import { Writable } from 'node:stream'
import type { App, AppEnding, Demo, Io, Parts, Server } from '../../src/cli/parts.ts'
import type { Config } from '../../src/config/config.ts'

export class Memory extends Writable {
  text = ''
  readonly isTTY: boolean

  constructor(isTTY = false) {
    super()
    this.isTTY = isTTY
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk
    done()
  }
}

export class FakeIo implements Io {
  readonly stdout: Memory
  readonly stderr = new Memory()
  readonly signals = new EventEmitter()

  constructor(terminal = false) {
    this.stdout = new Memory(terminal)
  }

  /** Sends a signal, as the kernel would. */
  send(signal: NodeJS.Signals): void {
    this.signals.emit(signal, signal)
  }

  /** How many handlers are installed. */
  get handlers(): number {
    return this.signals.eventNames().reduce((sum, name) => sum + this.signals.listenerCount(name), 0)
  }
}

export class FakeServer implements Server {
  readonly listening = [{ kind: 'tcp', host: '127.0.0.1', port: 8080 }] as const
  /** What was called, in order. */
  readonly calls: string[] = []
  readonly errors: { fields: object; message: string }[] = []
  readonly drained = Promise.withResolvers<{ clean: boolean }>()
  readonly reloads: { config: Config; done: PromiseWithResolvers<void> }[] = []
  #wake: (() => void)[] = []

  readonly log = {
    info: () => {},
    warn: () => {},
    error: (fields: object, message: string) => {
      this.errors.push({ fields, message })
      this.#call(`error: ${message}`)
    },
    flush: (done: () => void) => {
      this.calls.push('flush')
      done()
    },
  }

  drain(reason: string): Promise<{ clean: boolean }> {
    this.#call(`drain ${reason}`)
    return this.drained.promise
  }

  async stopNow(): Promise<void> {
    this.#call('stopNow')
  }

  reload(config: Config): Promise<void> {
    const done = Promise.withResolvers<void>()
    this.reloads.push({ config, done })
    this.#call(`reload ${this.reloads.length}`)
    return done.promise
  }

  workerSaid(): void {}

  workerSlots(): void {}

  followWorkers(): void {}

  reopenLogs(): void {
    this.#call('reopenLogs')
  }

  /** Waits until this call has been made. */
  async called(call: string): Promise<void> {
    while (!this.calls.includes(call)) await new Promise<void>(resolve => this.#wake.push(resolve))
  }

  #call(call: string): void {
    this.calls.push(call)
    for (const wake of this.#wake.splice(0)) wake()
  }
}

export class FakeDemo implements Demo {
  readonly upstreams = [
    { name: 'demo', address: { kind: 'tcp', host: '127.0.0.1', port: 9 } },
  ] as const satisfies Demo['upstreams']
  readonly workers = 1
  stopped = 0

  async stop(): Promise<void> {
    this.stopped++
  }

  describe(): string {
    return 'try this'
  }
}

export class FakeApp implements App {
  /** What was called, in order. */
  readonly calls: string[] = []
  readonly isReady = Promise.withResolvers<void>()
  readonly hasEnded = Promise.withResolvers<AppEnding>()
  readonly ready = this.isReady.promise
  readonly ended = this.hasEnded.promise

  attach(): void {
    this.calls.push('attach')
  }

  signal(name: string): void {
    this.calls.push(name)
  }

  stop(drained: Promise<unknown>): Promise<AppEnding> {
    this.calls.push('stop')
    void drained.then(() => this.calls.push('drained'))
    return this.ended
  }

  kill(): void {
    this.calls.push('kill')
  }
}

/** Parts that start these stand-ins, and the settings that the server was given. */
export function fakeParts(server: FakeServer, demo = new FakeDemo(), app = new FakeApp()) {
  const started = Promise.withResolvers<Config>()
  const parts: Parts = {
    startServer: async config => {
      started.resolve(config)
      return server
    },
    startDemo: async () => demo,
    startApp: async () => app,
    now: () => 0,
  }
  return { parts, started: started.promise }
}
