// The companion's settings: where they come from, what is logged where, which folder the control socket gets, how a
// start that hangs ends, and how it stands beside a configuration that somebody has already.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../support/owner.ts'
import { ask, connectRaw } from '../support/raw-client.ts'
import { without } from '../support/servers.ts'
import { companionFile, gunicorns, startCompanion } from './companion.ts'

const skip = without('gunicorn')
const root = process.getuid?.() === 0

/** What gunicorn makes of the settings, as it prints them; and what it says where it will not start. */
function settings(program: string, env: Record<string, string>, ...args: string[]) {
  const { stdout, stderr, status } = spawnSync(
    program,
    ['-c', companionFile, '--print-config', ...args, 'companion_app:wsgi'],
    {
      cwd: import.meta.dirname,
      env: { PATH: '/usr/bin:/bin', PYTHONDONTWRITEBYTECODE: '1', ...env },
      encoding: 'utf8',
    },
  )
  const at = (name: string): string | undefined => new RegExp(`^${name}\\s*= (.*)$`, 'm').exec(stdout)?.[1]
  return { at, stderr, status }
}

/** Answers have come to each of these, in order. */
async function get(t: TestContext, address: string, ...targets: string[]): Promise<void> {
  for (const target of targets) await ask(t, address, target)
}

for (const { name, program } of gunicorns.length > 0 ? gunicorns : [{ name: 'gunicorn', program: '' }]) {
  test(`${name}: settings come from the environment, and the command line wins`, { skip }, () => {
    const plain = settings(program, {})
    assert.equal(plain.status, 0, plain.stderr)
    assert.deepEqual(['bind', 'workers', 'timeout', 'graceful_timeout', 'preload_app'].map(plain.at), [
      "['127.0.0.1:8000']",
      '4',
      '30',
      '30',
      'False',
    ])
    const given = settings(program, { PORT: '9000', WEB_CONCURRENCY: '7', GUNICORN_TIMEOUT: '90' }, '-w', '3')
    assert.deepEqual(['bind', 'workers', 'timeout'].map(given.at), ["['127.0.0.1:9000']", '3', '90'])
    const wrong = settings(program, { GUNICORN_TIMEOUT: '30s' })
    assert.equal(wrong.status, 1)
    assert.equal(wrong.stderr, "$GUNICORN_TIMEOUT is '30s': it must be a whole number, 0 or more\n")
  })

  test(`${name}: nothing of the file is taken for a setting by mistake`, { skip }, t => {
    const config = join(temporaryFolder(t), 'names.py')
    writeFileSync(
      config,
      `
import runpy, sys
from gunicorn.config import KNOWN_SETTINGS
names = set(runpy.run_path("${companionFile}")) & {setting.name for setting in KNOWN_SETTINGS}
print(" ".join(sorted(names)))
sys.exit()`,
    )
    const { stdout, stderr } = spawnSync(program, ['-c', config, 'a:b'], { encoding: 'utf8' })
    const set = stdout
      .trim()
      .split(' ')
      .filter(setting => !/^(control_socket|worker_tmp_dir)$/.test(setting))
    const hooks =
      'child_exit on_exit post_fork post_request post_worker_init pre_fork pre_request worker_abort worker_int'
    const expected = `${hooks} bind graceful_timeout logconfig_dict preload_app timeout workers`
    assert.deepEqual(set, expected.split(' ').sort(), stderr)
  })

  test(`${name}: requests are lines of JSON on standard output, but for health checks that pass`, {
    skip,
  }, async t => {
    const gunicorn = await startCompanion(t, { program })
    await get(t, gunicorn.address, '/healthz', '/up?from=probe', '/health', '/a?token=secret')
    await gunicorn.find(/answered/)
    await gunicorn.stop()
    const lines = gunicorn.all(/^answered$/)
    assert.deepEqual(
      lines.map(({ stream, method, url, status_code }) => [stream, method, url, status_code]),
      [
        ['stdout', 'GET', '/health', 503],
        ['stdout', 'GET', '/a', 200],
      ],
    )
    assert.equal(typeof lines[0]!.app_ms, 'number')
    assert.match(lines[0]!.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  test(`${name}: uvicorn's requests have the same form`, {
    skip: without('gunicorn', 'uvicorn'),
  }, async t => {
    const args = ['-k', 'uvicorn.workers.UvicornWorker']
    const gunicorn = await startCompanion(t, { program, app: 'companion_app:asgi', args })
    await get(t, gunicorn.address, '/healthz', '/a?token=secret')
    await gunicorn.stop()
    assert.deepEqual(
      gunicorn.all(/^answered$/).map(({ method, url, status_code }) => [method, url, status_code]),
      [['GET', '/a', 200]],
    )
  })

  test(`${name}: plain lines, no access log, and paths that cannot forge a line`, { skip }, async t => {
    const env = { GUNICORN_LOG_FORMAT: 'text' }
    const gunicorn = await startCompanion(t, { program, env })
    await get(t, gunicorn.address, '/a%0aforged')
    await gunicorn.stop()
    const said = gunicorn.log.entries.map(line => line.text)
    assert.ok(
      said.some(line => / \[INFO\] GET \/a%0aforged 200 \d+\.\d ms$/.test(line)),
      said.join('\n'),
    )
    const quiet = await startCompanion(t, { program, env: { GUNICORN_ACCESS_LOG: 'off' } })
    await get(t, quiet.address, '/a')
    await quiet.stop()
    assert.deepEqual(quiet.all(/answered/), [])
  })

  test(`${name}: a user who can write neither to home nor to the working folder`, {
    skip: skip || (root ? false : 'needs root, to be another user'),
  }, async t => {
    const folder = temporaryFolder(t)
    const [home, temporary] = [join(folder, 'home'), join(folder, 'tmp')]
    mkdirSync(home)
    mkdirSync(temporary)
    for (const path of [folder, home]) chmodSync(path, 0o755)
    chmodSync(temporary, 0o1777)
    for (const file of ['companion_app.py', 'gunicorn.conf.py']) {
      copyFileSync(
        file === 'companion_app.py' ? join(import.meta.dirname, file) : companionFile,
        join(home, file),
      )
    }
    // Somebody was there first, with a folder of the name that ours would have.
    mkdirSync(join(temporary, 'gunicorn-10001'))
    const env = { HOME: home, TMPDIR: temporary, PYTHONPATH: home }
    const config = join(home, 'gunicorn.conf.py')
    const gunicorn = await startCompanion(t, { program, config, cwd: home, uid: 10001, env })
    await get(t, gunicorn.address, '/a')
    if (/ 2[6-9]\./.test(gunicorn.all(/Starting gunicorn/)[0]!.msg)) {
      const { msg } = await gunicorn.find(/Control socket listening/)
      assert.match(msg, /\/gunicorn-10001\/gunicorn\.ctl$/)
      assert.ok(!msg.includes(folder), 'a folder of somebody else’s is not taken')
    }
    assert.equal(await gunicorn.stop(), 0)
    assert.deepEqual(
      gunicorn.log.entries.filter(line => line.stream === 'stderr'),
      [],
    )
  })

  test(`${name}: an app that never loads ends the first start, and says where it was`, { skip }, async t => {
    const app = 'companion_slow:wsgi'
    const env = { GUNICORN_STARTUP_TIMEOUT: '1', GUNICORN_TIMEOUT: '60' }
    const gunicorn = await startCompanion(t, { program, app, env, failing: true })
    const line = await gunicorn.find(/did not load the app within 1 s/)
    assert.match(line.stack, /connects_forever/)
    assert.equal(await gunicorn.exited, 3)
  })

  test(`${name}: a load that hangs inside a C library is ended too, and told of`, { skip }, async t => {
    const env = { GUNICORN_STARTUP_TIMEOUT: '1', GUNICORN_TIMEOUT: '60', SLOW: 'in-c' }
    const gunicorn = await startCompanion(t, { program, app: 'companion_slow:wsgi', env, failing: true })
    const line = await gunicorn.find(/ended without a word/)
    assert.match(line.msg, /It was starting: loading the app\./)
    assert.match(line.stack, /in forever_in_c/)
  })

  test(`${name}: beside a configuration with hooks of its own, both run`, { skip }, async t => {
    const folder = temporaryFolder(t)
    copyFileSync(companionFile, join(folder, 'companion.py'))
    writeFileSync(
      join(folder, 'gunicorn.conf.py'),
      `
from companion import *
workers, timeout = 1, 2

def worker_abort(worker):
    worker.log.warning("their worker_abort")

def pre_request(worker, req):
    worker.log.info("their pre_request %s", req.path)

def post_request(worker, req, environ):
    worker.log.info("their post_request %s", environ["PATH_INFO"])
    if "raise" in req.path:
        raise ValueError("theirs")

def when_ready(server):
    with starting("the cache"):
        server.log.info("their when_ready")

def post_fork(server, worker):
    try:
        with starting("the database", seconds=0.2):
            __import__("time").sleep(60)
    except StartupTimeout as error:
        worker.log.info("their post_fork: %s", error)

chain(globals())
`,
    )
    const gunicorn = await startCompanion(t, {
      program,
      config: join(folder, 'gunicorn.conf.py'),
      env: { PYTHONPATH: `${folder}:${import.meta.dirname}` },
    })
    await gunicorn.find(/their when_ready/)
    await gunicorn.find(/their post_fork: the database took longer than 0\.2 s/)
    await get(t, gunicorn.address, '/raise')
    await gunicorn.find(/their post_request \/raise/)
    ;(await connectRaw(t, gunicorn.address)).request('GET', '/hang')
    const ours = await gunicorn.find(/is stopped by SIGABRT/)
    await gunicorn.find(/their worker_abort/)
    assert.deepEqual(
      ours.requests.map(({ url }: { url: string }) => url),
      ['/hang'],
      'the one before is over',
    )
    assert.equal(gunicorn.all(/their pre_request/).length, 2)
  })

  test(`${name}: a worker is told to have died for want of memory where the kernel counts such deaths`, {
    skip,
  }, async t => {
    const folder = temporaryFolder(t)
    const events = join(folder, 'memory.events')
    writeFileSync(events, 'max 12\noom 0\noom_kill 3\n')
    copyFileSync(companionFile, join(folder, 'companion.py'))
    const config = join(folder, 'gunicorn.conf.py')
    writeFileSync(
      config,
      `import companion\nfrom companion import *\ncompanion.MEMORY_EVENTS[:] = ["${events}"]\nchain(globals())\n`,
    )
    const env = { PYTHONPATH: `${folder}:${import.meta.dirname}` }
    const gunicorn = await startCompanion(t, { program, config, env })
    await ask(t, gunicorn.address, '/')
    writeFileSync(events, 'max 13\noom 1\noom_kill 4\n')
    ;(await connectRaw(t, gunicorn.address)).request('GET', '/killed')
    await gunicorn.find(/The kernel killed it.*for want of memory\. It was in GET \/killed/)
    await gunicorn.log.until(() => gunicorn.all(/Booting worker/).length === 2, 'the next worker')
    await ask(t, gunicorn.address, '/')
    ;(await connectRaw(t, gunicorn.address)).request('GET', '/killed')
    await gunicorn.find(/It was killed \(SIGKILL\), crashed/)
  })

  test(`${name}: a hook of theirs that hangs at the start is ended after 5 s`, { skip }, async t => {
    const folder = temporaryFolder(t)
    copyFileSync(companionFile, join(folder, 'companion.py'))
    const hook = 'def on_starting(server):\n    __import__("time").sleep(60)\n'
    writeFileSync(join(folder, 'gunicorn.conf.py'), `from companion import *\n${hook}\nchain(globals())\n`)
    const config = join(folder, 'gunicorn.conf.py')
    const gunicorn = await startCompanion(t, {
      program,
      config,
      env: { PYTHONPATH: `${folder}:${import.meta.dirname}` },
      failing: true,
    })
    await gunicorn.find(/StartupTimeout: the on_starting hook took longer than 5 s at the start/)
    assert.notEqual(await gunicorn.exited, 0)
  })
}
