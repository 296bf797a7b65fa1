import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Sink } from '../../src/observe/sink.ts'

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'sink-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

test('lines are in the file, in order, after close; late ones are counted', async t => {
  const file = join(folder(t), 'a.log')
  const sink = new Sink(file)
  const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}\n`)
  for (const line of lines) sink.write(line)
  await sink.close()
  assert.equal(readFileSync(file, 'utf8'), lines.join(''))
  assert.equal(statSync(file).mode & 0o777 & ~0o640, 0, 'not for everybody')
  sink.write('late\n')
  sink.flush()
  assert.equal(sink.dropped, 1)
  await sink.close()
})

test('an existing file is appended to', async t => {
  const file = join(folder(t), 'a.log')
  for (const line of ['first\n', 'second\n']) {
    const sink = new Sink(file)
    sink.write(line)
    await sink.close()
  }
  assert.equal(readFileSync(file, 'utf8'), 'first\nsecond\n')
})

test('what is flushed at once is in the file then, and a file after a rotation as well', async t => {
  const file = join(folder(t), 'a.log')
  const sink = new Sink(file, { atOnce: true, latin1: true })
  sink.write('a\xe9\n')
  assert.equal(readFileSync(file, 'latin1'), '')
  sink.flush()
  assert.equal(readFileSync(file, 'latin1'), 'a\xe9\n')
  renameSync(file, `${file}.1`)
  sink.reopen()
  sink.write('b\n')
  sink.flush()
  assert.equal(readFileSync(file, 'latin1'), 'b\n')
  await sink.close()
})

test('after reopen, lines go to a new file under the old name, and none is lost', async t => {
  const file = join(folder(t), 'a.log')
  const sink = new Sink(file)
  sink.write('before\n')
  renameSync(file, `${file}.1`)
  sink.reopen()
  sink.write('after\n')
  await sink.close()
  assert.equal(readFileSync(`${file}.1`, 'utf8'), 'before\n')
  assert.equal(readFileSync(file, 'utf8'), 'after\n')
})

test('a file that cannot be opened again is said so, and the old one stays in use', async t => {
  const inner = join(folder(t), 'inner')
  mkdirSync(inner)
  const file = join(inner, 'a.log')
  const sink = new Sink(file)
  renameSync(inner, `${inner}.old`)
  assert.throws(() => sink.reopen(), /ENOENT/)
  sink.write('still here\n')
  await sink.close()
  assert.equal(readFileSync(join(`${inner}.old`, 'a.log'), 'utf8'), 'still here\n')
})

test('a path that cannot be opened is refused at once', t => {
  assert.throws(() => new Sink(join(folder(t), 'missing', 'a.log')), /ENOENT/)
})

test('closing leaves no handler behind', async t => {
  const before = process.listenerCount('exit')
  const sink = new Sink(join(folder(t), 'a.log'))
  assert.equal(process.listenerCount('exit') > before, true)
  const own = process.rawListeners('exit')[0]
  await sink.close()
  assert.equal(process.rawListeners('exit').includes(own!), false)
})

const program = (body: string): string[] => [
  '--input-type=module-typescript',
  '-e',
  `import { Sink } from ${JSON.stringify(new URL('../../src/observe/sink.ts', import.meta.url).href)}\n${body}`,
]

test('what waits is written when the process exits or crashes', async t => {
  for (const end of ['process.exit(0)', 'throw new Error("crash")', 'process.exitCode = 0']) {
    const child = spawn(
      process.execPath,
      program(`const s = new Sink(1); s.write('the last line\\n'); ${end}`),
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    t.after(() => child.kill())
    let out = ''
    child.stdout.setEncoding('utf8').on('data', piece => (out += piece))
    await once(child, 'close')
    assert.equal(out, 'the last line\n', end)
  }
})

test('a reader that never reads neither stalls the writer nor fills its memory', async t => {
  const body = `
    const s = new Sink(1)
    const line = 'x'.repeat(999) + '\\n'
    for (let i = 0; i < 20000; i++) s.write(line)
    s.flush()
    process.stderr.write(String(s.dropped) + '\\n')
    process.kill(process.pid, 'SIGKILL')`
  const child = spawn(process.execPath, program(body), { stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  let told = ''
  child.stderr.setEncoding('utf8').on('data', piece => (told += piece))
  child.stdout.pause()
  await once(child, 'exit')
  const dropped = Number(told)
  assert.ok(dropped > 15_000 && dropped < 20_000, `dropped ${told}`)
})

test('a reader that has gone is no reason to stop', async t => {
  const body = `
    const s = new Sink(1)
    process.stdin.once('data', async () => {
      for (let i = 0; i < 50; i++) { s.write('y'.repeat(20000) + '\\n'); await new Promise(r => setImmediate(r)) }
      await s.close()
      process.exit(7)
    })
    process.stderr.write('ready\\n')`
  const child = spawn(process.execPath, program(body), { stdio: ['pipe', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  let told = ''
  child.stderr.setEncoding('utf8').on('data', piece => (told += piece))
  await once(child.stderr, 'data')
  child.stdout.destroy()
  child.stdin.write('go\n')
  const [code] = (await once(child, 'exit')) as [number]
  assert.equal(code, 7, told)
  assert.match(told, /the log cannot be written: .*EPIPE/)
})
