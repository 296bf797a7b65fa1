import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { NamedLogs } from '../../src/observe/named-logs.ts'
import { temporaryFolder } from '../support/owner.ts'

function rig(t: TestContext) {
  const problems: string[] = []
  const logs = new NamedLogs({ problem: (level, message) => void problems.push(`${level}: ${message}`) })
  t.after(() => logs.close())
  return { logs, problems, folder: temporaryFolder(t) }
}

test('lines of a name keep their order, and a rotation needs no signal', async t => {
  const { logs, folder } = rig(t)
  const path = join(folder, 'a.log')
  for (let at = 0; at < 50; at++) logs.write(path, null, `${at}\xe9\n`)
  logs.write(join(folder, 'b.log'), null, 'b\n')
  await logs.close()
  assert.equal(readFileSync(path, 'latin1'), Array.from({ length: 50 }, (_, at) => `${at}\xe9\n`).join(''))
  assert.equal(readFileSync(join(folder, 'b.log'), 'latin1'), 'b\n')
  renameSync(path, `${path}.1`)
  logs.write(path, null, 'new\n')
  await logs.close()
  assert.equal(readFileSync(path, 'latin1'), 'new\n')
})

test('nothing is written where the root is no folder', async t => {
  const { logs, problems, folder } = rig(t)
  mkdirSync(join(folder, 'root'))
  logs.write(join(folder, 'a.log'), join(folder, 'root'), 'a\n')
  logs.write(join(folder, 'b.log'), join(folder, 'none'), 'b\n')
  await logs.close()
  assert.ok(existsSync(join(folder, 'a.log')))
  assert.ok(!existsSync(join(folder, 'b.log')))
  assert.match(problems[0]!, /^error: testing ".*none" existence failed \(ENOENT/)
})

test('a name does not lead out of its folder', async t => {
  const { logs, problems, folder } = rig(t)
  logs.write(`${folder}/x/../../etc.log`, null, 'a\n')
  logs.write(`${folder}/x\0.log`, null, 'a\n')
  await logs.close()
  assert.equal(problems.length, 2)
  assert.match(problems[0]!, /^error: the name of a log was refused: /)
})

test('what cannot be written is said, and lines beyond what may wait are dropped', async t => {
  const { logs, problems, folder } = rig(t)
  logs.write(join(folder, 'none', 'a.log'), null, 'a\n')
  await logs.close()
  assert.match(problems[0]!, /^crit: open\(\) ".*none\/a\.log" failed \(ENOENT/)
  for (let at = 0; at < 5; at++) logs.write(join(folder, 'big.log'), null, 'x'.repeat(1024 ** 2))
  assert.equal(logs.dropped, 1)
})
