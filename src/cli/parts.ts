// What the command line needs of the house: a server to start and a demonstration. The real ones are loaded
// when they are wanted, since loading them costs more than reading the command line; tests bring their own.

import type { Address, Config, UpstreamConfig } from '../config/config.ts'
import type { WorkerWord } from '../observe/worker-words.ts'
import { compileEarly } from './tier-up.ts'
import { beginYoung, keepYoungGenerationSmall } from './young-generation.ts'

/** The part of a logger that the command line uses; pino's has it. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  flush?(done: (error?: Error) => void): void
}

export interface Server {
  readonly listening: readonly Address[]
  /** Ends when all requests have, or at the drain timeout; then `clean` is false. */
  drain(reason: string): Promise<{ clean: boolean }>
  stopNow(): Promise<void>
  reload(next: Config): Promise<void>
  reopenLogs(): void
  workerSaid(word: WorkerWord): void
  workerSlots(slots: number): void
  followWorkers(pids: () => readonly number[]): void
  readonly log: Log
}

export interface Demo {
  readonly upstreams: UpstreamConfig[]
  readonly workers: number
  stop(): Promise<void>
  /** What to try, for people, given where the proxy listens. */
  describe(listen: Address): string
}

/** The app that is run by the command after `--`. */
export interface App {
  /** Settles when it is ready for the first time. */
  readonly ready: Promise<void>
  /** Settles when it has ended for good. */
  readonly ended: Promise<AppEnding>
  /** From here on its life is told to the server. */
  attach(server: Server): void
  /** Hands a signal to the app's server. */
  signal(name: 'SIGHUP' | 'SIGUSR2'): void
  /** Ends it when `drained` settles, and within the drain timeout in any case. */
  stop(drained: Promise<unknown>): Promise<AppEnding>
  kill(): void
}

export interface AppEnding {
  readonly status: number
  /** How it ended, for people. */
  readonly words: string
}

export interface Parts {
  /** Runs the command of the settings. As process 1 it first makes room for an init; then it never settles. */
  readonly startApp: (config: Config, env: NodeJS.ProcessEnv) => Promise<App>
  /** Rejects with an error whose message is for people. */
  readonly startServer: (config: Config) => Promise<Server>
  readonly startDemo: () => Promise<Demo>
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number
}

export const realParts: Parts = {
  startServer: async config => {
    compileEarly()
    beginYoung()
    const { startServer } = await import('../server.ts')
    const server = await startServer(config)
    keepYoungGenerationSmall()
    return server
  },
  startApp: async (config, env) => (await import('./app.ts')).startApp(config, env),
  startDemo: async () => (await import('./demo/demo.ts')).startDemo(),
  now: () => performance.now(),
}

/** Where the command line reads and writes. */
export interface Io {
  readonly stdout: NodeJS.WritableStream & {
    readonly isTTY?: boolean
    /** Of a terminal, in characters. */
    readonly columns?: number
    readonly rows?: number
  }
  /** Keys are read from it while `top` runs. */
  readonly stdin?: NodeJS.ReadableStream & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown }
  readonly stderr: NodeJS.WritableStream
  /** Emits `SIGTERM` and the others: the process itself. */
  readonly signals: {
    on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
    off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  }
}
