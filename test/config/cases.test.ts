// The golden cases in cases/*.txt: `argv:` and `env:` lines, a line of dashes, then the settings that must come
// out (as JSON, any part of them) or the problems, line by line.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readArguments } from '../../src/cli/arguments.ts'
import { splitWords } from '../../src/config/gunicorn.ts'
import { describeProblem } from '../../src/config/reading.ts'
import { resolveConfig } from '../../src/config/resolve.ts'

const folder = new URL('cases/', import.meta.url)
const files = readdirSync(folder).filter(name => name.endsWith('.txt'))

test('there are cases', () => assert.ok(files.length > 20, `only ${files.length} files in cases/`))

for (const file of files) {
  test(file, async () => {
    const [input = '', expected = ''] = readFileSync(new URL(file, folder), 'utf8').split(/^-{3,}\n/m)
    const { argv, env } = readInput(input)
    const { flags, command } = readArguments(argv)
    const result = resolveConfig({ flags, env, command })
    if (expected.trimStart().startsWith('{')) {
      assert.ok('config' in result, `no settings came out, but problems:\n${lines(result)}`)
      const wanted = JSON.parse(expected) as Record<string, unknown>
      const found = Object.fromEntries(Object.keys(wanted).map(key => [key, result.config[key as 'listen']]))
      assert.deepEqual(found, wanted)
    } else {
      assert.equal(lines(result), expected.trim())
    }
  })
}

function lines(result: ReturnType<typeof resolveConfig>): string {
  return 'config' in result ? 'no problems' : result.problems.map(describeProblem).join('\n')
}

function readInput(input: string): { argv: string[]; env: Record<string, string> } {
  const argv: string[] = []
  const env: Record<string, string> = {}
  for (const line of input.split('\n')) {
    const [, kind, rest = ''] = /^(argv|env|#)[: ]\s*(.*)$/.exec(line) ?? []
    if (kind === 'argv') argv.push(...splitWords(rest))
    else if (kind === 'env') {
      const equals = rest.indexOf('=')
      env[rest.slice(0, equals)] = rest.slice(equals + 1)
    } else if (kind !== '#' && line.trim() !== '')
      throw new Error(`a case cannot say ${JSON.stringify(line)}`)
  }
  return { argv, env }
}
