import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { NamedLogs } from '../../src/observe/named-logs.ts'
import { temporaryFolder } from '../support/owner.ts'

function rig(t: TestContext) {
  const problems: string[] = []
  const clock = { ms: 1000 }
  const logs = new NamedLogs({
    problem: (level, message) => void problems.push(`${level}: ${message}`),
    now: () => clock.ms,
  })
  t.after(() => logs.close())
  const folder = temporaryFolder(t)
  return { logs, problems, clock, folder, read: (name: string) => readFileSync(join(folder, name), 'latin1') }
}

/** The same with a folder `logs` that is kept open; `write` has the line in its file, or not, when it returns. */
function keeping(
  t: TestContext,
  terms: { max?: number; inactive?: number; minUses?: number; valid?: number },
) {
  const made = rig(t)
  const cache = { max: 10, inactive: 10_000, minUses: 1, valid: 60_000, ...terms }
  mkdirSync(join(made.folder, 'logs'))
  return {
    ...made,
    write(name: string, line: string) {
      made.logs.write(join(made.folder, 'logs', name), null, `${line}\n`, cache)
      made.logs.flush()
    },
    /** Whatever is not open already is not found any more. */
    moveAway: () => renameSync(join(made.folder, 'logs'), join(made.folder, 'moved')),
  }
}

test('lines of a name keep their order, and a rotation needs no signal', t => {
  const { logs, folder, read } = rig(t)
  const path = join(folder, 'a.log')
  for (let at = 0; at < 50; at++) logs.write(path, null, `${at}\xe9\n`, null)
  logs.write(join(folder, 'b.log'), null, 'b\n', null)
  logs.flush()
  assert.equal(read('a.log'), Array.from({ length: 50 }, (_, at) => `${at}\xe9\n`).join(''))
  assert.equal(read('b.log'), 'b\n')
  renameSync(path, `${path}.1`)
  logs.write(path, null, 'new\n', null)
  logs.flush()
  assert.equal(read('a.log'), 'new\n')
})

test('lines are written when the turn of the event loop is over, and many of them before', async t => {
  const { logs, folder, read } = rig(t)
  const path = join(folder, 'a.log')
  logs.write(path, null, 'a\n', null)
  assert.ok(!existsSync(path))
  await new Promise(setImmediate)
  assert.equal(read('a.log'), 'a\n')
  logs.write(path, null, `${'x'.repeat(1024 ** 2)}\n`, null)
  assert.equal(read('a.log').length, 2 + 1024 ** 2 + 1)
})

test('nothing is written where the root is no folder', t => {
  const { logs, problems, folder } = rig(t)
  mkdirSync(join(folder, 'root'))
  logs.write(join(folder, 'a.log'), join(folder, 'root'), 'a\n', null)
  logs.write(join(folder, 'a.log'), join(folder, 'none'), 'a\n', null)
  logs.write(join(folder, 'b.log'), join(folder, 'a.log'), 'b\n', null)
  logs.flush()
  assert.equal(readFileSync(join(folder, 'a.log'), 'latin1'), 'a\n')
  assert.ok(!existsSync(join(folder, 'b.log')))
  assert.match(problems[0]!, /^error: testing ".*none" existence failed \(2: No such file or directory\)$/)
  assert.match(problems[1]!, /^error: testing ".*a.log" existence failed \(20: Not a directory\)$/)
})

test('a name does not lead out of its folder', t => {
  const { logs, problems, folder } = rig(t)
  logs.write(`${folder}/x/../../etc.log`, null, 'a\n', null)
  logs.write(`${folder}/x\0.log`, null, 'a\n', null)
  logs.flush()
  assert.equal(problems.length, 2)
  assert.match(problems[0]!, /^error: the name of a log was refused: /)
})

test('what cannot be written is said, and a pipe that nobody reads stalls nobody', t => {
  const { logs, problems, folder } = rig(t)
  logs.write(join(folder, 'none', 'a.log'), null, 'a\n', null)
  execFileSync('mkfifo', [join(folder, 'pipe')])
  logs.write(join(folder, 'pipe'), null, 'a\n', null)
  logs.flush()
  assert.match(problems[0]!, /^crit: open\(\) ".*none\/a\.log" failed \(2: No such file or directory\)$/)
  assert.match(problems[1]!, /^crit: open\(\) ".*pipe" failed \(6: No such device or address\)$/)
})

test('a file that is kept open is written to wherever it has gone, and anew after a rotation', t => {
  const { write, moveAway, logs, read, folder, problems } = keeping(t, {})
  write('a.log', '1')
  moveAway()
  write('a.log', '2')
  assert.equal(read('moved/a.log'), '1\n2\n')
  mkdirSync(join(folder, 'logs'))
  logs.reopen()
  write('a.log', '3')
  assert.equal(read('logs/a.log'), '3\n')
  assert.deepEqual(problems, [])
})

test('whether the name still leads to it is looked at when its time is over', t => {
  const { write, moveAway, clock, read, folder } = keeping(t, { valid: 5000 })
  write('a.log', '1')
  clock.ms += 5000
  write('a.log', '2')
  moveAway()
  mkdirSync(join(folder, 'logs'))
  clock.ms += 4999
  write('a.log', '3')
  clock.ms++
  write('a.log', '4')
  assert.equal(read('moved/a.log'), '1\n2\n3\n')
  assert.equal(read('logs/a.log'), '4\n')
})

test('one whose name cannot be looked at any more is closed', t => {
  const { write, moveAway, clock, folder, problems } = keeping(t, { valid: 5000 })
  const isOpen = () => readdirSync('/proc/self/fd').some(fd => leadsTo(fd) === join(folder, 'moved', 'a.log'))
  write('a.log', '1')
  moveAway()
  assert.equal(isOpen(), true)
  symlinkSync('logs', join(folder, 'logs'))
  clock.ms += 5000
  write('a.log', '2')
  assert.match(problems.join('\n'), /^crit: open\(\) ".*a\.log" failed \(40: [^\n]*$/)
  assert.equal(isOpen(), false)
})

/** Empty: it has been closed meanwhile. */
function leadsTo(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}

test('only what is used often enough stays open', t => {
  const { write, moveAway, read, problems } = keeping(t, { minUses: 2 })
  for (const name of ['often.log', 'often.log', 'once.log']) write(name, name)
  moveAway()
  for (const name of ['often.log', 'once.log']) write(name, name)
  assert.equal(read('moved/often.log').split('\n').length, 4)
  assert.equal(read('moved/once.log').split('\n').length, 2)
  assert.equal(problems.length, 1)
})

test('the one that was used longest ago makes room for another', t => {
  const { write, moveAway, read } = keeping(t, { max: 2 })
  for (const name of ['a.log', 'b.log', 'a.log', 'c.log']) write(name, '1')
  moveAway()
  for (const name of ['a.log', 'c.log', 'b.log']) write(name, '2')
  assert.deepEqual(
    [read('moved/a.log'), read('moved/b.log'), read('moved/c.log')],
    ['1\n1\n2\n', '1\n', '1\n2\n'],
  )
})

test('what has been idle for too long is closed when another one is used', t => {
  const { write, moveAway, clock, read, problems } = keeping(t, { inactive: 5000 })
  write('a.log', '1')
  clock.ms += 5000
  write('b.log', '1')
  clock.ms++
  write('b.log', '2')
  moveAway()
  for (const name of ['a.log', 'b.log']) write(name, '3')
  assert.equal(read('moved/a.log'), '1\n')
  assert.equal(read('moved/b.log'), '1\n2\n3\n')
  assert.match(problems.join('\n'), /^crit: open\(\) ".*a\.log" failed \(2: [^\n]*$/)
})
