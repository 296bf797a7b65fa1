import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'

/** MB of the young generation of a process that makes 100 MB of objects, a tenth of which live for a while. */
function grown(prepare: string, ...flags: string[]): number {
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8'
    ${prepare}
    let kept = []
    for (let round = 0; round < 40; round++) kept = Array.from({ length: 20_000 }, (_, i) => ({ i, more: [i] }))
    const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
    console.log(kept.length === 20_000 ? space.space_size / 2 ** 20 : 'nothing')`
  const env = { ...process.env, NODE_OPTIONS: '' }
  return Number(execFileSync(process.execPath, [...flags, '--input-type=module', '-e', program], { env }))
}

const module = new URL('../../src/cli/young-generation.ts', import.meta.url).href
const keepSmall = `import { keepYoungGenerationSmall } from '${module}'\nkeepYoungGenerationSmall()`

test('the young generation stays small, where it would grow otherwise', () => {
  const [free, small] = [grown(''), grown(keepSmall)]
  assert.ok(small <= 8, `${small} MB`)
  assert.ok(free > 8, `it stays at ${free} MB by itself: then there is nothing to be done any more`)
})

test('a size that Node was told is left as it was told', () => {
  const told = grown(keepSmall, '--max-semi-space-size=16')
  assert.ok(told > 8, `${told} MB`)
})

/** What V8 says of where to make literals that live for a while. */
function decided(prepare: string, ...flags: string[]): string {
  // Before it Node reads the program, TypeScript and all: that is not asked for.
  const program = `
    import { setFlagsFromString } from 'node:v8'
    ${prepare}
    setFlagsFromString('--trace-pretenuring-statistics')
    const make = i => [i, { i }]
    let kept
    for (let round = 0; round < 20; round++) {
      kept = []
      for (let i = 0; i < 60_000; i++) kept.push(make(i))
    }`
  const env = { ...process.env, NODE_OPTIONS: '' }
  // Not by -e: what is asked to be traced would be among what Node was told.
  const args = [...flags, '--input-type=module', '-']
  return execFileSync(process.execPath, args, { env, encoding: 'utf8', input: program })
}

const young = `import { beginYoung } from '${module}'\nbeginYoung()`

test('nothing is made in the old generation for having lived through a few collections', () => {
  assert.doesNotMatch(decided(young), /=> tenure/)
  // By itself V8 comes to it in most runs, not in all.
  const some = Array.from({ length: 10 }).some(() => /=> tenure/.test(decided('')))
  assert.ok(some, 'V8 does not either: then there is nothing to be done any more')
})
