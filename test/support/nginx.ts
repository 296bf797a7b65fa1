// Debian's nginx, as the judge of what nginx does: started with a configuration of the test's own, stopped when the
// test is over. Tests that need it say so with `skip: without('nginx')`.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type Owner, temporaryFolder } from './owner.ts'
import { freePort } from './ports.ts'

const PROGRAM = '/usr/sbin/nginx'

export interface Nginx {
  readonly port: number
  readonly folder: string
}

/** One answer, as far as the tests that compare look at it. */
export interface Seen {
  /** 0: the connection was closed without an answer. */
  readonly status: number
  readonly fields: Readonly<Record<string, string>>
  /** The same as they were written, repeats and all. */
  readonly lines: readonly string[]
  /** As it was framed. */
  readonly body: string
}

/**
 * Starts it. Resolves when it listens.
 * @param http what stands within `http`; `PORT` in it is a free port, `FOLDER` a folder of its own
 */
export async function startNginx(owner: Owner, http: string): Promise<Nginx> {
  const folder = temporaryFolder(owner)
  const port = await freePort()
  const text = `
daemon off; master_process off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log info;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
${http.replaceAll('PORT', String(port)).replaceAll('FOLDER', folder)}
}
`
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, text, 'latin1')
  const child = spawn(PROGRAM, ['-p', folder, '-c', file, '-e', join(folder, 'error.log')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr!.on('data', chunk => {
    said += chunk
  })
  owner.after(() => stop(child))
  for (;;) {
    if (child.exitCode !== null) throw new Error(`nginx ended at once: ${said}`)
    if (await accepts(port)) return { port, folder }
  }
}

/** What it says of a configuration: its first problem, without where it stands; null: it is well. */
export function checkedByNginx(owner: Owner, http: string): string | null {
  const folder = temporaryFolder(owner)
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, `pid ${folder}/pid; events {}\nhttp {\n access_log off;\n${http}\n}\n`, 'latin1')
  try {
    execFileSync(PROGRAM, ['-t', '-q', '-p', folder, '-c', file, '-e', join(folder, 'error.log')], {
      stdio: 'pipe',
    })
    return null
  } catch (error) {
    const said = String((error as { stderr: Buffer }).stderr)
    return /\[emerg\] (?:\d+#\d+: )?(.*?)(?: in \S+:\d+)?$/m.exec(said)?.[1] ?? said
  }
}

/** One request on a connection of its own. A field of `fields` that is null is not sent. */
export function askNginx(
  { port }: Nginx,
  target: string,
  {
    method = 'GET',
    version = '1.1',
    fields = {},
  }: { method?: string; version?: string; fields?: Record<string, string | null> } = {},
): Promise<Seen> {
  const lines = Object.entries({ Host: 'localhost', Connection: 'close', ...fields })
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${value}\r\n`)
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1')
    socket.setEncoding('latin1')
    socket.on('data', chunk => {
      text += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(read(text)))
    socket.write(`${method} ${target} HTTP/${version}\r\n${lines.join('')}\r\n`, 'latin1')
  })
}

function read(text: string): Seen {
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, end === -1 ? text.length : end).split('\r\n')
  const fields = Object.fromEntries(
    lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  )
  return {
    status: Number(first.split(' ')[1] ?? 0),
    fields,
    lines,
    body: end === -1 ? '' : text.slice(end + 4),
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    // Looked for again as soon as the kernel has said no, with a moment for others.
    socket.on('error', () => setImmediate(resolve, false))
  })
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
