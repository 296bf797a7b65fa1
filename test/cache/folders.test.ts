import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { checkCacheFolders } from '../../src/cache/folders.ts'

const at = { file: 'nginx.conf', line: 7 }

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'cache-folders-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

const messages = (...paths: string[]) =>
  checkCacheFolders(paths.map(path => ({ path, at }))).map(({ message, ...rest }) => {
    assert.deepEqual(rest, { level: 'emerg', at })
    return message.split(';')[0]
  })

test('a folder that is there, and one that can be made with those around it, are nothing to tell of, and are not made', t => {
  const folder = folderOf(t)
  assert.deepEqual(messages(folder, join(folder, 'a'), join(folder, 'a/b/c'), '/'), [])
  assert.equal(existsSync(join(folder, 'a')), false)
})

test('what is no folder, lies below none or has no name that can be is told', t => {
  const folder = folderOf(t)
  const file = join(folder, 'file')
  writeFileSync(file, '')
  symlinkSync('loop', join(folder, 'loop'))
  const long = join(folder, 'x'.repeat(300))
  assert.deepEqual(messages(file, `${file}/a`, `${file}/a/b`, `${folder}/loop/a`, long), [
    `opendir() "${file}" failed (20: Not a directory)`,
    `mkdir() "${file}/a" failed (20: Not a directory)`,
    `mkdir() "${file}/a/b" failed (20: Not a directory)`,
    `mkdir() "${folder}/loop/a" failed (40: Too many levels of symbolic links)`,
    `mkdir() "${long}" failed (36: File name too long)`,
  ])
})

test('what the user may not write is told', t => {
  const folder = folderOf(t)
  const shut = join(folder, 'shut')
  mkdirSync(shut)
  chmodSync(folder, 0o755)
  chmodSync(shut, 0o555)
  const program = `import { checkCacheFolders } from ${JSON.stringify(join(import.meta.dirname, '../../src/cache/folders.ts'))}
    if (process.getuid() === 0) process.setuid(65534)
    for (const path of process.argv.slice(1)) console.log(checkCacheFolders([{ path, at: null }])[0]?.message.split(';')[0])`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program, shut, `${shut}/a`, `${shut}/a/b`],
    { encoding: 'utf8' },
  )
  assert.deepEqual(
    stdout.trim().split('\n'),
    [
      `opendir() "${shut}" failed (13: Permission denied)`,
      `mkdir() "${shut}/a" failed (13: Permission denied)`,
      `mkdir() "${shut}/a/b" failed (13: Permission denied)`,
    ],
    stderr,
  )
})
