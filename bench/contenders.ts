// The programs that are compared: how each is found, set up and started. What they are told stands in `peers/`.
// Knows no scenario.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { type Child, startChild } from './children.ts'
import { freePort } from './ports.ts'

const here = import.meta.dirname
const root = join(here, '..')

/** What a contender is to stand in front of. */
export interface Job {
  /** Port of the app. */
  upstream: number
  /** How many requests it serves at a time. */
  workers: number
  /** A folder for configuration, logs and temporary files; made for it. */
  dir: string
  /** More flags for the subject: limits that a scenario needs above their defaults. */
  flags?: Record<string, string>
}

export interface Command {
  command: string
  args: string[]
  env?: NodeJS.ProcessEnv
}

export interface Contender {
  name: string
  /** Shown when it is missing. */
  install: string
  /** Writes its configuration and returns what to run, or a reason why it cannot be. */
  prepare(job: Job, listen: number): Command | string
}

export interface Running {
  port: number
  child: Child
  stop(): Promise<void>
}

/** The full path of a program, also where Debian puts servers, or null. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/bin']
  return folders.map(folder => join(folder, name)).find(existsSync) ?? null
}

/** Fills the `@words@` of a configuration file and writes it to `to`. */
export function fillIn(from: string, to: string, words: Record<string, string | number>): void {
  const text = readFileSync(join(here, from), 'utf8').replace(/@(\w+)@/g, (whole, word) =>
    String(words[word] ?? whole),
  )
  writeFileSync(to, text)
}

/** nginx started by root gives its workers to a user who cannot enter the bench's folder. */
export const nginxUser = process.getuid?.() === 0 ? 'user root;' : ''

function packaged(name: string, file: string, argsOf: (config: string, dir: string) => string[]): Contender {
  const program = name.toLowerCase()
  return {
    name,
    install: `apt-get install ${program}`,
    prepare(job, listen) {
      const command = findProgram(program)
      if (command === null) return `not installed (${this.install})`
      const config = join(job.dir, file)
      const { upstream, workers, dir } = job
      fillIn(join('peers', file), config, { upstream, workers, dir, listen, user: nginxUser })
      return { command, args: argsOf(config, job.dir), env: { HOME: job.dir, XDG_DATA_HOME: job.dir } }
    },
  }
}

function scripted(name: string, pack: string, file: string): Contender {
  return {
    name,
    install: 'npm ci',
    prepare(job, listen) {
      if (!existsSync(join(root, 'node_modules', pack))) return `not installed (${this.install})`
      const script = join(here, 'peers', file)
      const args = [script, String(listen), String(job.upstream), join(job.dir, 'access.log')]
      return { command: process.execPath, args }
    },
  }
}

/** shieldproxy from `dist/` when `built`, else from the sources. Its log goes to standard output: a file here. */
export function shieldCommand(job: Job, listen: number, built: boolean): Command | string {
  const entry = built ? join(root, 'dist/bin/shieldproxy.js') : join(root, 'bin/shieldproxy.ts')
  if (!existsSync(entry)) return built ? 'not built (npm run build)' : 'bin/shieldproxy.ts does not exist'
  const flags = {
    upstream: `:${job.upstream}`,
    listen: `127.0.0.1:${listen}`,
    workers: String(job.workers),
    admin: 'off',
    'log-format': 'json',
    'max-body': '2g',
    'spool-dir': job.dir,
    ...job.flags,
  }
  return {
    command: process.execPath,
    args: [entry, ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])],
    // What the caller's environment says about ports and workers is not part of the measurement.
    env: { PORT: undefined, WEB_CONCURRENCY: undefined, GUNICORN_CMD_ARGS: undefined },
  }
}

/** What is in `dist/`: nothing, or a build that is as new as the sources, or an older one. */
export function builtState(): 'none' | 'fresh' | 'stale' {
  const entry = join(root, 'dist/bin/shieldproxy.js')
  if (!existsSync(entry)) return 'none'
  const builtAt = statSync(entry).mtimeMs
  const sources = ['src', 'bin'].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(file =>
      join(root, folder, file),
    ),
  )
  return sources.some(file => file.endsWith('.ts') && statSync(file).mtimeMs > builtAt) ? 'stale' : 'fresh'
}

export const subject = 'shieldproxy'

/** The subject without being told how many workers there are; measured in full, and when it is asked for. */
export const unaided: Contender = {
  name: 'shieldproxy-auto',
  install: 'npm ci',
  prepare: (job, listen) =>
    shieldCommand({ ...job, flags: { ...job.flags, workers: 'auto' } }, listen, false),
}

export const contenders: readonly Contender[] = [
  { name: subject, install: 'npm ci', prepare: (job, listen) => shieldCommand(job, listen, false) },
  packaged('nginx', 'nginx.conf', (config, dir) => ['-p', dir, '-c', config, '-e', join(dir, 'error.log')]),
  packaged('HAProxy', 'haproxy.cfg', config => ['-f', config]),
  packaged('Caddy', 'Caddyfile', config => ['run', '--config', config, '--adapter', 'caddyfile']),
  scripted('http-proxy-3', 'http-proxy-3', 'http-proxy-3.ts'),
  scripted('fastify', '@fastify/http-proxy', 'fastify.ts'),
]

/** Starts a contender on a free port and waits until it accepts. Throws with the reason when it does not. */
export async function startContender(contender: Contender, job: Job): Promise<Running> {
  mkdirSync(job.dir, { recursive: true })
  const port = await freePort()
  const command = contender.prepare(job, port)
  if (typeof command === 'string') throw new Error(command)
  const child = await startChild(command.command, command.args, {
    dir: job.dir,
    name: 'process',
    ...(command.env ? { env: command.env } : {}),
  })
  try {
    await accepting(port, child)
  } catch (error) {
    await child.stop()
    throw error
  }
  return { port, child, stop: () => child.stop() }
}

/** Settles once somebody accepts on a port. Throws when the program ends first, or after ten seconds. */
export async function accepting(port: number, child: Child): Promise<void> {
  const ended = child.exited.then(code => {
    throw new Error(`ended with ${code ?? 'a signal'}: ${child.tail()}`)
  })
  const giveUp = performance.now() + 10_000
  const opened = async (): Promise<void> => {
    while (!(await opens(port))) {
      if (performance.now() > giveUp) throw new Error(`did not listen within 10 s: ${child.tail()}`)
      await new Promise(resolve => setTimeout(resolve, 10))
    }
  }
  ended.catch(() => {}) // it may well end later, when nobody waits for this any more
  await Promise.race([opened(), ended])
}

function opens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
