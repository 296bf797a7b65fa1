import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { LogFiles } from '../../src/observe/log-files.ts'
import { direct } from '../../src/observe/sink.ts'
import { temporaryFolder } from '../support/owner.ts'

function rig(t: TestContext) {
  const [out, err, warnings]: [string[], string[], string[]] = [[], [], []]
  const to = (lines: string[]) => direct({ write: text => void lines.push(text) })
  const files = new LogFiles({
    warn: message => void warnings.push(message),
    stdout: to(out),
    stderr: to(err),
  })
  t.after(() => files.close())
  return { files, out, err, warnings, folder: temporaryFolder(t) }
}

test('a file is opened once, its lines go out after the turn, byte for byte', async t => {
  const { files, folder } = rig(t)
  const path = join(folder, 'a.log')
  assert.equal(files.file(path, 1), files.file(path, 1))
  files.write(files.file(path, 1), 'a\xe9\n')
  files.write(files.file(path, 1), 'b\n')
  await files.close()
  assert.equal(readFileSync(path, 'latin1'), 'a\xe9\nb\n')
})

test('what cannot be opened goes to a standard stream, and is said once', t => {
  const { files, out, err, warnings, folder } = rig(t)
  const path = join(folder, 'none', 'a.log')
  files.write(files.file(path, 1), 'a\n')
  files.write(files.file(path, 1), 'b\n')
  files.write(files.file(join(folder, 'none', 'e.log'), 2), 'c\n')
  assert.deepEqual([out, err], [['a\n', 'b\n'], ['c\n']])
  assert.equal(warnings.length, 2)
  assert.match(warnings[0]!, /^the log ".*a\.log" cannot be written, its lines go to standard output: ENOENT/)
})

test('the standard streams have names', t => {
  const { files, out, err } = rig(t)
  files.write(files.file('/dev/stdout', 1), 'a\n')
  files.write(files.file('/dev/stderr', 1), 'b\n')
  assert.deepEqual([out, err], [['a\n'], ['b\n']])
})

test('after a rotation lines go to the new file; what cannot be had again stays', async t => {
  const { files, warnings, folder } = rig(t)
  const [path, inner] = [join(folder, 'a.log'), join(folder, 'in')]
  mkdirSync(inner)
  const lost = join(inner, 'b.log')
  files.write(files.file(path, 1), 'before\n')
  files.write(files.file(lost, 1), 'before\n')
  files.flush()
  renameSync(path, `${path}.1`)
  renameSync(inner, `${inner}.old`)
  writeFileSync(inner, '')
  files.reopen()
  files.write(files.file(path, 1), 'after\n')
  files.write(files.file(lost, 1), 'after\n')
  await files.close()
  assert.equal(readFileSync(`${path}.1`, 'utf8'), 'before\n')
  assert.equal(readFileSync(path, 'utf8'), 'after\n')
  assert.equal(readFileSync(join(`${inner}.old`, 'b.log'), 'utf8'), 'before\nafter\n')
  assert.match(warnings[0]!, /b\.log" cannot be opened again and stays as it is/)
})
