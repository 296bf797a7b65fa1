import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCondition } from '../../../src/config/nginx/condition.ts'
import { Lexer } from '../../../src/config/nginx/lexer.ts'
import type { Reading } from '../../../src/config/nginx/table.ts'
import { checkedByNginx } from '../../support/nginx.ts'
import { without } from '../../support/servers.ts'

const skip = without('nginx')
const at = { file: 'x', line: 1 }

/** The condition of a line that ends before its brace; or the problem, as a text. */
function read(line: string): unknown {
  const token = new Lexer('x', `${line} {`).next()
  assert.ok('words' in token)
  const problems: string[] = []
  const reading = { problem: (message: string) => problems.push(message) } as unknown as Reading
  const condition = readCondition({ name: 'if', args: token.words.slice(1), at, block: [] }, reading)
  assert.equal(problems.length, condition === null ? 1 : 0)
  return condition ?? problems[0]
}

const $ = (text: string) => ({ text, at })

test('all of the word is the name, as in "go get" from a host of modules', () => {
  const value = { ...$('$arg_go-get'), whole: true }
  assert.deepEqual(read('if ($arg_go-get)'), { kind: 'true', value })
  assert.deepEqual(read('if ($arg_go-get = 1)'), { kind: 'equal', value, other: $('1'), negated: false })
})

test('a variable alone, compared, matched', () => {
  assert.deepEqual(read('if ($a)'), { kind: 'true', value: $('$a') })
  assert.deepEqual(read('if ( $a )'), { kind: 'true', value: $('$a') })
  assert.deepEqual(read('if ($a = b)'), { kind: 'equal', value: $('$a'), other: $('b'), negated: false })
  assert.deepEqual(read('if ($a != "b c")'), {
    kind: 'equal',
    value: $('$a'),
    other: $('b c'),
    negated: true,
  })
  assert.deepEqual(read('if ($a = "")'), { kind: 'equal', value: $('$a'), other: $(''), negated: false })
  assert.deepEqual(read('if ($a ~ ^(b|c)$)'), {
    kind: 'match',
    value: $('$a'),
    pattern: '^(b|c)$',
    caseless: false,
    negated: false,
  })
  for (const [operator, caseless, negated] of [
    ['~*', true, false],
    ['!~', false, true],
    ['!~*', true, true],
  ] as const) {
    assert.deepEqual(read(`if ($a ${operator} "x y")`), {
      kind: 'match',
      value: $('$a'),
      pattern: 'x y',
      caseless,
      negated,
    })
  }
})

test('files', () => {
  assert.deepEqual(read('if (-f $a)'), { kind: 'file', value: $('$a'), negated: false })
  assert.deepEqual(read('if (!-d /a/$b)'), { kind: 'directory', value: $('/a/$b'), negated: true })
  assert.deepEqual(read('if (-e x)'), { kind: 'exists', value: $('x'), negated: false })
  assert.deepEqual(read('if (!-x x )'), { kind: 'executable', value: $('x'), negated: true })
})

const WRONG = [
  'if $a',
  'if ($a',
  'if $a)',
  'if ()',
  'if ( )',
  'if (',
  'if (a)',
  'if (a = b)',
  'if ($)',
  'if ($host =)',
  'if ($host b)',
  'if ($host == b)',
  'if ($host = b c)',
  'if ($host=b)',
  'if ($nothing_of_that_name)',
  'if (-f)',
  'if (-f a b)',
  'if (-q a)',
  'if (!-q a)',
  'if (!$host)',
  'if ("" = $host)',
]

const NOBODYS = ['host=b', 'nothing_of_that_name']

test('what is wrong, in the words of nginx', { skip }, t => {
  for (const line of WRONG) {
    const theirs = checkedByNginx(t, `server {\n${line} {}\n}`)
    // A name that nobody has set is found out once all is read.
    const name = NOBODYS.find(each => line === `if ($${each})`)
    const ours = name === undefined ? read(line) : `unknown "${name}" variable`
    assert.equal(ours, theirs, line)
  }
})
