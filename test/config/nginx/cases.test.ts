// The golden cases in cases/*.txt, some to a file: what stands in `http` (or a whole file), a line of dashes, and what must
// come of it: problems and warnings as `level: message :line`, or parts of the site as JSON, by their paths. Cases are parted by a line of `=`.
// Where nginx is installed, a first problem is held against nginx's own, unless the case says `# not nginx's`.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { checkScripts } from '../../../src/script/check-scripts.ts'
import { temporaryFolder } from '../../support/owner.ts'
import { findProgram } from '../../support/servers.ts'
import { read } from './reading.ts'

const folder = new URL('cases/', import.meta.url)
const files = readdirSync(folder).filter(name => name.endsWith('.txt'))
const nginx = findProgram('nginx')

test('there are cases', () => assert.ok(files.length > 25, `only ${files.length} files in cases/`))

for (const file of files) {
  const cases = readFileSync(new URL(file, folder), 'latin1').split(/^={3,}\n/m)
  test(file, t => {
    for (const [input = '', expected = ''] of cases.map(text => text.split(/^-{3,}\n/m))) {
      const whole = /^\s*(?:http|events|stream)\b/m.test(input)
      const text = whole ? input : `events {} http { ${input}\n}`
      const { site, remarks } = read(t, text)
      const all = site === null ? remarks : [...remarks, ...checkScripts(site)]
      const said = all
        .filter(({ level }) => level !== 'notice' || expected.includes('notice: '))
        .map(({ level, message, at }) => `${level}: ${message} :${at?.line ?? 0}`)
      if (expected.trimStart().startsWith('{')) {
        assert.deepEqual(said, [], input)
        const wanted = JSON.parse(expected) as Record<string, unknown>
        const found = Object.fromEntries(Object.keys(wanted).map(path => [path, plain(partOf(site, path))]))
        assert.deepEqual(found, wanted, input)
      } else {
        assert.equal(said.join('\n'), expected.trim(), input)
        if (nginx !== null && !input.includes("# not nginx's"))
          sameAsNginx(t, nginx, text, said.find(line => !line.startsWith('notice')) ?? '')
      }
    }
  })
}

function sameAsNginx(t: TestContext, program: string, text: string, ours: string): void {
  const folder = temporaryFolder(t)
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, text, 'latin1')
  const globals = `pid ${folder}/pid;`
  const words = ['-t', '-p', folder, '-c', file, '-e', join(folder, 'error.log'), '-g', globals]
  const { stderr } = spawnSync(program, words, { encoding: 'latin1' })
  const first = /\[(emerg|warn)\] (.*?)(?: in \S+:(\d+))?$/m.exec(stderr)
  const theirs =
    first === null ? '' : `${first[1]}: ${first[2]}${first[3] === undefined ? '' : ` :${first[3]}`}`
  // Some of its messages do not say where.
  const told = first !== null && first[3] === undefined ? ours.replace(/ :\d+$/, '') : ours
  assert.equal(told, theirs, text)
}

/** `servers.0.settings.maxBody`. */
function partOf(site: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((part, name) => (part as Record<string, unknown>)?.[name], site)
}

/** Without places, and a text with variables as its text. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const { at: _, ...rest } = value as Record<string, unknown>
  if (Object.keys(rest).join() === 'text') return rest.text
  return Object.fromEntries(Object.entries(rest).map(([name, each]) => [name, plain(each)]))
}
