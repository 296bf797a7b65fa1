// Real gunicorn with the companion (`conf/gunicorn.conf.py`), an app that misbehaves by path, and its lines of JSON
// by the stream they came on. Debian's gunicorn; another version too where $OTHER_GUNICORN names its program.

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Journal } from '../support/journal.ts'
import type { Owner } from '../support/owner.ts'
import { findProgram } from '../support/servers.ts'
import type { Json } from '../support/shield.ts'

export const companionFile = join(import.meta.dirname, '../../conf/gunicorn.conf.py')

/** The gunicorns to run the tests with, by name. */
export const gunicorns: readonly { readonly name: string; readonly program: string }[] = [
  { name: 'gunicorn', program: findProgram('gunicorn') },
  { name: process.env.OTHER_GUNICORN ?? '', program: process.env.OTHER_GUNICORN ?? null },
].filter((row): row is { name: string; program: string } => row.program !== null)

export interface CompanionOptions {
  program: string
  /** In place of the companion itself. */
  config?: string
  app?: string
  args?: string[]
  env?: Record<string, string>
  cwd?: string
  /** The user to run as; needs root. */
  uid?: number
  /** Do not wait for a worker: it is not expected to start. */
  failing?: boolean
}

/** A line, parsed, with the stream that it came on; `text` where it is no JSON. */
export interface Line extends Json {
  readonly stream: 'stdout' | 'stderr'
}

export class Companion {
  readonly log = new Journal<Line>('gunicorn', line => JSON.stringify(line))
  readonly child: ChildProcess
  /** Settles with the exit status. */
  readonly exited: Promise<number | string | null>
  address = ''

  constructor(child: ChildProcess) {
    this.child = child
    for (const stream of ['stdout', 'stderr'] as const) {
      createInterface({ input: child[stream]! }).on('line', line => this.log.push(parse(line, stream)))
    }
    this.exited = new Promise(resolve => {
      child.once('error', error => {
        resolve(null)
        this.log.close(`gunicorn could not be started (${error.message})`)
      })
      child.once('close', (code, signal) => {
        resolve(code ?? signal)
        this.log.close(`gunicorn has ended (${code ?? signal})`)
      })
    })
  }

  /** The first line whose words match, past or to come. */
  find(words: RegExp): Promise<Line> {
    return this.log.find(line => words.test(line.msg ?? line.text), String(words))
  }

  /** All lines so far that match. */
  all(words: RegExp): Line[] {
    return this.log.entries.filter(line => words.test(line.msg ?? line.text))
  }

  /** The pid of the worker that booted last. */
  async worker(): Promise<number> {
    await this.find(/Booting worker/)
    return Number(/\d+$/.exec(this.all(/Booting worker/).at(-1)!.msg)![0])
  }

  /** TERM to the master; settles with its status. */
  async stop(): Promise<number | string | null> {
    this.child.kill('SIGTERM')
    return await this.exited
  }
}

function parse(line: string, stream: 'stdout' | 'stderr'): Line {
  try {
    return { ...(JSON.parse(line) as Json), stream }
  } catch {
    return { text: line, stream }
  }
}

/** Starts it with one worker and a worker timeout of two seconds, unless told otherwise. */
export async function startCompanion(owner: Owner, options: CompanionOptions): Promise<Companion> {
  const { program, config = companionFile, app = 'companion_app:wsgi', args = [], uid } = options
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONPATH: import.meta.dirname,
  }
  for (const name of ['PORT', 'GUNICORN_CMD_ARGS', 'PYTHONFAULTHANDLER']) delete env[name]
  Object.assign(env, { WEB_CONCURRENCY: '1', GUNICORN_TIMEOUT: '2' }, options.env)
  const child = spawn(program, ['-c', config, '--bind', '127.0.0.1:0', ...args, app], {
    cwd: options.cwd ?? import.meta.dirname,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  const companion = new Companion(child)
  owner.after(async () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // all gone already
    }
    await companion.exited
  })
  if (options.failing) return companion
  const said = await companion.find(/Listening at/)
  companion.address = /http:\/\/(\S+)/.exec(said.msg ?? said.text)![1]!
  await companion.find(/Booting worker/)
  return companion
}
