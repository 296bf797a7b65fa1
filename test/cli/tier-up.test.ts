import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'

/** What V8 says of compiling while a function is called 300 times. */
function traced(prepare: string, ...flags: string[]): string {
  const program = `
    ${prepare}
    function oftenCalled(a, b) { return a.length + b }
    let sum = 0
    for (let call = 0; call < 300; call++) sum = oftenCalled('four', sum)`
  const env = { ...process.env, NODE_OPTIONS: '' }
  const args = ['--trace-opt', ...flags, '--input-type=module', '-e', program]
  return execFileSync(process.execPath, args, { env, encoding: 'utf8' })
}

const module = new URL('../../src/cli/tier-up.ts', import.meta.url).href
const early = `import { compileEarly } from '${module}'\ncompileEarly()`
const marked = /marking .*<JSFunction oftenCalled.* for optimization/

test('a function is compiled after fewer calls than V8 would wait for', () => {
  assert.match(traced(early), marked)
  assert.doesNotMatch(traced(''), marked, 'V8 does so by itself: then there is nothing to be done any more')
})

test('numbers that Node was told are left as they were told', () => {
  assert.doesNotMatch(traced(early, '--invocation-count-for-maglev=1000'), marked)
})
