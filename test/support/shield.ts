// The real proxy as a child process, on ports of its own choosing: started, listened to through its log,
// looked at through its admin listener, and ended. A failing test prints its log.

import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Answer } from './answer.ts'
import { Journal, patience } from './journal.ts'
import type { Owner } from './owner.ts'
import { ask, type ClientOptions, connectRaw, type RawClient } from './raw-client.ts'

// biome-ignore lint/suspicious/noExplicitAny: lines of a log and answers of the admin listener are looked into freely
export type Json = Record<string, any>

export interface ShieldOptions {
  upstream: string | string[]
  /** In place of `--listen 127.0.0.1:0`. */
  listen?: string[]
  /** More flags, as typed. */
  args?: string[]
  env?: Record<string, string>
  /** A command that runs it, as `prlimit` does. */
  under?: string[]
}

/** The two ways to run it; where both make sense, a behaviour is proven in both. */
export const modes = [
  { name: 'buffered', args: ['--request-buffering', 'on', '--response-buffering', 'on'] },
  { name: 'streaming', args: ['--request-buffering', 'off', '--response-buffering', 'off'] },
] as const

/** Both, and on two threads: for what threads share, which is slots, the queue, what is known of upstreams, the end. */
export const everyMode = [...modes, { name: 'threads', args: ['--cores', '2'] }] as const

/** `TEST_CORES=2` runs everything once more with that many threads. */
const everywhere = process.env.TEST_CORES === undefined ? [] : ['--cores', process.env.TEST_CORES]

const root = join(import.meta.dirname, '../..')

export class Shield {
  /** Where clients connect: the first listener. */
  address = ''
  /** All listeners, in the order of the log. */
  addresses: string[] = []
  /** The admin listener. */
  admin = ''
  readonly log = new Journal<Json>('shield', line => JSON.stringify(line))
  readonly child: ChildProcess
  /** Settles with the exit status; a signal's name when one ended it. */
  readonly exited: Promise<number | string>
  readonly #owner: Owner

  constructor(owner: Owner, child: ChildProcess) {
    this.#owner = owner
    this.child = child
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', line => this.log.push(parseLine(line)))
    }
    this.exited = new Promise(resolve => {
      child.once('close', (code, signal) => {
        resolve(code ?? (signal as string))
        this.log.close(`the shield has ended (${code ?? signal})`)
      })
    })
  }

  get pid(): number {
    return this.child.pid as number
  }

  /** The first log line, past or to come, that `match` accepts. */
  logLine(match: (line: Json) => boolean, what = 'a log line'): Promise<Json> {
    return this.log.find(match, what)
  }

  /** The line of the request with that path (and, where it matters, the how manieth of them). */
  async requestLine(path: string, nth = 1): Promise<Json> {
    const all = (): Json[] => this.lines('request').filter(line => String(line.url).split('?')[0] === path)
    await this.log.until(() => all().length >= nth, `request line ${nth} of ${path}`)
    return all()[nth - 1] as Json
  }

  /** All lines with that `msg` so far. */
  lines(msg: string): Json[] {
    return this.log.entries.filter(line => line.msg === msg)
  }

  connect(options?: ClientOptions): Promise<RawClient> {
    return connectRaw(this.#owner, this.address, options)
  }

  /** One GET on a connection of its own. */
  get(target: string, ...lines: string[]): Promise<Answer> {
    return ask(this.#owner, this.address, target, ...lines)
  }

  /** An answer of the admin listener. */
  async ask(path: string, method = 'GET', ...lines: string[]): Promise<Answer> {
    const client = await connectRaw(this.#owner, this.admin)
    client.send(
      [`${method} ${path} HTTP/1.1`, `Host: ${this.admin}`, 'Connection: close', ...lines, '', ''].join(
        '\r\n',
      ),
    )
    const answer = await client.answer(method)
    client.close()
    return answer
  }

  async status(): Promise<Json> {
    return JSON.parse((await this.ask('/status.json')).body.toString())
  }

  /** Asks for the status again and again until it is as wanted; for states that no log line tells. */
  async until(condition: (status: Json) => boolean, what: string, within = patience): Promise<Json> {
    const giveUp = performance.now() + within
    for (;;) {
      const status = await this.status()
      if (condition(status)) return status
      if (performance.now() > giveUp) throw new Error(`no ${what} in the status: ${JSON.stringify(status)}`)
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  }

  /** Settles when that many requests wait in the queue. */
  async queued(length: number): Promise<void> {
    await this.until(status => queueLength(status) === length, `queue of ${length}`)
  }

  /** Settles when that many worker slots are taken. */
  async busy(slots: number): Promise<void> {
    await this.until(status => busySlots(status) === slots, `${slots} busy slots`)
  }

  /** The metrics as `name{labels}` to number. */
  async metrics(): Promise<Map<string, number>> {
    const text = (await this.ask('/metrics')).body.toString()
    const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
    return new Map(
      lines.map(line => [
        line.slice(0, line.lastIndexOf(' ')),
        Number(line.slice(line.lastIndexOf(' ') + 1)),
      ]),
    )
  }

  /** Resident memory in bytes, now and at its highest. */
  memory(): { now: number; peak: number } {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8')
    const kilobytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1])
    return { now: kilobytes('VmRSS') * 1024, peak: kilobytes('VmHWM') * 1024 }
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name)
  }

  /** Asks it to drain and waits for its end. */
  stop(): Promise<number | string> {
    this.signal('SIGTERM')
    return this.exited
  }
}

function parseLine(line: string): Json {
  try {
    const parsed = JSON.parse(line)
    if (typeof parsed === 'object' && parsed !== null) return parsed
  } catch {
    // not JSON: a stack trace, or a message for people
  }
  return { text: line }
}

/** Requests waiting for a worker slot, as the status tells. */
export function queueLength(status: Json): number {
  return status.queue.length
}

/** Worker slots in use, over all upstreams. */
export function busySlots(status: Json): number {
  return (status.upstreams as Json[]).reduce((sum, upstream) => sum + Number(upstream.busy), 0)
}

/** Runs the command line with exactly these arguments; for what ends by itself. */
export function runShield(
  owner: Owner,
  args: string[],
  env: Record<string, string> = {},
  under: string[] = [],
): Shield {
  const clean = { ...process.env }
  for (const name of Object.keys(clean)) {
    if (/^(SHIELDPROXY_|WEB_CONCURRENCY$|GUNICORN_|PORT$|NODE_OPTIONS$|NODE_TEST)/.test(name))
      delete clean[name]
  }
  const command = [...under, process.execPath, join(root, 'bin/shieldproxy.ts'), ...args]
  const child = spawn(command[0]!, command.slice(1), {
    env: { ...clean, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const shield = new Shield(owner, child)
  owner.after(async () => {
    child.kill('SIGKILL')
    await shield.exited
    if (owner.passed === false) console.error(shield.log.tail(60))
  })
  return shield
}

/** A running proxy whose addresses are known. It ends with its owner. */
export async function startShield(owner: Owner, options: ShieldOptions): Promise<Shield> {
  const { listen = ['127.0.0.1:0'], args = [], env = {}, under = [] } = options
  const flags = [options.upstream].flat().flatMap(address => ['--upstream', address])
  const listeners = listen.flatMap(address => ['--listen', address])
  const cores = args.includes('--cores') ? [] : everywhere
  const own = ['--admin', '127.0.0.1:0', '--log-format', 'json', ...cores]
  const shield = runShield(owner, [...flags, ...listeners, ...own, ...args], env, under)
  const said = (name: string): string[] => {
    return shield
      .lines('listening')
      .flatMap(line => (typeof line[name] === 'string' ? [line[name] as string] : []))
  }
  await shield.log.until(
    () => said('address').length >= listen.length && said('admin').length > 0,
    'its addresses',
  )
  shield.addresses = said('address')
  shield.address = shield.addresses[0] as string
  shield.admin = said('admin')[0] as string
  return shield
}
