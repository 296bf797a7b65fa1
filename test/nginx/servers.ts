// One configuration in one server, nginx or ours: started with apps behind it, asked, and stopped.

import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { patience } from '../support/journal.ts'
import { startMemcached } from '../support/memcached.ts'
import { type Owner, file as suite, temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { type Reached, type RecordingApp, startRecordingApp } from '../support/recording-app.ts'
import { findProgram } from '../support/servers.ts'
import { moveBack, moveMessage, moveThere, type Places, portsOf, socketsOf } from './places.ts'
import { type TestRequest, writeRequest } from './requests.ts'
import { makeCertificate, plantTree } from './tree.ts'
import { canConnect, exchange, heardOut } from './wire.ts'

/** Sources that were compiled once are not compiled again for each configuration: it is half of a start. */
const compiled = process.env.NODE_COMPILE_CACHE ?? temporaryFolder(suite)

/** Where memcached is, as everybody writes it. */
export const MEMCACHED = 11211

/** What there is in it, with its flags. */
const STORED: Readonly<Record<string, readonly [value: string | Buffer, flags: number]>> = {
  '/m/page.html?': ['<h1>kept</h1>\n', 0],
  '/m/page.html?a=1': ['<h1>kept, too</h1>\n', 0],
  '/m/empty?': ['', 0],
  '/m/lines?': ['one\r\nEND\r\ntwo\r\n', 7],
  '/m/large?': [Buffer.alloc(600_000, '0123456789'), 0],
  '/m/a%20b%25c?': ['escaped', 0],
  '/gzip/packed.txt': [gzipSync('packed\n'.repeat(100)), 2],
  '/gzip/both.txt': [gzipSync('packed\n'.repeat(100)), 3],
  '/gzip/plain.txt': ['plain\n', 1],
  '/two': ['of the second\n', 0],
}

const root = join(import.meta.dirname, '../..')

/** What one request came to: what the client got, and what reached the apps. */
export interface Result {
  /** The bytes that came, as they came. */
  readonly answer: string
  /** Moves ports and paths in a text back to where the configuration has them. */
  readonly moveBack: (text: string) => string
  readonly reached: readonly Reached[]
}

export abstract class Server {
  readonly #owner: Owner
  readonly #text: string
  readonly #apps: RecordingApp[] = []
  #places!: Places
  #child!: ChildProcess
  #said = ''

  constructor(owner: Owner, text: string) {
    this.#owner = owner
    this.#text = text
  }

  /** The command, for the configuration in this file. */
  protected abstract command(file: string, folder: string, text: string): string[]
  /** What the file holds. */
  protected abstract wrap(text: string, folder: string): string

  async start(): Promise<this> {
    const folder = temporaryFolder(this.#owner)
    // A file may name another user for the workers.
    chmodSync(folder, 0o755)
    plantTree(folder)
    if (this.#text.includes('/etc/ssl/')) makeCertificate(folder)
    const { listens, apps } = portsOf(this.#text)
    this.#places = {
      folder,
      listens: new Map(),
      apps: new Map(await Promise.all(apps.map(async port => [port, await this.#behind(port)] as const))),
    }
    for (const path of socketsOf(this.#text)) await this.#app(join(folder, path))
    this.#owner.after(() => this.stop())
    for (let left = 3; !(await this.#startOn(listens)); ) {
      if (--left === 0) throw new Error(`${this.constructor.name} does not listen:\n${this.said}`)
    }
    return this
  }

  /** False: it has ended, or a port was somebody else's after all. */
  async #startOn(listens: readonly number[]): Promise<boolean> {
    const ports = await Promise.all(listens.map(async port => [port, await portOfOurOwn()] as const))
    this.#places = { ...this.#places, listens: new Map(ports) }
    const { folder } = this.#places
    const file = join(folder, 'site.conf')
    const text = moveThere(this.#text, this.#places)
    writeFileSync(file, this.wrap(text, folder))
    const [program, ...words] = this.command(file, folder, text) as [string, ...string[]]
    this.#child = spawn(program, words, {
      env: { ...process.env, NODE_COMPILE_CACHE: compiled },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (text: Buffer) => (this.#said += text.toString('latin1')))
    for (const port of this.#places.listens.values()) if (!(await this.#listening(port))) return false
    return this.#child.exitCode === null
  }

  /** The port that stands for that one: an app's, or that of a store with something in it. */
  async #behind(port: number): Promise<number> {
    if (port !== MEMCACHED) return (await this.#app(undefined, port)).port
    const store = await startMemcached(this.#owner)
    for (const [key, [value, flags]] of Object.entries(STORED)) await store.set(key, value, flags)
    return store.port
  }

  async #app(path?: string, name?: number): Promise<RecordingApp> {
    const app = await startRecordingApp(this.#owner, path, name)
    this.#apps.push(app)
    return app
  }

  /** Settles with true when somebody listens, with false when the server has ended instead. */
  async #listening(port: number): Promise<boolean> {
    const giveUp = performance.now() + patience
    while (!(await canConnect(port))) {
      if (this.#child.exitCode !== null) return false
      if (performance.now() > giveUp) throw new Error(`${this.constructor.name} is slow:\n${this.said}`)
      await new Promise(resolve => setTimeout(resolve, 10))
    }
    return true
  }

  /** Its own words so far, and those of its error log. */
  get said(): string {
    return moveBack(this.#said + readLogs(join(this.#places.folder, 'error.log')), this.#places)
  }

  /** @param more to be sent together with the first, on the same connection */
  async ask(request: TestRequest, ...more: readonly TestRequest[]): Promise<Result> {
    const { listens } = this.#places
    const port = request.port === null ? [...listens.values()][0] : listens.get(request.port)
    if (port === undefined) throw new Error(`nobody listens on ${request.port}`)
    const written = request.port ?? [...listens.keys()][0]
    const secure = new RegExp(`listen\\s+[^;\\n]*\\b${written}(?:\\s[^;]*ssl|;\\s*ssl on;)`)
    const bytes = moveMessage([request, ...more].map(writeRequest).join(''), this.#places)
    const answer = await exchange(port, bytes, secure.test(this.#text))
    return {
      answer,
      moveBack: text => moveBack(text, this.#places),
      reached: this.#apps.flatMap(app => app.taken()).map(each => this.#moveBack(each)),
    }
  }

  #moveBack({ line, fields, body }: Reached): Reached {
    const back = (text: string) => moveBack(text, this.#places)
    return { line: back(line), fields: fields.map(back), body: back(body) }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const port = [...this.#places.listens.values()][0]
    if (port !== undefined) await heardOut(port)
    const ended = new Promise(resolve => this.#child.once('close', resolve))
    this.#child.kill('SIGQUIT')
    await ended
  }

  /** Access logs by name, once it has stopped. */
  logs(): Map<string, string> {
    const found = new Map<string, string>()
    for (const folder of ['var/log/nginx', 'var/log/app']) {
      for (const name of readdirSync(join(this.#places.folder, folder)).sort()) {
        if (/error/.test(name)) continue
        found.set(
          `${folder}/${name}`,
          moveBack(readLogs(join(this.#places.folder, folder, name)), this.#places),
        )
      }
    }
    return found
  }
}

const given = new Set<number>()

/** A free port that no other server of this process is about to take. */
async function portOfOurOwn(): Promise<number> {
  for (;;) {
    const port = await freePort()
    if (given.has(port)) continue
    given.add(port)
    return port
  }
}

function readLogs(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** A file that has no `http` block of its own, as in conf.d. */
const isWhole = (text: string): boolean => /^\s*http\s*\{/m.test(text)

/** Files that nginx's packages bring, and that ours has built in. */
const BUILT_IN = [
  ...['mime.types', 'uwsgi_params', 'fastcgi_params', 'fastcgi.conf', 'scgi_params'],
  'snippets/fastcgi-php.conf',
]

/** Debian's nginx. Its own files go below the folder. */
export class Nginx extends Server {
  protected override command(file: string, folder: string, text: string): string[] {
    const globals = ['daemon off;', 'master_process off;']
    if (!/^\s*pid\s/m.test(text)) globals.push(`pid ${folder}/nginx.pid;`)
    if (!/^error_log\s/m.test(text)) globals.push(`error_log ${folder}/error.log info;`)
    return [
      findProgram('nginx')!,
      '-p',
      folder,
      '-c',
      file,
      '-e',
      join(folder, 'error.log'),
      '-g',
      globals.join(' '),
    ]
  }

  protected override wrap(text: string, folder: string): string {
    // Ours has it built in, as every package of nginx brings it.
    for (const path of ['snippets', 'etc/nginx/snippets']) mkdirSync(join(folder, path), { recursive: true })
    for (const name of BUILT_IN)
      for (const path of [name, `etc/nginx/${name}`]) copyFileSync(`/etc/nginx/${name}`, join(folder, path))
    const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map(name => `${name}_temp_path ${folder}/${name};`)
      .join(' ')
    const log = /^\s*access_log\s/m.test(text) ? '' : `access_log ${folder}/access.log;`
    if (isWhole(text)) return text.replace(/^(\s*http\s*\{)/m, `$1 ${own} ${log}`)
    return `events {} http { ${own} ${log} include /etc/nginx/mime.types; default_type application/octet-stream;\n${text}\n}`
  }
}

/** This program, from its sources. */
export class Ours extends Server {
  protected override command(file: string, folder: string): string[] {
    const flags = ['--admin', 'off', '--hold', '0', '--log-level', 'warn']
    return [
      process.execPath,
      join(root, 'bin/shieldproxy.ts'),
      '-p',
      folder,
      '-c',
      file,
      '-e',
      join(folder, 'error.log'),
      ...flags,
    ]
  }

  protected override wrap(text: string): string {
    return text
  }
}
