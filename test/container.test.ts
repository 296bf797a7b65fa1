// The image without an engine: what the Dockerfile promises is read from it, and the folder that it assembles is
// assembled here, from the built dist/ and the production packages alone, and run as the image would run it.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { before, type TestContext, test } from 'node:test'
import { Journal } from './support/journal.ts'
import { file, temporaryFolder } from './support/owner.ts'
import { freePort } from './support/ports.ts'
import { ask } from './support/raw-client.ts'

const repository = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(repository, path), 'utf8')

interface Instruction {
  name: string
  rest: string
  /** The number of its stage, from 0. */
  stage: number
}

function readDockerfile(path: string): Instruction[] {
  const lines = read(path)
    .split('\n')
    .filter(line => !line.startsWith('#'))
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n')
  let stage = -1
  return lines
    .filter(line => line.trim() !== '')
    .map(line => {
      const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
      assert.ok(name !== undefined && rest !== undefined, `${path}: not an instruction: ${line}`)
      if (name === 'FROM') stage++
      return { name, rest: rest.trim(), stage }
    })
}

/** The paths that a COPY takes, without where they go to, and the stage they come from. */
function copied({ rest }: Instruction): { from: string | null; sources: string[] } {
  const words = rest.split(/\s+/)
  const from = words.find(word => word.startsWith('--from='))?.slice(7) ?? null
  return { from, sources: words.filter(word => !word.startsWith('--')).slice(0, -1) }
}

/** Whether .dockerignore keeps a path from the builder. Reads the forms that ours has: `*`, and paths let in. */
function ignored(path: string): boolean {
  const lines = read('.dockerignore')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
  assert.equal(lines[0], '*', '.dockerignore should begin with *, and let in what is needed')
  const let_in = lines.slice(1).map(line => {
    assert.match(line, /^![\w./-]+$/, `.dockerignore: a form that this test does not read: ${line}`)
    return line.slice(1)
  })
  return !let_in.some(allowed => path === allowed || path.startsWith(`${allowed}/`))
}

for (const [dockerfile, context] of [
  ['Dockerfile', '.'],
  ['conf/Dockerfile.app', 'conf'],
] as const) {
  const instructions = readDockerfile(dockerfile)
  const last = Math.max(...instructions.map(({ stage }) => stage))
  const stages = instructions
    .filter(({ name }) => name === 'FROM')
    .map(({ rest }) => /^(\S+)(?: AS (\S+))?$/.exec(rest) as unknown as [string, string, string | undefined])

  test(`${dockerfile}: each base is pinned to a major version`, () => {
    for (const [index, [, base]] of stages.entries()) {
      const earlier = stages.slice(0, index).some(([, , name]) => name === base)
      const argument = base.startsWith('${')
      if (!earlier && !argument) assert.match(base, /^[\w./-]+:\d+(\.\d+)*(-[\w.]+)*$/)
    }
  })

  test(`${dockerfile}: it runs as a numeric user that is not root`, () => {
    const chain = new Set([last])
    const base = stages.findIndex(([, , name]) => name !== undefined && name === stages[last]![1])
    if (base !== -1) chain.add(base)
    const users = instructions.filter(({ name, stage }) => name === 'USER' && chain.has(stage))
    assert.match(users.at(-1)?.rest ?? 'no USER', /^[1-9]\d*:[1-9]\d*$/)
  })

  test(`${dockerfile}: what is started is in exec form`, () => {
    for (const { name, rest } of instructions.filter(({ stage }) => stage === last)) {
      if (name !== 'ENTRYPOINT' && name !== 'CMD' && name !== 'HEALTHCHECK') continue
      const command = name === 'HEALTHCHECK' ? rest.replace(/^.*?\bCMD /, '') : rest
      const words: unknown = JSON.parse(command)
      assert.ok(Array.isArray(words) && String(words[0]).match(/^\/|^gunicorn$/), command)
    }
    assert.ok(instructions.some(({ name, stage }) => name === 'HEALTHCHECK' && stage === last))
  })

  test(`${dockerfile}: all that is copied is there`, () => {
    for (const instruction of instructions.filter(({ name }) => name === 'COPY')) {
      const { from, sources } = copied(instruction)
      if (from !== null) {
        const earlier = stages.slice(0, instruction.stage).map(([, , name]) => name)
        assert.ok(earlier.includes(from), `COPY --from=${from}: no earlier stage of that name`)
        continue
      }
      for (const source of sources) {
        assert.ok(existsSync(join(repository, context, source)), `COPY ${source}: it is not there`)
        if (context === '.') assert.ok(!ignored(source), `COPY ${source}: .dockerignore keeps it out`)
      }
    }
  })
}

test('the image holds production packages only, and no second runtime from npm', () => {
  const runs = readDockerfile('Dockerfile').filter(
    ({ name, rest }) => name === 'RUN' && rest.includes('npm ci'),
  )
  assert.equal(runs.length, 2)
  for (const { rest } of runs) assert.match(rest, /--ignore-scripts/)
  assert.match(runs[1]!.rest, /--omit=dev/)
})

test('the scripts of the image can be run, and are right by the shell', () => {
  for (const script of ['conf/image/shieldproxy', 'conf/image/healthcheck']) {
    accessSync(join(repository, script), constants.X_OK)
    const { status, stderr } = spawnSync('sh', ['-n', join(repository, script)], { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
  }
})

test('compose.yaml: the app is not published, and both know the workers', () => {
  const text = read('conf/compose.yaml')
  assert.doesNotMatch(text, /\t/)
  const service = (name: string) =>
    new RegExp(`^ {2}${name}:\\n((?: {3,}.*\\n|\\n)+)`, 'm').exec(text)?.[1] ?? ''
  const [shield, app] = [service('shield'), service('app')]
  assert.match(text, /^x-gunicorn: &gunicorn\n {2}WEB_CONCURRENCY: /m)
  for (const part of [shield, app]) {
    assert.match(part, /<<: \*gunicorn/)
    assert.match(part, /stop_grace_period: 30s/)
  }
  assert.match(shield, /^ {4}ports:\n {6}- "8080:8080"$/m)
  assert.match(shield, /^ {4}read_only: true$/m)
  assert.match(shield, /- spool:\/var\/spool\/shieldproxy$/m)
  assert.match(shield, /test: \["CMD", "\/opt\/shieldproxy\/bin\/healthcheck"\]/)
  assert.match(shield, /depends_on: \[app\]/)
  assert.doesNotMatch(app, /^ {4}ports:/m)
  assert.match(app, /FORWARDED_ALLOW_IPS: "\*"/)
})

const folder = temporaryFolder(file)
/** What the image has at /opt/shieldproxy. */
const assembled = join(folder, 'moved', 'shieldproxy')

/** As root, everything is run as the image's user; else as whoever runs the tests. */
const user = process.getuid?.() === 0 ? { uid: 10001, gid: 10001 } : {}

before(() => {
  chmodSync(folder, 0o755)
  mkdirSync(join(assembled, 'runtime', 'lib'), { recursive: true })
  const args = [join(repository, 'bin/build.ts'), join(assembled, 'dist')]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: repository,
    encoding: 'utf8',
  })
  assert.equal(status, 0, `npm run build would fail\n${stdout}${stderr}`)
  for (const path of ['package.json', 'LICENSE']) cpSync(join(repository, path), join(assembled, path))
  cpSync(join(repository, 'conf/image'), join(assembled, 'bin'), { recursive: true })
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { dev?: boolean }>
  }
  for (const [path, { dev }] of Object.entries(packages)) {
    if (path === '' || dev || !existsSync(join(repository, path))) continue
    const ownOnly = (source: string) => !source.slice(join(repository, path).length).includes('node_modules')
    cpSync(join(repository, path), join(assembled, path), { recursive: true, filter: ownOnly })
  }
  const runtime = join(assembled, 'runtime', 'node')
  try {
    linkSync(process.execPath, runtime)
  } catch {
    copyFileSync(process.execPath, runtime)
  }
})

const plain = { PATH: '/usr/bin:/bin' }
const program = () => join(assembled, 'bin', 'shieldproxy')

test('the assembled folder runs from anywhere, without a Node of the system', () => {
  const { status, stdout, stderr } = spawnSync(program(), ['--version'], {
    ...user,
    cwd: '/',
    env: plain,
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  const { version } = JSON.parse(read('package.json')) as { version: string }
  assert.equal(stdout, `shieldproxy ${version}\n`)
})

test('it explains itself when nothing is configured', () => {
  const { status, stderr } = spawnSync(program(), [], { ...user, cwd: '/', env: plain, encoding: 'utf8' })
  assert.equal(status, 2)
  assert.match(stderr, /--upstream/)
})

test('an app after -- does not get the runtime’s libraries, and its status is the folder’s', async () => {
  const say = ['sh', '-c', 'echo "libraries: [$LD_LIBRARY_PATH] port: $PORT"; exit 5']
  const args = ['--upstream', `:${await freePort()}`, '--', ...say]
  const { status, stdout, stderr } = spawnSync(program(), args, {
    ...user,
    cwd: '/',
    env: { ...plain, PORT: '80' },
    encoding: 'utf8',
  })
  assert.equal(status, 5, stderr)
  assert.match(stdout, /^libraries: \[\] port: 1\d{4}\n$/)
})

async function run(t: TestContext, env: Record<string, string>) {
  const child = spawn(program(), ['--demo', '--listen', '127.0.0.1:0'], {
    ...user,
    cwd: '/',
    env: { ...plain, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => void child.kill('SIGKILL'))
  const ended = new Promise<number | string | null>(resolve => {
    child.once('exit', (code, signal) => resolve(signal ?? code))
  })
  const log = new Journal<string>('the log')
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', line => log.push(line))
  }
  const line = await log.find(
    entry => entry.includes('"msg":"listening"'),
    'the line that says where it listens',
  )
  const { address } = JSON.parse(line) as { address: string }
  return { child, ended, log, address }
}

function healthcheck(env: Record<string, string>, ...args: string[]) {
  const command = join(assembled, 'bin', 'healthcheck')
  return spawnSync(command, args, { ...user, cwd: '/', env: { ...plain, ...env }, encoding: 'utf8' })
}

test('the assembled folder serves, is found healthy, and drains at TERM; the workers run from dist/ too', async t => {
  const env = { SHIELDPROXY_ADMIN: `0.0.0.0:${await freePort()}`, SHIELDPROXY_SPOOL_DIR: '/nowhere/at/all' }
  const { child, ended, log, address } = await run(t, env)
  const answer = await ask(t, address, '/large?megabytes=3')
  assert.equal(answer.status, 200)
  assert.equal(answer.body.length, 3 * 1024 * 1024)
  // The folder for spilled bodies cannot be made: memory alone must do, with a warning.
  await log.find(line => line.includes('"level":"warn"') && line.includes('/nowhere/at/all'), 'the warning')
  for (const path of ['/healthz', '/readyz']) {
    const { status, stdout } = healthcheck(env, path)
    assert.equal(status, 0, stdout)
    assert.match(stdout, /^200 /)
  }
  assert.equal(healthcheck(env, '/nothing').status, 1)
  const admin = env.SHIELDPROXY_ADMIN.replace('0.0.0.0', '127.0.0.1')
  for (const part of ['', 'page/page.js', 'page/page.css', 'page/uplot.js']) {
    const { status } = await fetch(`http://${admin}/${part}`, { headers: { Connection: 'close' } })
    assert.equal(status, 200, part)
  }
  child.kill('SIGTERM')
  assert.equal(await ended, 0)
  const after = healthcheck(env)
  assert.equal(after.status, 1)
  assert.match(after.stdout, /ECONNREFUSED/)
})

test('with --cores, the threads run from dist/ too', async t => {
  const { child, ended, log, address } = await run(t, { SHIELDPROXY_CORES: '2', SHIELDPROXY_ADMIN: 'off' })
  const paths = ['/?a', '/?b', '/?c', '/?d']
  for (const path of paths) assert.equal((await ask(t, address, path)).status, 200)
  child.kill('SIGTERM')
  assert.equal(await ended, 0)
  assert.equal(log.entries.filter(line => line.includes('"msg":"request"')).length, paths.length)
})

test('the health check finds the admin listener where the environment puts it', () => {
  const path = join(folder, 'admin.sock')
  const { stdout, status } = healthcheck({ SHIELDPROXY_ADMIN: `unix:${path}` })
  assert.equal(status, 1)
  assert.match(stdout, /ENOENT/)
  assert.equal(healthcheck({ SHIELDPROXY_ADMIN: 'off' }).status, 0)
  const wrong = healthcheck({ SHIELDPROXY_ADMIN: 'nonsense' })
  assert.equal(wrong.status, 1)
  assert.match(wrong.stdout, /^SHIELDPROXY_ADMIN: must be an address/)
})
